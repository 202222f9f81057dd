"""The public pages of a host, with the programs that people have: curl, wget, aria2, libtorrent, Python's zipfile."""

import base64
import hashlib
import html
import io
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.parse
import zipfile

from support import contents, lt
from support.bencode import decode_prefix, encode
from support.case import InteropCase, eventually, need_program
from support.external import aria2, free_port, start
from support.web import WebHost, curl, curl_bytes, field, headers, quote


class WebCase(InteropCase):
    def setUp(self):
        need_program("curl")
        super().setUp()
        self.host = WebHost(self)

    def make_file(self, name="läng & breit.bin", size=3_000_017):
        return contents.make_file(self.dir("source") / name, size)

    def make_tree(self, name="Bäume"):
        return contents.make_tree(self.dir("source") / name)


class Downloads(WebCase):
    def setUp(self):
        super().setUp()
        self.file = self.make_file()
        self.bytes = self.file.read_bytes()
        self.url = self.host.url("s", self.host.share(self.file))

    def test_whole_file_head_and_digest(self):
        status, fields = headers("-I", self.url)
        self.assertEqual(status, 200)
        self.assertEqual(field(fields, "content-length"), str(len(self.bytes)))
        self.assertRegex(field(fields, "etag"), '^"[0-9a-f]{64}"$')
        self.assertEqual(curl_bytes(self.url), (0, self.bytes))
        expected = "sha-256=:" + base64.b64encode(hashlib.sha256(self.bytes).digest()).decode() + ":"
        self.assertTrue(eventually(lambda: field(headers("-I", self.url)[1], "repr-digest") == expected, timeout=10))
        links = [value for name, value in headers("-I", self.url)[1] if name == "link"]
        self.assertTrue(all(link.count("<") == 1 for link in links))
        self.assertTrue(any("describedby" in link and "bittorrent" in link for link in links), links)

    def test_ranges(self):
        size = len(self.bytes)
        for given, start, end in [
            ("0-0", 0, 1), ("1000-1999", 1000, 2000), (f"{size - 1}-", size - 1, size), ("-5", size - 5, size),
            ("70000-2000000", 70_000, 2_000_001), (f"5-{10**15}", 5, size), (f"-{10**15}", 0, size),
        ]:
            with self.subTest(given):
                self.assertEqual(curl_bytes("-r", given, self.url), (0, self.bytes[start:end]))
        for given in (f"bytes={size}-", f"bytes={10**17}-{10**17}"):
            self.assertEqual(headers("-H", f"Range: {given}", self.url)[0], 416, given)
        for given in ("bytes=9-1", "bytes=a-b", "lines=1-2", "bytes=" + ",".join("0-0" for _ in range(100)),
                      "bytes=99999999999999999999999-"):
            self.assertIn(headers("-H", f"Range: {given}", self.url)[0], (200, 416), given)
        status, several = curl_bytes("-H", "Range: bytes=0-3,10-13", self.url)
        self.assertIn(b"Content-Range: bytes 10-13/", several)
        self.assertIn(self.bytes[10:14], several)

    def test_conditions(self):
        _, fields = headers("-I", self.url)
        tag, date = field(fields, "etag"), field(fields, "last-modified")
        self.assertEqual(headers("-H", f"If-None-Match: {tag}", self.url)[0], 304)
        self.assertEqual(headers("-H", f"If-Modified-Since: {date}", self.url)[0], 304)
        self.assertEqual(headers("-H", 'If-Match: "other"', self.url)[0], 412)
        part = ("-H", "Range: bytes=0-9")
        self.assertEqual(headers(*part, "-H", f"If-Range: {tag}", self.url)[0], 206)
        self.assertEqual(headers(*part, "-H", 'If-Range: "other"', self.url)[0], 200)

    def test_resume_with_curl_and_wget(self):
        for program in ("curl", "wget"):
            with self.subTest(program):
                need_program(program)
                out = self.folder / f"by-{program}"
                out.write_bytes(self.bytes[:1_234_567])
                command = ["curl", "-sS", "-C", "-", "-o", out, self.url] if program == "curl" else [
                    "wget", "-q", "-c", "-O", out, self.url]
                subprocess.run(list(map(str, command)), check=True, timeout=60)
                self.assertEqual(out.read_bytes(), self.bytes)

    def test_file_that_changes_is_never_complete_and_wrong(self):
        digest = hashlib.sha256(self.bytes).digest()
        with open(self.file, "r+b") as file:
            file.seek(2_000_000)
            file.write(b"another content")
        for _ in range(40):
            status, got = curl_bytes(self.url)
            _, fields = headers("-I", self.url)
            claimed = field(fields, "repr-digest")
            if claimed and status == 0 and len(got) == len(self.bytes):
                found = "sha-256=:" + base64.b64encode(hashlib.sha256(got).digest()).decode() + ":"
                self.assertEqual(claimed, found)
            if got == self.file.read_bytes():
                return
            self.assertNotEqual(hashlib.sha256(got).digest(), digest)
            time.sleep(0.25)
        self.fail("the new version was not served")

    def test_file_cut_while_it_is_sent_ends_the_connection(self):
        big = contents.make_file(self.dir("source") / "big.bin", 64 << 20)
        name = self.host.share(big)
        with socket.create_connection(("127.0.0.1", self.host.port)) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            connection.settimeout(30)
            connection.sendall(f"GET /s/{name} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            got = len(connection.recv(65536))
            os.truncate(big, 1 << 20)
            try:
                while part := connection.recv(1 << 20):
                    got += len(part)
            except ConnectionError:
                pass
        self.assertLess(got, 64 << 20)
        self.assertTrue(self.host.program.alive)


class Attacks(WebCase):
    def setUp(self):
        super().setUp()
        self.tree = self.make_tree("site")
        (self.folder / "source" / "secret.txt").write_text("SECRET")
        os.symlink(self.folder / "source" / "secret.txt", self.tree / "leak.txt")
        os.symlink("/etc", self.tree / "etc")
        self.name = self.host.share(self.tree)

    def test_traversal_in_every_encoding(self):
        for way in ("../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt", "%2e%2e%2fsecret.txt", "..%5csecret.txt",
                    "%252e%252e%252fsecret.txt", "..%c0%afsecret.txt", "%c0%ae%c0%ae/secret.txt", "....//secret.txt",
                    ".%00./secret.txt", "leak.txt", "etc/passwd", "./../secret.txt", "..;/secret.txt",
                    "/../secret.txt", "%ff/secret.txt", "a" * 300, "%", "%zz"):
            with self.subTest(way):
                _, body = curl_bytes("-o", "-", f"{self.host.root}/s/{self.name}/{way}")
                self.assertNotIn(b"SECRET", body)
                self.assertNotIn(b"root:", body)
                self.assertIn(self.host.status(f"/s/{self.name}/{way}"), (400, 404, 414))
        self.assertEqual(self.host.status("/s/" + "x/" * 5000), 414)
        self.assertTrue(self.host.program.alive)

    def test_smuggling_forms_and_floods(self):
        get = b"GET / HTTP/1.1\r\nHost: x\r\n"
        forms = {
            "both lengths": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "two lengths": b"Content-Length: 0\r\nContent-Length: 5\r\n\r\n",
            "list of lengths": b"Content-Length: 0, 5\r\n\r\n",
            "signed length": b"Content-Length: +0\r\n\r\n",
            "folded": b"X-A: 1\r\n 2\r\n\r\n",
            "space before colon": b"Content-Length : 0\r\n\r\n",
            "odd coding": b"Transfer-Encoding: xchunked\r\n\r\n",
            "two codings": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n",
            "two hosts": b"Host: y\r\n\r\n",
            "bare line feed": b"X-A: 1\nX-B: 2\r\n\r\n",
            "null": b"X-A: a\0b\r\n\r\n",
        }
        for name, rest in forms.items():
            with self.subTest(name):
                self.refused(self.host.raw(get + rest))
        with self.subTest("no host"):
            self.refused(self.host.raw(b"GET / HTTP/1.1\r\n\r\n"))
        with self.subTest("many fields"):
            self.refused(self.host.raw(get + b"".join(b"X-%d: 1\r\n" % i for i in range(5000)) + b"\r\n"))
        with self.subTest("long field"):
            self.refused(self.host.raw(get + b"X: " + b"a" * (1 << 20) + b"\r\n\r\n"))
        with self.subTest("body without end"):
            self.refused(self.host.raw(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1048576\r\n\r\n" + b"a" * 1048576))
        self.assertEqual(self.host.status("/"), 200)

    def refused(self, answer):
        self.assertEqual(answer.count(b"HTTP/1.1 "), 1 if answer else 0, answer[:300])
        if answer:
            self.assertRegex(answer.split(b"\r\n")[0], b"HTTP/1.1 (4\\d\\d|505)")

    def test_names_and_pages_are_harmless(self):
        odd = contents.make_file(self.dir("source") / "<script>alert(1)< \"'&.txt", 10)
        name = self.host.share(odd)
        _, page = curl(self.host.root + "/")
        self.assertNotIn("<script>alert", page)
        status, fields = headers(self.host.root + "/")
        self.assertIn("default-src 'none'", field(fields, "content-security-policy"))
        self.assertEqual(field(fields, "x-content-type-options"), "nosniff")
        self.assertLessEqual(len(page), 30 << 10)
        self.assertEqual(curl_bytes(self.host.url("s", name)), (0, odd.read_bytes()))
        self.assertEqual(headers("-X", "POST", self.host.root + "/")[0], 405)

    def test_slow_readers_cost_little(self):
        big = contents.make_file(self.dir("source") / "big.bin", 32 << 20)
        name = self.host.share(big)
        before = self.host.program.memory("VmRSS")
        held = []
        try:
            for _ in range(400):
                connection = socket.socket()
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                connection.connect(("127.0.0.1", self.host.port))
                connection.sendall(f"GET /s/{name} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                held.append(connection)
            self.assertEqual(curl_bytes(self.host.url("s", name)), (0, big.read_bytes()))
            self.assertLess(self.host.program.memory("VmRSS") - before, 100)
        finally:
            for connection in held:
                connection.close()


class Folders(WebCase):
    def setUp(self):
        super().setUp()
        self.tree = self.make_tree()
        self.name = self.host.share(self.tree)

    def files(self):
        return [path for path in contents.files_below(self.tree) if not path.is_symlink()]

    def test_pages_lead_to_every_file(self):
        _, home = curl(self.host.root + "/")
        self.assertIn(f"/s/{urllib.parse.quote(self.name)}/", home)
        for path in self.files():
            relative = path.relative_to(self.tree).parts
            self.assertEqual(curl_bytes(self.host.url("s", self.name, *relative)), (0, path.read_bytes()), relative)
            self.assertEqual(self.host.status("/s/" + "/".join(map(quote, (self.name, *relative[:-1]))) + "/"), 200)

    def test_zip_whole_and_resumed(self):
        url = self.host.url("-", "zip", self.name + ".zip")
        status, whole = curl_bytes(url)
        _, fields = headers("-I", url)
        self.assertEqual((status, len(whole)), (0, int(field(fields, "content-length"))))
        with zipfile.ZipFile(io.BytesIO(whole)) as archive:
            self.assertIsNone(archive.testzip())
            inside = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
        expected = {
            f"{self.name}/{path.relative_to(self.tree)}": path.read_bytes() for path in self.files()}
        self.assertEqual(inside, expected)
        for at in (1, len(whole) // 2, len(whole) - 30):
            self.assertEqual(curl_bytes("-r", f"{at}-", url), (0, whole[at:]))
        tag = field(fields, "etag")
        self.assertEqual(headers("-H", "Range: bytes=5-9", "-H", f"If-Range: {tag}", url)[0], 206)

    def test_index_html_is_the_page(self):
        site = self.dir("source") / "site"
        site.mkdir()
        (site / "index.html").write_text("<h1>My site</h1>")
        name = self.host.share(site)
        url = self.host.url("s", name, folder=True)
        self.assertEqual(curl(url)[1], "<h1>My site</h1>")
        self.assertIn("sandbox", field(headers(url)[1], "content-security-policy"))

    def test_torrent_names_tracker_and_web_seed(self):
        _, torrent = curl_bytes(self.host.url("-", "torrent", self.name + ".torrent"))
        top = decode_prefix(torrent)[0]
        self.assertEqual(top[b"announce"].decode(), self.host.root + "/announce")
        self.assertEqual([seed.decode() for seed in top[b"url-list"]], [self.host.root + "/s/"])

    def test_libtorrent_by_web_seed_alone(self):
        lt.need_libtorrent()
        for kind in ("tree", "file", "tree of another name", "file of another name"):
            with self.subTest(kind):
                source = self.tree if kind.startswith("tree") else self.make_file()
                if "another" in kind:
                    made = self.create(source, self.folder / f"made-{kind}.torrent", "--format", "v1")
                    name = self.host.share(source, "--torrent", made, "--name", f"other {kind}")
                else:
                    name = self.name if kind == "tree" else self.host.share(source)
                _, torrent = curl_bytes(self.host.url("-", "torrent", name + ".torrent"))
                path = self.folder / f"{kind}.torrent"
                path.write_bytes(torrent)
                session, to = lt.Session(self), self.dir(f"to-{kind}")
                handle = session.fetch(path, to)
                handle.replace_trackers([])
                session.wait_complete(self, handle)
                self.assert_same(source, to / source.name)

    def test_torrent_of_one_file_is_that_file_for_any_program(self):
        lt.need_libtorrent()
        for number, relative in enumerate(["bin/tool", "exact/piece.bin", "exact/block.bin", "Übergröße/文件 один.txt"]):
            with self.subTest(relative):
                source = self.tree / relative
                _, torrent = curl_bytes(self.host.url("-", "torrent", self.name, *(relative + ".torrent").split("/")))
                top = decode_prefix(torrent)[0]
                self.assertEqual(top[b"info"][b"length"], source.stat().st_size)
                self.assertEqual(top[b"announce"].decode(), self.host.root + "/announce")
                self.assertEqual([seed.decode() for seed in top[b"url-list"]], [self.host.url("s", self.name, *relative.split("/"))])
                path = self.folder / f"one-{number}.torrent"
                path.write_bytes(torrent)
                # What libtorrent makes of the file by itself is the same.
                made = lt.create(source, self.folder / "made.torrent", "hybrid", top[b"info"][b"piece length"])
                self.assertEqual(lt.libtorrent.torrent_info(str(path)).info_hashes().v2, made.info_hashes().v2)
                self.assertEqual(lt.libtorrent.torrent_info(str(path)).info_hashes().v1, made.info_hashes().v1)
                session, to = lt.Session(self), self.dir(f"to-{number}")
                session.wait_complete(self, session.fetch(path, to))
                self.assert_same(source, to / source.name)
                self.assertEqual(os.listdir(to), [source.name])
        # aria2 knows the older half of it.
        to = self.dir("to-aria2")
        process, _ = aria2(self, self.folder / "one-0.torrent", to)
        self.assertTrue(eventually(lambda: process.poll() is not None, timeout=60), process.log.read_text()[-800:])
        self.assertEqual((to / "tool").read_bytes(), (self.tree / "bin/tool").read_bytes())
        self.assertEqual(self.host.status(f"/-/torrent/{quote(self.name)}/empty.dat.torrent"), 404)
        # The link selects the file in the swarm of the share.
        page = curl(self.host.url("-", "view", self.name, "bin", "tool"))[1]
        magnet = page.split('href="magnet:')[1].split('"')[0].replace("&amp;", "&")
        self.assertIn("&so=1", magnet)
        # The link alone is enough: it names this host.
        self.assertIn("&x.pe=" + self.host.ready["listen"][0], magnet)
        self.fetch("magnet:" + magnet, self.dir("to-duplex"))
        got = contents.files_below(self.folder / "to-duplex")
        self.assertEqual([path.read_bytes() for path in got], [(self.tree / "bin/tool").read_bytes()])

    def test_private_by_link_is_not_shown(self):
        hidden = self.make_file("hidden.bin", 1000)
        name = self.host.share(hidden, public=False)
        self.assertNotIn("hidden.bin", curl(self.host.root + "/")[1])
        self.assertEqual(self.host.status("/s/" + quote(name)), 404)


class Programs(WebCase):
    def test_aria2_by_our_tracker(self):
        source = self.make_file("tracked.bin")
        # aria2 1.36 knows v1 only. Without the web seed, so that it needs the tracker.
        name = self.host.share(source, "--format", "v1")
        _, torrent = curl_bytes(self.host.url("-", "torrent", name + ".torrent"))
        top = decode_prefix(torrent)[0]
        del top[b"url-list"]
        path = self.folder / "t.torrent"
        path.write_bytes(encode(top))
        to = self.dir("to")
        process, _ = aria2(self, path, to)
        self.assertTrue(eventually(lambda: process.poll() is not None, timeout=60), process.log.read_text()[-800:])
        self.assert_same(source, to / source.name)
        metrics = curl(self.host.root + "/metrics")[1]
        self.assertIn("duplex_tracked_swarms", metrics)

    def aria2_ends(self, what, to):
        process, _ = aria2(self, what, to)
        self.assertTrue(eventually(lambda: process.poll() is not None, timeout=60), process.log.read_text()[-800:])
        said = process.log.read_text()
        self.assertEqual(process.returncode, 0, said[-800:])
        return said

    def without(self, torrent, key, name):
        top = decode_prefix(torrent)[0]
        del top[key]
        path = self.folder / name
        path.write_bytes(encode(top))
        return path

    def test_aria2_fetches_a_hybrid_folder(self):
        need_program("aria2c")
        # Under the torrent's own name and under another, which the address of the web seed tells apart.
        for title in ("plain", "other name"):
            # No padding of one byte: aria2 asks for that, as for any such file, without a range, gets it, and waits until the
            # connection is closed for being idle.
            source = self.dir("source") / f"tree of {title}"
            for number, (path, size) in enumerate(
                    [("a.bin", 200_000), ("b/c d.bin", 40_000), ("b/same gap.bin", 40_000), ("b/empty", 0),
                     ("exact.bin", 2 * contents.PIECE), ("ü", 7)]):
                contents.make_file(source / path, size, seed=number)
            if title == "plain":
                name = self.host.share(source)
            else:
                made = self.create(source, self.folder / "made.torrent", "--piece-length", contents.PIECE)
                name = self.host.share(source, "--torrent", made, "--name", title)
            _, torrent = curl_bytes(self.host.url("-", "torrent", name + ".torrent"))
            listed = decode_prefix(torrent)[0][b"info"][b"files"]
            pads = {entry[b"length"] for entry in listed if b"p" in entry.get(b"attr", b"")}
            self.assertTrue(pads)
            both = self.folder / f"{title}.torrent"
            both.write_bytes(torrent)
            ways = {
                "web seed": self.without(torrent, b"announce", f"{title}-seed.torrent"),
                "peer": self.without(torrent, b"url-list", f"{title}-peer.torrent"), "both": both}
            if title == "plain":
                page = curl(self.host.url("s", name, folder=True))[1]
                ways["magnet"] = html.unescape(re.search('href="(magnet:[^"]*xt=[^"]*)"', page)[1])
                self.assertNotIn("&so=", ways["magnet"])
            for way, path in ways.items():
                with self.subTest(title=title, way=way):
                    to = self.dir(f"to {title} {way}")
                    self.assertNotIn("not tracked", self.aria2_ends(path, to))
                    # It writes the padding too, since it takes it for files.
                    shutil.rmtree(to / source.name / ".pad", ignore_errors=True)
                    self.assert_same(source, to / source.name, executable=False)

    def test_padding_is_served_as_zeros(self):
        source = self.make_tree("padded")
        pads = self.dir("source") / "padded" / ".pad"
        name = self.host.share(source)
        _, torrent = curl_bytes(self.host.url("-", "torrent", name + ".torrent"))
        listed = decode_prefix(torrent)[0][b"info"]
        size = max(entry[b"length"] for entry in listed[b"files"] if b"p" in entry.get(b"attr", b""))
        url = self.host.url("s", name, ".pad", str(size))
        self.assertEqual(curl_bytes(url), (0, bytes(size)))
        self.assertEqual(curl_bytes("-r", "5-9", url), (0, bytes(5)))
        status, fields = headers("-I", url)
        self.assertEqual((status, field(fields, "content-length")), (200, str(size)))
        self.assertEqual(headers("-r", f"{size}-", url)[0], 416)
        wrong = next(number for number in range(1, size) if all(entry[b"length"] != number for entry in listed[b"files"]))
        for path in (f".pad/{wrong}", f".pad/{10**15}", ".pad/", ".pad", f".pad/0{size}", f".pad/{size}/"):
            self.assertEqual(self.host.status(f"/s/{name}/{path}"), 404, path)
        self.assertNotIn(".pad", curl(self.host.url("s", name, folder=True))[1])
        # A file of that name comes first.
        pads.mkdir()
        (pads / str(size)).write_bytes(b"mine")
        self.assertTrue(eventually(lambda: curl_bytes(url) == (0, b"mine"), timeout=30))

    def test_aria2_on_one_file_of_a_hybrid_hears_of_no_failure(self):
        need_program("aria2c")
        source = self.make_tree("one of it")
        name = self.host.share(source)
        path = self.folder / "one.torrent"
        path.write_bytes(curl_bytes(self.host.url("-", "torrent", name, "bin", "tool.torrent"))[1])
        to = self.dir("to")
        self.assertNotIn("failed", self.aria2_ends(path, to))
        self.assertEqual((to / "tool").read_bytes(), (source / "bin/tool").read_bytes())

    def test_aria2_by_metalink_from_three_hosts(self):
        need_program("aria2c")
        source = self.make_file("everywhere.bin", 24_000_000)
        name = self.host.share(source)
        for other in ("bert", "carl"):
            host = WebHost(self, "--host", self.host.ready["listen"][0], name=other)
            host.share(source)
            self.run_duplex("hosts", home=self.host.home).finish(20)
            self.add_host(host)
        url = self.host.url("-", "meta4", name + ".meta4")
        self.assertTrue(eventually(lambda: curl(url)[1].count("<url ") >= 3, timeout=30, every=0.5), curl(url)[1])
        to = self.dir("to")
        process = start(self, [
            need_program("aria2c"), "--no-conf=true", f"--dir={to}", "--follow-metalink=mem", "-s3", "-x1", "-k1M",
            "--enable-dht=false", "--follow-torrent=false", "--metalink-enable-unique-protocol=false", "--seed-time=0",
            "--file-allocation=none", "--metalink-preferred-protocol=http", url], self.dir("aria2"))
        self.assertTrue(eventually(lambda: process.poll() is not None, timeout=60), process.log.read_text()[-800:])
        self.assertEqual((to / "everywhere.bin").read_bytes(), source.read_bytes())

    def add_host(self, host):
        # Remembered by the control API, as the owner's page does it.
        import http.client
        connection = http.client.HTTPConnection("localhost")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(self.host.ready["control"])
        connection.request("POST", "/hosts", f'{{"address":"{host.ready["listen"][0]}"}}')
        self.assertEqual(connection.getresponse().status, 204)
        connection.close()

    def test_metrics_and_health(self):
        self.assertEqual(curl(self.host.root + "/healthz"), (0, "ok\n"))
        metrics = curl(self.host.root + "/metrics")[1]
        self.assertIn("duplex_http_responses_total{code=\"200\"}", metrics)
        if shutil.which("promtool"):
            subprocess.run(["promtool", "check", "metrics"], input=metrics.encode(), check=True, timeout=20)
