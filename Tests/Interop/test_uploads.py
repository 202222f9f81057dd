"""Uploads into inboxes: by curl, by a client of tus 1.0, by hand, and by dropping files on the page in a real browser."""

import base64
import concurrent.futures
import ctypes
import hashlib
import os
import pathlib
import re
import socket
import subprocess
import time
import unittest

from support import contents
from support.browser import Browser
from support.case import MISSING_PROGRAM, InteropCase, eventually, need_program
from support.duplex import ROOT, die_with_parent
from support.slowlink import SlowLink
from support.web import WebHost, curl, field, headers, quote

TUS = ("-H", "Tus-Resumable: 1.0.0")
PATCH = ("-X", "PATCH", *TUS, "-H", "Content-Type: application/offset+octet-stream")


def tus_python():
    python = ROOT / ".build/test-python/bin/python"
    if not python.exists() or subprocess.run([python, "-c", "import tusclient"], capture_output=True).returncode:
        raise unittest.SkipTest(f"{MISSING_PROGRAM}tuspy")
    return python


class InboxCase(InteropCase):
    settings = ()

    def setUp(self):
        need_program("curl")
        super().setUp()
        self.host = WebHost(self, *self.settings)
        self.box = self.make_box()
        self.share = self.open_box(self.box)
        self.url = self.host.url("s", self.share, folder=True)

    def make_box(self):
        return self.dir("In box")

    def open_box(self, path, *args):
        program = self.host.case.run_duplex("share", path, "--inbox", *args, home=self.host.home)
        ready = program.wait("sharing", timeout=60)
        self.assertEqual(program.finish(20), 0)
        self.assertEqual(ready["scope"], "public")
        self.assertEqual(ready["inbox"], self.host.url("s", ready["name"], folder=True))
        return ready["name"]

    def file(self, name="läng & breit.bin", size=3_000_017):
        return contents.make_file(self.dir("source") / name, size)

    def put(self, path, *args):
        """(status, what was said) by `curl -T`."""
        _, text = curl("-w", "\n%{http_code}", "-T", path, *args, self.url)
        said, _, status = text.rpartition("\n")
        return int(status), said.strip()

    def names(self):
        return sorted(str(path.relative_to(self.box)) for path in contents.files_below(self.box))

    def create(self, name, length):
        """The address of a new upload by tus."""
        status, fields = headers(*TUS, "-X", "POST", "-H", f"Upload-Length: {length}", "-H",
                                 "Upload-Metadata: filename " + base64.b64encode(name.encode()).decode(), self.url)
        self.assertEqual(status, 201)
        return self.host.root + field(fields, "location")

    def offset(self, upload):
        status, fields = headers("-I", *TUS, upload)
        return int(field(fields, "upload-offset")) if status == 200 else None

    def assert_offered(self, name, source):
        """Anybody can fetch it, at once."""
        got = self.folder / "got"
        self.assertEqual(curl("-f", "-o", got, self.url + quote(name))[0], 0)
        self.assertEqual(got.read_bytes(), source.read_bytes())


class ByCurl(InboxCase):
    def test_put_says_where_it_went_and_everybody_has_it(self):
        source = self.file()
        self.assertEqual(self.put(source), (201, self.url + quote(source.name).replace("%26", "&")))
        self.assert_offered(source.name, source)
        page = curl(self.url)[1]
        self.assertIn("läng &amp; breit.bin", page)
        # The other hosts.
        other = self.home()
        to = self.dir("to")
        address = self.host.ready["listen"][0]
        self.assertTrue(eventually(lambda: f'"files":1' in curl(f"http://{address}/duplex/host")[1]))
        shares = self.run_duplex("shares", home=self.host.home)
        self.assertEqual(shares.finish(20), 0)
        row = shares.events[0]
        self.assertTrue(row["inbox"])
        self.fetch(row["magnet"], to, home=other)
        self.assertEqual((to / self.share / source.name).read_bytes(), source.read_bytes())

    def test_every_way_to_put(self):
        source = self.file("a.txt", 100_000)
        for expect in ("Expect: 100-continue", "Expect:"):
            for coding in ("Transfer-Encoding: chunked", "X-None: x"):
                status, _ = self.put(source, "-H", expect, "-H", coding)
                self.assertEqual(status, 201)
        self.assertEqual(self.names(), ["a (2).txt", "a (3).txt", "a (4).txt", "a.txt"])
        for name in self.names():
            self.assertEqual((self.box / name).read_bytes(), source.read_bytes())
        piped = subprocess.run(["curl", "-sS", "-T", "-", self.url], input=b"abc", capture_output=True, timeout=30)
        self.assertEqual(piped.stdout.decode().strip(), self.url + "upload")
        # Without the last slash curl does not add the name, and nobody means a file "upload".
        slashless = curl("-w", "%{http_code}", "-T", source, self.url.rstrip("/"))[1]
        self.assertIn(f"curl -T FILE {self.url}", slashless)
        self.assertTrue(slashless.endswith("400"), slashless)
        named = curl("-T", source, self.url + "new/sub/b.txt")[1]
        self.assertEqual(named.strip(), self.url + "new/sub/b.txt")
        self.assertEqual((self.box / "new/sub/b.txt").read_bytes(), source.read_bytes())
        self.assertEqual(curl("-T", source, "-H", "Content-Range: bytes 5-9/10", "-o", os.devnull, "-w", "%{http_code}",
                              self.url)[1], "400")

    def test_by_http2(self):
        """More than what is held in memory, by flow control of its own; and one that is refused."""
        source = self.file("big.bin", 20_000_000)
        for way in (("-T", source), ("-F", f"f=@{source}")):
            _, said = curl("--http2-prior-knowledge", "-w", "%{http_version} %{http_code}", *way, self.url)
            self.assertTrue(said.endswith("2 201"), said)
        self.assertEqual(self.names(), ["big (2).bin", "big.bin"])
        for name in self.names():
            self.assertEqual((self.box / name).read_bytes(), source.read_bytes())
        _, said = curl("--http2-prior-knowledge", "-w", "%{http_code}", "-T", source, self.url + "x.part")
        self.assertTrue(said.endswith("422"), said)

    def test_form_of_several_files(self):
        one, two = self.file("one.bin", 2_000_000), self.file("two.bin", 17)
        said = curl("-F", f"files=@{one}", "-F", "word=x", "-F", f"files=@{two}", "-F", f"files=@{one}", self.url)[1]
        self.assertEqual(said.split(), [self.url + name for name in ("one.bin", "two.bin", "one%20(2).bin")])
        self.assertEqual((self.box / "one (2).bin").read_bytes(), one.read_bytes())
        status, fields = headers("-H", "Accept: text/html", "-F", f"files=@{two}", self.url)
        self.assertEqual((status, field(fields, "location")), (303, f"/s/{quote(self.share)}/?added=1"))
        self.assertIn("1 file is here now", curl(self.url + "?added=1")[1])

    def test_names_that_attack(self):
        source = self.file("a", 10)
        outside = contents.paths_below(self.folder)
        for name in ("../up", "../../../../tmp/up", "/abs", "..\\up", "%2e%2e%2fup", "..%c0%afup", "line\nbreak", "nul\x01x",
                     "..", ".", "x" * 400 + ".txt", "CON", "a:b", "\u202egnp.exe", "\x7f", "-rf", "~", "$(id)"):
            result = curl("-o", os.devnull, "-w", "%{http_code}", "-F", f"f=@{source};filename=\"{name}\"", self.url)[1]
            self.assertIn(result, ("201", "422"), name)
        for target in ("../up", "%2e%2e/up", "..%2fup", "..%5cup", "%252e%252e%252fup", "a%00b", "a%0ab", "%c0%ae%c0%ae/up",
                       ".%2e/up", "....//up", "%ff", "%", "a/../up"):
            result = curl("-o", os.devnull, "-w", "%{http_code}", "-T", source, self.url + target)[1]
            self.assertEqual(result[0], "4", target)
        made = contents.paths_below(self.folder) - outside
        strange = [path for path in made if self.box not in path.parents and self.host.home not in path.parents]
        self.assertEqual(strange, [])
        self.assertFalse(os.path.exists("/tmp/up") or os.path.exists("/abs"))
        for name in self.names():
            self.assertNotRegex(name, r"[\x00-\x1f\x7f]")
        os.symlink("/tmp", self.box / "link")
        self.assertEqual(curl("-o", os.devnull, "-w", "%{http_code}", "-T", source, self.url + "link/up")[1], "409")

    def test_names_that_shares_leave_out(self):
        for name in ("x.part", "Thumbs.db", "x.aria2", "x~"):
            status, said = self.put(self.file(name, 10))
            self.assertEqual(status, 422, name)
            self.assertIn("not shared", said)

    def test_names_that_cannot_be_used(self):
        source = self.file("source.bin", 3_000_000)
        for name in ("n" * 256, "a%5Cb", "a%0Ab", "%FF"):
            said, _, status = curl("-w", "\n%{http_code}", "-T", source, self.url + name)[1].rpartition("\n")
            self.assertEqual(status, "422", name)
            self.assertIn("this name cannot be used", said)
            self.assertNotIn("<", said)
        self.assertEqual(self.names(), [])

    def test_two_at_once_of_the_same_name(self):
        sources = [self.file(f"{number}/same.bin", 500_000 + number) for number in range(6)]
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(self.put, sources))
        self.assertEqual({status for status, _ in answers}, {201})
        self.assertEqual(len({said for _, said in answers}), 6)
        found = {hashlib.sha256((self.box / name).read_bytes()).digest() for name in self.names()}
        self.assertEqual(found, {hashlib.sha256(source.read_bytes()).digest() for source in sources})

    def test_other_sites_are_refused(self):
        source = self.file("a", 10)
        for fields in (["Origin: http://evil.example"], ["Origin: null"], ["Sec-Fetch-Site: cross-site"],
                       ["Sec-Fetch-Site: same-site"]):
            extra = [part for one in fields for part in ("-H", one)]
            self.assertEqual(self.put(source, *extra)[0], 403, fields)
            self.assertEqual(headers(*extra, "-F", f"f=@{source}", self.url)[0], 403, fields)
            self.assertEqual(headers(*extra, *TUS, "-X", "POST", "-H", "Upload-Length: 1", self.url)[0], 403)
        self.assertEqual(self.names(), [])
        self.assertEqual(self.put(source, "-H", f"Origin: {self.host.root}")[0], 201)
        status, fields = headers(self.url)
        self.assertEqual(field(fields, "referrer-policy"), "same-origin")
        self.assertIn("script-src 'self'", field(fields, "content-security-policy"))

    def test_only_inboxes_take_files(self):
        source = self.file("a", 10)
        name = self.host.share(contents.make_tree(self.dir("source") / "tree"))
        for method in (("-T", source), ("-F", f"f=@{source}")):
            answer = curl("-o", os.devnull, "-w", "%{http_code}", *method, self.host.url("s", name, folder=True))
            self.assertEqual(answer[1], "403")
            self.assertEqual(curl("-o", os.devnull, "-w", "%{http_code}", *method, self.host.root + "/s/none/")[1], "404")
        self.assertEqual(self.host.status(f"/s/{quote(name)}/"), 200)

    def test_what_strangers_bring_is_no_web_site(self):
        (self.dir("source") / "index.html").write_text("<script>document.title='mine'</script>")
        self.assertEqual(self.put(self.dir("source") / "index.html")[0], 201)
        self.assertIn('id="upload-form"', curl(self.url)[1])
        status, fields = headers(self.url + "index.html")
        self.assertIn("sandbox", field(fields, "content-security-policy"))

    def test_inbox_lasts_and_can_be_closed(self):
        source = self.file("a", 10)
        self.host.program.kill()
        again = WebHost.__new__(WebHost)
        again.case, again.home = self, self.host.home
        again.program = self.run_duplex("up", "--name", "anna", "--listen", "127.0.0.1:0", "--web", "127.0.0.1:0",
                                        "--discovery", "off", home=self.host.home)
        ready = again.program.wait("ready")
        self.url = f"{ready['web'][0]}/s/{quote(self.share)}/"
        self.assertTrue(eventually(lambda: self.put(source)[0] == 201, timeout=20))
        closing = self.run_duplex("share", self.box, "--public", home=self.host.home)
        self.assertEqual(closing.finish(20), 0)
        self.assertTrue(eventually(lambda: self.put(source)[0] == 403))


class Limits(InboxCase):
    settings = ("--inbox-limit", "1MiB")

    def test_too_large(self):
        big, fits = self.file("big.bin", (1 << 20) + 1), self.file("fits.bin", 1 << 20)
        for more in (("-H", "X-None: x"), ("-H", "Transfer-Encoding: chunked"), ("-H", "Expect:")):
            status, said = self.put(big, *more)
            self.assertEqual(status, 413)
            self.assertIn("at most 1.00 MiB", said)
        status, _ = headers("-F", f"f=@{fits}", "-F", f"f=@{big}", self.url)
        self.assertEqual(status, 413)
        # The answer does not wait for what is cleared away.
        self.assertTrue(eventually(lambda: self.names() == ["fits.bin"]), self.names())
        status, _ = headers(*TUS, "-X", "POST", "-H", f"Upload-Length: {(1 << 20) + 1}", self.url)
        self.assertEqual(status, 413)
        self.assertEqual(field(headers("-X", "OPTIONS", self.url)[1], "tus-max-size"), str(1 << 20))
        self.assertTrue(eventually(lambda: os.listdir(self.box) == ["fits.bin"]))

    def test_upload_that_never_ends(self):
        """It ends at the limit, and nothing of it is left."""
        with socket.create_connection(("127.0.0.1", self.host.port), timeout=30) as connection:
            connection.sendall(f"PUT /s/{quote(self.share)}/endless HTTP/1.1\r\nHost: x\r\n"
                               "Transfer-Encoding: chunked\r\n\r\n".encode())
            sent = 0
            try:
                while sent < 64 << 20:
                    connection.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
                    sent += 0x10000
                answer = connection.recv(65536)
            except OSError:
                answer = b"413"
            self.assertIn(b"413", answer)
        self.assertTrue(eventually(lambda: os.listdir(self.box) == []))

    def test_many_at_once_from_one_address(self):
        connections = []
        for number in range(12):
            connection = socket.create_connection(("127.0.0.1", self.host.port), timeout=10)
            self.addCleanup(connection.close)
            connection.sendall(f"PUT /s/{quote(self.share)}/{number} HTTP/1.1\r\nHost: x\r\n"
                               "Content-Length: 1000\r\n\r\nabc".encode())
            connections.append(connection)
        time.sleep(1)
        status, said = self.put(self.file("a", 10))
        self.assertEqual(status, 429)
        self.assertIn("too many", said)
        for connection in connections:
            connection.close()
        self.assertTrue(eventually(lambda: self.put(self.file("a", 10))[0] == 201))
        self.assertTrue(eventually(lambda: not (self.box / ".duplex-uploads").exists()))


class FullDisk(InboxCase):
    settings = ("--inbox-reserve", "1MiB")

    def make_box(self):
        if os.geteuid() != 0:
            self.skipTest("needs root: a small file system of its own is mounted")
        box = self.dir("In box")
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.mount(b"tmpfs", str(box).encode(), b"tmpfs", 0, b"size=8388608") != 0:
            self.skipTest(f"mounting a tmpfs is not allowed here: {os.strerror(ctypes.get_errno())}")
        self.addCleanup(libc.umount2, str(box).encode(), 2)
        return box

    def test_clear_answer_and_some_room_stays(self):
        big = self.file("big.bin", 20 << 20)
        for more in (("-H", "X-None: x"), ("-H", "Transfer-Encoding: chunked")):
            status, said = self.put(big, *more)
            self.assertEqual(status, 507)
            self.assertIn("disk of this host is full", said)
        self.assertEqual(headers("-F", f"f=@{big}", self.url)[0], 507)
        free = os.statvfs(self.box)
        self.assertGreaterEqual(free.f_bavail * free.f_frsize, 1 << 20)
        self.assertTrue(eventually(lambda: os.listdir(self.box) == []))
        self.assertEqual(self.put(self.file("small.bin", 1 << 20))[0], 201)
        # Its owner is told, once.
        self.assertEqual(sum("inbox-reserve" in line for line in self.host.program.errors), 1)


class Resumed(InboxCase):
    def test_by_hand(self):
        source = self.file("half.bin", 5_000_000)
        upload = self.create("half.bin", 5_000_000)
        self.assertEqual(self.offset(upload), 0)
        data = source.read_bytes()
        part = self.folder / "part"
        part.write_bytes(data[:2_000_000])
        self.assertEqual(headers(*PATCH, "-H", "Upload-Offset: 0", "--data-binary", f"@{part}", upload)[0], 204)
        self.assertTrue(all(name.startswith(".duplex-uploads/") for name in self.names()), self.names())
        self.assertEqual(self.names(), [str(path) for path in []] + self.names())
        self.assertNotIn("half.bin", self.names())
        self.assertNotIn("half.bin", curl(self.url)[1])
        for wrong in ("0", "1999999", "2000001", "5000000", "99999999999999999999", "-1", "x"):
            status, fields = headers(*PATCH, "-H", f"Upload-Offset: {wrong}", "--data-binary", f"@{part}", upload)
            self.assertIn(status, (400, 409), wrong)
        # A connection that is lost in the middle.
        with socket.create_connection(("127.0.0.1", self.host.port)) as connection:
            path = upload.removeprefix(self.host.root)
            connection.sendall(f"PATCH {path} HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 2000000\r\n"
                               "Content-Type: application/offset+octet-stream\r\nContent-Length: 3000000\r\n\r\n".encode()
                               + data[2_000_000:2_700_000])
            time.sleep(0.5)
        self.assertTrue(eventually(lambda: self.offset(upload) == 2_700_000))
        # A kill of the host.
        self.host.program.kill()
        again = self.run_duplex("up", "--name", "anna", "--listen", "127.0.0.1:0", "--web", "127.0.0.1:0",
                                "--discovery", "off", home=self.host.home)
        root = again.wait("ready")["web"][0]
        self.host.program = again
        upload = upload.replace(self.host.root, root)
        self.url = self.url.replace(self.host.root, root)
        self.assertEqual(self.offset(upload), 2_700_000)
        part.write_bytes(data[2_700_000:] + b"x")
        self.assertEqual(headers(*PATCH, "-H", "Upload-Offset: 2700000", "--data-binary", f"@{part}", upload)[0], 413)
        part.write_bytes(data[2_700_000:])
        status, fields = headers(*PATCH, "-H", "Upload-Offset: 2700000", "--data-binary", f"@{part}", upload)
        self.assertEqual((status, field(fields, "upload-offset")), (204, "5000000"))
        self.assertEqual(field(fields, "content-location"), f"/s/{quote(self.share)}/half.bin")
        self.assert_offered("half.bin", source)
        self.assertEqual(self.offset(upload), 5_000_000)
        self.assertFalse((self.box / ".duplex-uploads").exists())

    def test_a_dead_connection_does_not_keep_it(self):
        upload = self.create("x.bin", 1000)
        path = upload.removeprefix(self.host.root)
        connection = socket.create_connection(("127.0.0.1", self.host.port))
        self.addCleanup(connection.close)
        connection.sendall(f"PATCH {path} HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
                           "Content-Type: application/offset+octet-stream\r\nContent-Length: 1000\r\n\r\nabc".encode())
        time.sleep(0.5)
        start = time.monotonic()
        self.assertEqual(self.offset(upload), 3)
        self.assertLess(time.monotonic() - start, 5)
        self.assertEqual(headers("-X", "DELETE", *TUS, upload)[0], 204)
        self.assertEqual(self.offset(upload), None)
        self.assertTrue(eventually(lambda: os.listdir(self.box) == []))

    def test_python_client(self):
        python = tus_python()
        source = self.file("tüs file.bin", 7_000_001)
        script = """
import sys
from tusclient import client
from tusclient.storage import filestorage
url, path, name, store, stop = sys.argv[1:]
uploader = client.TusClient(url).uploader(
    path, chunk_size=1_000_000, metadata={"filename": name}, store_url=True, url_storage=filestorage.FileStorage(store))
print(uploader.offset, flush=True)
uploader.upload(stop_at=int(stop) or None)
"""

        def run(stop, path=source):
            result = subprocess.run(
                [python, "-c", script, self.url, path, path.name, self.folder / "store", str(stop)], capture_output=True,
                text=True, timeout=60, preexec_fn=die_with_parent)
            self.assertEqual(result.returncode, 0, result.stderr)
            return int(result.stdout)

        self.assertEqual(run(3_000_000), 0)
        self.assertNotIn(source.name, self.names())
        self.assertEqual(run(0), 3_000_000)
        self.assertEqual((self.box / source.name).read_bytes(), source.read_bytes())
        self.assert_offered(source.name, source)
        self.assertEqual(run(0, self.file("empty", 0)), 0)
        self.assertIn("empty", self.names())


class InTheBrowser(InboxCase):
    def setUp(self):
        super().setUp()
        self.browser = Browser(self)

    def drop(self, *paths):
        data = {"items": [], "files": list(map(str, paths)), "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.browser.call("Input.dispatchDragEvent", type=kind, x=100, y=200, data=data)

    def pictures(self, name):
        if place := os.environ.get("PICTURES"):
            for width in (320, 1280):
                for dark in (False, True):
                    self.browser.size(width, dark=dark)
                    self.browser.picture(pathlib.Path(place) / f"inbox-{name}-{width}-{'dark' if dark else 'light'}.png")

    def test_files_are_dropped(self):
        one, two = self.file("one.bin", 3_000_000), self.file("zwei – läng.txt", 5)
        folder = self.dir("source") / "folder"
        contents.make_file(folder / "sub" / "deep.bin", 1000)
        browser = self.browser
        browser.size(1280)
        browser.open(self.url)
        self.pictures("empty")
        self.drop(one, two)
        browser.wait("document.getElementById('upload-state').textContent === '2 files uploaded.'")
        self.pictures("done")
        browser.wait("location.search === '?added=2'")
        browser.wait("document.querySelectorAll('tbody tr').length === 2")
        self.assertEqual((self.box / one.name).read_bytes(), one.read_bytes())
        self.assertEqual((self.box / two.name).read_bytes(), two.read_bytes())
        self.assertIn("2 files are here now", browser.run("document.body.innerText"))
        self.drop(folder)
        browser.wait("document.getElementById('upload-state').textContent === '1 file uploaded.'")
        self.assertTrue((self.box / "folder/sub/deep.bin").exists())
        browser.wait("location.search === '?added=1'")
        self.drop(one)
        browser.wait("document.querySelector('.progress .note')?.textContent === 'uploaded as one (2).bin'")
        self.assert_offered("one (2).bin", one)
        for width in (320, 1280):
            browser.size(width)
            self.assertLessEqual(browser.run("document.documentElement.scrollWidth"), width)
        self.pictures("list")
        self.assertEqual(browser.complaints, [])

    def test_the_form_and_the_keyboard(self):
        """Without scripts the form does it; the policy and the origin check let it."""
        source = self.file("plain.bin", 100_000)
        browser = self.browser
        browser.call("Emulation.setScriptExecutionDisabled", value=True)
        browser.call("Page.navigate", url=self.url)
        time.sleep(1)
        root = browser.call("DOM.getDocument")["root"]["nodeId"]
        field_node = browser.call("DOM.querySelector", nodeId=root, selector="#files")["nodeId"]
        browser.call("DOM.setFileInputFiles", nodeId=field_node, files=[str(source)])
        browser.call("DOM.focus", nodeId=field_node)
        for key, code in (("Tab", 9), ("Enter", 13)):
            for kind in ("keyDown", "keyUp"):
                browser.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code,
                             **({"text": "\r"} if key == "Enter" and kind == "keyDown" else {}))
        self.assertTrue(eventually(lambda: self.names() == ["plain.bin"], timeout=20))
        self.assertEqual((self.box / "plain.bin").read_bytes(), source.read_bytes())
        browser.call("Emulation.setScriptExecutionDisabled", value=False)
        browser.wait("document.body.innerText.includes('1 file is here now')")

    def test_goes_on_after_a_lost_connection_and_says_what_is_wrong(self):
        browser = self.browser
        source = self.file("long.bin", 30_000_000)
        browser.size(320)
        link = SlowLink(self, f"127.0.0.1:{self.host.port}", 4_000_000, upward=True)
        browser.open(self.url.replace(self.host.root, "http://" + link.address))
        self.drop(source)
        browser.wait("document.querySelector('progress').value > 0.1")
        self.pictures("half")
        # What the browser counts as sent may be in buffers still.
        self.assertTrue(eventually(lambda: link.carried > 8_000_000))
        link.cut()
        browser.wait("document.querySelector('.progress .note').textContent.startsWith('no connection')")
        self.pictures("lost")
        self.assertNotIn("long.bin", self.names())
        carried, link.is_down, link.rate = link.carried, False, 100_000_000
        browser.wait("document.getElementById('upload-state').textContent === '1 file uploaded.'", timeout=40)
        self.assertEqual((self.box / "long.bin").read_bytes(), source.read_bytes())
        # It went on rather than began again.
        self.assertGreater(carried, 8_000_000)
        self.assertLess(link.carried, 36_000_000)
        browser.open(self.url)
        self.drop(self.file("left over.part", 5))
        browser.size(320)
        browser.wait("!!document.querySelector('.progress .bad')")
        self.assertIn("not shared", browser.run("document.querySelector('.progress .note').textContent"))
        self.assertEqual(browser.run("document.querySelector('.progress button').getAttribute('aria-label')"),
                         "Try again left over.part")
        self.assertLessEqual(browser.run("document.documentElement.scrollWidth"), 320)
        self.pictures("refused")

    def test_cancel(self):
        browser = self.browser
        browser.open(self.url)
        browser.call("Network.enable")
        browser.call("Network.emulateNetworkConditions", offline=False, latency=0, downloadThroughput=-1,
                     uploadThroughput=1_000_000)
        self.drop(self.file("long.bin", 30_000_000))
        browser.wait("document.querySelector('progress').value > 0.01")
        browser.run("document.querySelector('.progress button').click()")
        self.assertTrue(eventually(lambda: os.listdir(self.box) == []))
        self.assertEqual(browser.run("document.querySelectorAll('.progress li').length"), 0)


class WithoutAHost(InteropCase):
    def test_share_alone(self):
        need_program("curl")
        box = self.dir("box")
        program = self.run_duplex("share", "--inbox", box, "--listen", "127.0.0.1:0")
        url = program.wait("sharing", timeout=30)["inbox"]
        source = contents.make_file(self.dir("source") / "a.bin", 1000)
        self.assertEqual(curl("-T", source, url)[1].strip(), url + "a.bin")
        self.assertEqual((box / "a.bin").read_bytes(), source.read_bytes())
        self.assertTrue(re.match(r"http://127\.0\.0\.1:\d+/s/box/$", url), url)

    def test_what_cannot_be_one(self):
        file = contents.make_file(self.dir("source") / "a.bin", 1000)
        program = self.run_duplex("share", "--inbox", file, "--listen", "127.0.0.1:0")
        self.assertEqual(program.finish(20), 1)
        self.assertIn("not a folder", program.events[-1]["message"])
