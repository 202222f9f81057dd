"""`duplex get http://…`: a file of any web server, by itself."""

import base64
import hashlib
import os
import time

from support.case import InteropCase, eventually
from support.contents import files_below
from support.nginx import Nginx
from support.scripted import Scripted
from support.web import WebHost, curl_bytes


def sha256_field(content):
    return "sha-256=:" + base64.b64encode(hashlib.sha256(content).digest()).decode() + ":"


class HTTPGetCase(InteropCase):
    """Files of web servers, which take no --listen."""

    def load(self, url, to, *args, home=None):
        return self.run_duplex("get", url, "--to", to, *args, home=home)

    def loaded(self, url, to, timeout=60, home=None):
        program = self.load(url, to, home=home)
        done = program.wait("done", timeout=timeout)
        self.assertEqual(program.finish(20), 0, program.describe())
        return done

    def refused(self, url, to, *words, home=None, timeout=60):
        program = self.load(url, to, home=home)
        self.assertEqual(program.finish(timeout), 1, program.describe())
        message = program.of("error")[0]["message"]
        for word in words:
            self.assertIn(word, message)
        return message


class FromDuplex(HTTPGetCase):
    def test_the_first_who_asks_gets_what_is_verified(self):
        host = WebHost(self)
        small, large = self.dir("source") / "small.bin", self.dir("source") / "large.bin"
        small.write_bytes(os.urandom(100_000))
        large.write_bytes(os.urandom(48 << 20))
        for source in (small, large):
            url = host.url("s", host.share(source))
            self.assertEqual(self.loaded(url, self.dir("to"))["verified"], "SHA-256", source)
            self.assertEqual((self.dir("to") / source.name).read_bytes(), source.read_bytes())


class FromNginx(HTTPGetCase):
    def test_whole(self):
        root, to = self.dir("root"), self.dir("to")
        content = os.urandom(3_000_001)
        (root / "a b ü.bin").write_bytes(content)
        done = self.loaded(Nginx(self, root).url("a%20b%20%C3%BC.bin"), to)
        self.assertEqual((to / "a b ü.bin").read_bytes(), content)
        self.assertEqual((done["bytes"], done["verified"]), (len(content), None))
        self.assert_only(to, "a b ü.bin")

    def test_killed_and_resumed_while_the_server_restarts(self):
        root, to, home = self.dir("root"), self.dir("to"), self.home()
        content = os.urandom(24 << 20)
        (root / "big.bin").write_bytes(content)
        nginx = Nginx(self, root, "limit_rate 4m;")
        first = self.load(nginx.url("big.bin"), to, home=home)
        first.wait("progress", timeout=30, where=lambda e: e["done"] > 12 << 20)
        first.kill()
        self.assert_only(to, "big.bin.part")
        nginx.stop()
        nginx.start()
        second = self.load(nginx.url("big.bin"), to, home=home)
        second.wait("progress", timeout=30, where=lambda e: e["done"] > 15 << 20)
        nginx.stop()
        time.sleep(1.5)
        nginx.start()
        second.wait("done", timeout=60)
        self.assertEqual(second.finish(20), 0, second.describe())
        self.assertEqual((to / "big.bin").read_bytes(), content)
        self.assert_only(to, "big.bin")
        self.assertIn(" 206 ", nginx.log)
        # Once each, apart from what was on its way at the two ends.
        self.assertLess(sum(int(line.split('" ')[1].split()[1]) for line in nginx.log.splitlines()), 40 << 20)

    def test_changed_between_runs_is_fetched_anew(self):
        root, to, home = self.dir("root"), self.dir("to"), self.home()
        (root / "f").write_bytes(os.urandom(16 << 20))
        nginx = Nginx(self, root, "limit_rate 4m;")
        first = self.load(nginx.url("f"), to, home=home)
        first.wait("progress", timeout=30, where=lambda e: e["done"] > 10 << 20)
        first.kill()
        other = os.urandom(5 << 20)
        (root / "f").write_bytes(other)
        self.loaded(nginx.url("f"), to, home=home)
        self.assertEqual((to / "f").read_bytes(), other)

    def test_nothing_there(self):
        self.refused(Nginx(self, self.dir("root")).url("x"), self.dir("to"), "404", "check the address")
        self.assertEqual(os.listdir(self.dir("to")), [])


class FromOthers(HTTPGetCase):
    CONTENT = os.urandom(700_003)

    def test_digest_right_old_and_new(self):
        digest = base64.b64encode(hashlib.sha512(self.CONTENT).digest()).decode()
        forms = [("Repr_Digest", sha256_field(self.CONTENT), "SHA-256"), ("Digest", f"SHA-512={digest}", "SHA-512")]
        for number, (name, value, title) in enumerate(forms):
            server = Scripted(self, lambda h, n=name, v=value: h.send(200, self.CONTENT, **{n: v}))
            done = self.loaded(server.url("f"), self.dir(f"to{number}"))
            self.assertEqual(done["verified"], title)

    def test_digest_wrong_leaves_nothing(self):
        server = Scripted(self, lambda h: h.send(200, self.CONTENT, Repr_Digest=sha256_field(b"other")))
        self.refused(server.url("f"), self.dir("to"), "differ", "SHA-256")
        self.assertEqual(os.listdir(self.dir("to")), [])

    def test_wrong_bytes_then_a_mirror(self):
        good = Scripted(self, lambda h: h.send(200, self.CONTENT))
        bad = Scripted(self, lambda h: h.send(
            200, bytes(len(self.CONTENT)), Repr_Digest=sha256_field(self.CONTENT),
            Link=f"<{good.url('copy')}>; rel=duplicate"))
        done = self.loaded(bad.url("f"), self.dir("to"))
        self.assertEqual((self.dir("to") / "f").read_bytes(), self.CONTENT)
        self.assertEqual(done["verified"], "SHA-256")

    def test_a_mirror_that_is_of_no_use_is_left_out(self):
        """The server breaks off, the mirror has nothing, the server goes on."""
        empty = Scripted(self, lambda h: h.send(404))

        def answer(handler):
            asked = handler.headers.get("Range")
            fields = {"ETag": '"v1"', "Repr_Digest": sha256_field(self.CONTENT),
                      "Link": f"<{empty.url('copy')}>; rel=duplicate"}
            start = int(asked[6:-1]) if asked else 0
            if asked:
                fields["Content_Range"] = f"bytes {start}-{len(self.CONTENT) - 1}/{len(self.CONTENT)}"
            part = self.CONTENT[start:] if asked else self.CONTENT[:200_000]
            handler.send(206 if asked else 200, part, len(self.CONTENT) - start, **fields)
            handler.close_connection = True
        server = Scripted(self, answer)
        self.assertEqual(self.loaded(server.url("f"), self.dir("to"))["verified"], "SHA-256")
        self.assertEqual((self.dir("to") / "f").read_bytes(), self.CONTENT)
        self.assertEqual(len(empty.seen), 1)

    def test_wrong_bytes_of_the_last_mirror(self):
        """The server breaks off, the mirror sends the rest and not what it should: the server is asked for all again."""
        wrong = Scripted(self, lambda h: h.send(
            206, bytes(len(self.CONTENT) - 200_000), ETag='"m"',
            Content_Range=f"bytes 200000-{len(self.CONTENT) - 1}/{len(self.CONTENT)}"))
        calls = []

        def answer(handler):
            calls.append(handler.headers.get("Range"))
            content = self.CONTENT[:200_000] if len(calls) == 1 else self.CONTENT
            handler.send(200, content, len(self.CONTENT), ETag='"v1"', Repr_Digest=sha256_field(self.CONTENT),
                         Link=f"<{wrong.url('copy')}>; rel=duplicate")
            handler.close_connection = True
        server = Scripted(self, answer)
        self.assertEqual(self.loaded(server.url("f"), self.dir("to"))["verified"], "SHA-256")
        self.assertEqual((self.dir("to") / "f").read_bytes(), self.CONTENT)

    def test_a_mirror_does_not_say_what_the_file_is(self):
        """The server's bytes are wrong, and then the mirror's: that it gives the digest of its own changes nothing."""
        other = bytes(len(self.CONTENT))
        mirror = Scripted(self, lambda h: h.send(200, other, Repr_Digest=sha256_field(other)))
        server = Scripted(self, lambda h: h.send(
            200, self.CONTENT[::-1], Repr_Digest=sha256_field(self.CONTENT),
            Link=f"<{mirror.url('copy')}>; rel=duplicate"))
        self.refused(server.url("f"), self.dir("to"), "differ", "SHA-256")
        self.assertEqual(os.listdir(self.dir("to")), [])

    def test_a_part_of_another_file_is_not_put_behind(self):
        """A server that knows ranges and no If-Range has another file meanwhile."""
        newer = self.CONTENT[::-1] + b"more"

        def answer(handler):
            asked = handler.headers.get("Range")
            if asked:
                start = int(asked[6:-1])
                return handler.send(206, newer[start:], ETag='"v2"',
                                    Content_Range=f"bytes {start}-{len(newer) - 1}/{len(newer)}")
            if len(server.seen) == 1:
                handler.send(200, self.CONTENT[:200_000], len(self.CONTENT), ETag='"v1"')
            else:
                handler.send(200, newer, ETag='"v2"')
            handler.close_connection = True
        server = Scripted(self, answer)
        self.loaded(server.url("f"), self.dir("to"))
        self.assertEqual((self.dir("to") / "f").read_bytes(), newer)

    def test_another_file_is_never_overwritten(self):
        (self.dir("to") / "f").write_text("mine")
        server = Scripted(self, lambda h: h.send(200, self.CONTENT))
        self.refused(server.url("f"), self.dir("to"), "another file is there")
        self.assertEqual((self.dir("to") / "f").read_text(), "mine")

    def test_here_already(self):
        (self.dir("to") / "f").write_bytes(self.CONTENT)
        server = Scripted(self, lambda h: h.send(200, self.CONTENT, Repr_Digest=sha256_field(self.CONTENT)))
        self.assertEqual(self.loaded(server.url("f"), self.dir("to"))["verified"], "SHA-256")

    def test_names_are_made_safe(self):
        for number, (said, expected) in enumerate([
                ('attachment; filename="../../x.txt"', "x.txt"), ('attachment; filename=".bashrc"', "_bashrc"),
                ("attachment; filename=..", "f")]):
            server = Scripted(self, lambda h, s=said: h.send(200, b"x", Content_Disposition=s))
            to = self.dir(f"deep/to{number}")
            self.loaded(server.url("f"), to)
            self.assert_only(to, expected)

    def test_redirects(self):
        def answer(handler):
            if handler.path == "/loop":
                return handler.send(302, Location="/loop")
            targets = {"/file": "file:///etc/passwd", "/tls": "https://127.0.0.1/x", "/good": "there?x=1"}
            if handler.path in targets:
                return handler.send(302, Location=targets[handler.path])
            handler.send(200, self.CONTENT)
        server = Scripted(self, answer)
        to = self.dir("to")
        self.refused(server.url("loop"), to, "more than 10 times")
        self.assertEqual(len(server.seen), 11)
        self.refused(server.url("file"), to, "begins with file:")
        self.refused(server.url("tls"), to, "https is not there yet")
        self.assertEqual(os.listdir(to), [])
        self.loaded(server.url("good"), to)
        self.assertEqual((to / "good").read_bytes(), self.CONTENT)

    def test_https_says_so(self):
        self.refused("https://127.0.0.1/x", self.dir("to"), "https is not there yet")

    def test_breaks_off_and_goes_on(self):
        def answer(handler):
            asked = handler.headers.get("Range")
            start = int(asked[6:-1]) if asked else 0
            end = min(start + 200_000, len(self.CONTENT))
            fields = {"ETag": '"v1"'}
            if asked:
                fields["Content_Range"] = f"bytes {start}-{len(self.CONTENT) - 1}/{len(self.CONTENT)}"
            handler.send(206 if asked else 200, self.CONTENT[start:end], len(self.CONTENT) - start, **fields)
            handler.close_connection = True
        server = Scripted(self, answer)
        self.loaded(server.url("f"), self.dir("to"))
        self.assertEqual((self.dir("to") / "f").read_bytes(), self.CONTENT)

    def test_another_part_than_asked_for_is_refused(self):
        def answer(handler):
            if handler.headers.get("Range"):
                return handler.send(206, self.CONTENT[:100], ETag='"v1"', Content_Range="bytes 0-99/700003")
            handler.send(200, self.CONTENT[:200_000], len(self.CONTENT), ETag='"v1"')
            handler.close_connection = True
        self.refused(Scripted(self, answer).url("f"), self.dir("to"), "another part")

    def test_too_busy_at_first(self):
        calls = []

        def answer(handler):
            calls.append(time.monotonic())
            if len(calls) == 1:
                handler.send(200, self.CONTENT[:10], len(self.CONTENT), ETag='"v"')
                handler.close_connection = True
            elif len(calls) == 2:
                handler.send(503, Retry_After="2")
            else:
                handler.send(200, self.CONTENT, ETag='"v"')
        self.loaded(Scripted(self, answer).url("f"), self.dir("to"))
        self.assertGreaterEqual(calls[2] - calls[1], 1.9)

    def test_a_flood_of_fields_ends(self):
        def answer(handler):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for number in range(200_000):
                handler.wfile.write(b"X-%d: y\r\n" % number)
        self.refused(Scripted(self, answer).url("f"), self.dir("to"), "cannot fetch")


class TorrentsAndPages(HTTPGetCase):
    def test_a_torrent_by_its_address(self):
        root = self.dir("root")
        (root / "data").write_bytes(os.urandom(300_000))
        source, sharing = self.share(root / "data")
        out = self.create(root / "data", root / "data.torrent")
        nginx = Nginx(self, root)
        program = self.get(nginx.url(out.name), self.dir("to"), "--peer", sharing["listen"][0])
        program.wait("done", timeout=60)
        self.assertEqual(program.finish(20), 0)
        self.assert_same(root / "data", self.dir("to") / "data")

    def test_what_is_no_torrent(self):
        server = Scripted(self, lambda h: h.send(200, b"<html>", Content_Type="application/x-bittorrent"))
        self.refused(server.url("f"), self.dir("to"), "no torrent")

    def own_host(self):
        """(the address of its pages, the folder that it shares)"""
        folder = self.dir("Lectures")
        (folder / "week-1").mkdir()
        (folder / "week-1" / "a.bin").write_bytes(os.urandom(1_500_000))
        (folder / "b.bin").write_bytes(os.urandom(900_000))
        home = self.home()
        host = self.run_duplex("up", "--listen", "127.0.0.1:0", "--web", "127.0.0.1:0", "--owner", "off",
                               "--discovery", "off", home=home)
        ready = host.wait("ready", timeout=30)
        shared = self.run_duplex("share", "--public", folder, home=home)
        self.assertEqual(shared.finish(60), 0, shared.describe())
        return ready["web"][0].rstrip("/"), folder

    def test_the_page_of_a_share_and_of_a_folder_in_it(self):
        web, folder = self.own_host()
        self.fetch(f"{web}/s/Lectures/", self.dir("to"))
        self.assert_same(folder, self.dir("to") / "Lectures")
        self.fetch(f"{web}/s/Lectures/week-1/", self.dir("part"))
        self.assertEqual([str(p.relative_to(self.dir("part"))) for p in files_below(self.dir("part"))],
                         ["Lectures/week-1/a.bin"])

    def test_a_folder_that_is_a_web_site_and_one_without_its_last_slash(self):
        web, folder = self.own_host()
        (folder / "week-1" / "index.html").write_text("<h1>Week 1</h1>")
        self.assertTrue(eventually(lambda: b"Week 1" in curl_bytes(f"{web}/s/Lectures/week-1/")[1], 20))
        self.fetch(f"{web}/s/Lectures", self.dir("to"))
        self.assert_same(folder, self.dir("to") / "Lectures")
        self.fetch(f"{web}/s/Lectures/week-1", self.dir("part"))
        self.assert_same(folder / "week-1", self.dir("part") / "Lectures/week-1")

    def test_one_file_of_our_own_pages_is_verified(self):
        web, folder = self.own_host()

        def verified():
            # The host finds the digest out when it is first asked.
            to = self.dir(f"to{time.monotonic()}")
            done = self.loaded(f"{web}/s/Lectures/b.bin", to)
            self.assertEqual((to / "b.bin").read_bytes(), (folder / "b.bin").read_bytes())
            return done["verified"] == "SHA-256"
        self.assertTrue(eventually(verified, 20))
