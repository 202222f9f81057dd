"""HTTP/2 in clear by prior knowledge (RFC 9113), with curl, h2load and hand-made frames; and content coding."""

import gzip
import io
import os
import re
import struct
import subprocess
import time
import zipfile

from support import contents, http2
from support.case import InteropCase, eventually, need_program
from support.web import WebHost, curl, curl_bytes, field, headers

H2 = "--http2-prior-knowledge"


def resident(program):
    """KiB."""
    with open(f"/proc/{program.process.pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1])


class HTTP2Case(InteropCase):
    def setUp(self):
        need_program("curl")
        super().setUp()
        self.host = WebHost(self)
        self.port = self.host.port

    def share_file(self, size=3_000_017, name="läng & breit.bin"):
        file = contents.make_file(self.dir("source") / name, size)
        return file, self.host.url("s", self.host.share(file))


class Downloads(HTTP2Case):
    def test_curl_gets_what_it_gets_by_http_1(self):
        file, url = self.share_file()
        data = file.read_bytes()
        self.assertEqual(curl("-o", os.devnull, "-w", "%{http_version}", H2, url)[1], "2")
        self.assertEqual(curl_bytes(H2, url), (0, data))
        for given, start, end in [("0-0", 0, 1), ("70000-2000000", 70_000, 2_000_001), ("-5", -5, None)]:
            self.assertEqual(curl_bytes(H2, "-r", given, url), (0, data[start:end]), given)
        one, two = headers("-I", url), headers(H2, "-I", url)
        self.assertTrue(eventually(lambda: field(headers(H2, "-I", url)[1], "repr-digest")))
        one, two = headers("-I", url), headers(H2, "-I", url)
        self.assertEqual(one[0], two[0])
        self.assertEqual([f for f in one[1] if f[0] != "date"], [f for f in two[1] if f[0] != "date"])
        self.assertEqual(headers(H2, "-H", f"If-None-Match: {field(two[1], 'etag')}", url)[0], 304)
        self.assertEqual(headers(H2, "-H", "Range: bytes=99999999-", url)[0], 416)
        self.assertEqual(headers(H2, "-X", "DELETE", url)[0], 405)
        self.assertEqual(headers(H2, "-d", "a" * 1000, url)[0], 403)  # no inbox
        (self.folder / "body").write_bytes(b"a" * 200_000)
        self.assertEqual(headers(H2, "--data-binary", f"@{self.folder / 'body'}", url)[0], 403)
        self.assertEqual(headers(H2, self.host.root + "/s/%2e%2e/x")[0], 400)

    def test_a_folder_as_zip_and_the_page(self):
        tree = contents.make_tree(self.dir("source") / "Bäume")
        name = self.host.share(tree)
        status, archive = curl_bytes(H2, self.host.url("-", "zip", name + ".zip"))
        self.assertEqual(status, 0)
        self.assertIsNone(zipfile.ZipFile(io.BytesIO(archive)).testzip())
        pages = [curl_bytes(*way, self.host.url("s", name, folder=True)) for way in ((), (H2,), (H2, "--compressed"))]
        self.assertEqual(pages[0], pages[1])
        self.assertEqual(pages[0], pages[2])

    def test_the_port_of_the_peers_speaks_it_too(self):
        address = self.host.ready["listen"][0]
        self.assertEqual(curl("-o", os.devnull, "-w", "%{http_version} %{http_code}", H2, f"http://{address}/.duplex")[1][:1], "2")

    def test_a_file_that_changes_while_it_is_sent_ends_the_stream(self):
        file, url = self.share_file(64 << 20, "big.bin")
        with http2.Connection(self.port, window=(1 << 31) - 1) as connection:
            connection.send(http2.request(1, "/s/big.bin"))
            got = 0
            for kind, flags, stream, payload in connection.frames():
                if kind == http2.DATA:
                    if not got:
                        with open(file, "r+b") as out:
                            out.seek(60 << 20)
                            out.write(b"another")
                    got += len(payload)
                    self.assertFalse(flags & http2.END_STREAM)
                    connection.send(http2.frame(http2.WINDOW_UPDATE, 0, 0, struct.pack(">I", max(1, len(payload)))))
                if kind == http2.RST_STREAM:
                    break
            else:
                self.fail("the stream was not ended")
        self.assertLess(got, 64 << 20)

    def test_h2load_bounded(self):
        program = need_program("h2load")
        _, small = self.share_file(16 << 10, "small.bin")
        _, large = self.share_file(8 << 20, "large.bin")
        url = self.host.root

        def load(*args):
            answer = subprocess.run([program, *map(str, args)], capture_output=True, text=True, timeout=120)
            self.assertRegex(answer.stdout, r"requests: (\d+) total, \1 started, \1 done, \1 succeeded, 0 failed")

        load("-n", 2000, "-c", 8, "-m", 50, small)
        load("-n", 40, "-c", 4, "-m", 10, large)
        load("-n", 500, "-c", 4, "-m", 20, url + "/")
        before = resident(self.host.program)
        for _ in range(3):
            load("-n", 3000, "-c", 8, "-m", 50, small)
            load("-n", 40, "-c", 4, "-m", 10, large)
            load("-n", 500, "-c", 4, "-m", 20, url + "/")
        self.assertLess(resident(self.host.program) - before, 24 << 10)


class Attacks(HTTP2Case):
    def alive(self):
        self.assertTrue(self.host.program.alive)
        self.assertEqual(curl("-o", os.devnull, "-w", "%{http_code}", H2, "-m", "10", self.host.root + "/")[1], "200")

    def answered(self, *parts, stream=1, **values):
        """What became of a stream: its status, or the name of its end."""
        with http2.Connection(self.port, **values) as connection:
            for part in parts:
                connection.send(part)
            for kind, _, number, payload in connection.frames():
                if number == stream and kind == http2.HEADERS:
                    return "answered"
                if number == stream and kind == http2.RST_STREAM:
                    return "reset"
                if kind == http2.GOAWAY:
                    return "gone"
            return "gone"

    def test_malformed_requests_are_not_answered(self):
        usual = [(":method", "GET"), (":scheme", "http"), (":authority", "x"), (":path", "/")]
        self.assertEqual(self.answered(http2.request(1)), "answered")
        forms = {
            "no path": usual[:3], "path twice": [*usual, (":path", "/b")], "unknown": [*usual, (":protocol", "a")],
            "status": [*usual, (":status", "200")], "relative": [*usual[:3], (":path", "a")],
            "absolute": [*usual[:3], (":path", "http://y/")], "empty": [*usual[:3], (":path", "")],
            "upper case": [*usual, ("X-A", "1")], "connection": [*usual, ("connection", "close")],
            "chunked": [*usual, ("transfer-encoding", "chunked")], "upgrade": [*usual, ("upgrade", "h2c")],
            "te": [*usual, ("te", "gzip")], "late": [*usual[:3], ("a", "b"), usual[3]],
            "line feed": [*usual, ("a", "b\nc: d")], "null": [*usual, ("a", "b\0c")], "no name": [*usual, ("", "a")],
            "colon": [*usual, ("a:b", "c")], "another host": [*usual, ("host", "y")],
            "length": [*usual, ("content-length", "5")],
        }
        for name, fields in forms.items():
            with self.subTest(name):
                self.assertIn(self.answered(http2.request(1, first=fields)), ("reset", "gone"))
        with self.subTest("more than the length"):
            self.assertIn(self.answered(
                http2.request(1, "/", ("content-length", "1"), method="POST", end=False),
                http2.frame(http2.DATA, http2.END_STREAM, 1, b"abc")), ("reset", "gone"))
        self.alive()

    def test_broken_frames_end_the_connection(self):
        big = http2.block([("a%d" % number, "b" * 1000) for number in range(40)])
        forms = {
            "data on stream 0": http2.frame(http2.DATA, 0, 0, b"a"),
            "even stream": http2.request(2), "idle stream": http2.frame(http2.DATA, 0, 5, b"a"),
            "long frame": http2.frame(http2.DATA, 0, 1, b"a" * 20_000),
            "window of zero": http2.frame(http2.WINDOW_UPDATE, 0, 0, bytes(4)),
            "window overflow": http2.frame(http2.WINDOW_UPDATE, 0, 0, b"\x7f\xff\xff\xff") * 2,
            "odd settings": http2.frame(http2.SETTINGS, 0, 0, b"abc"),
            "bad window": http2.frame(http2.SETTINGS, 0, 0, struct.pack(">HI", 4, 1 << 31)),
            "push": http2.frame(http2.PUSH_PROMISE, 4, 1, b"\0\0\0\2" + http2.block([(":method", "GET")])),
            "continuation alone": http2.frame(http2.CONTINUATION, 4, 1, b""),
            "interleaved": http2.frame(http2.HEADERS, 0, 1, b"") + http2.frame(http2.PING, 0, 0, bytes(8)),
            "bad index": http2.frame(http2.HEADERS, 5, 1, b"\xff\xff\xff\xff\x0f"),
            "huge integer": http2.frame(http2.HEADERS, 5, 1, b"\xff" * 200),
            "padding": http2.frame(http2.DATA, 8, 1, b"\xff"),
            "large fields": http2.frame(http2.HEADERS, 1, 1, big[:16_000])
            + http2.frame(http2.CONTINUATION, 0, 1, big[16_000:32_000]) + http2.frame(http2.CONTINUATION, 4, 1, big[32_000:]),
        }
        for name, data in forms.items():
            with self.subTest(name), http2.Connection(self.port) as connection:
                connection.send(data)
                self.assertTrue(connection.ends()[0])
        for name, data in {"half": http2.PREFACE[:20] + b"xxxx", "no settings": http2.PREFACE + http2.request(1)}.items():
            with self.subTest(name):
                self.assertNotIn(b" 200 ", self.host.raw(data)[:40])
        self.alive()

    def test_floods_end_the_connection(self):
        before = resident(self.host.program)
        one = http2.request

        def rapid_reset():
            for number in range(1, 4001, 2):
                yield one(number) + http2.frame(http2.RST_STREAM, 0, number, struct.pack(">I", 8))

        def wrong_windows():
            # The server is made to reset.
            for number in range(1, 4001, 2):
                yield one(number, end=False, method="POST") + http2.frame(http2.WINDOW_UPDATE, 0, number, bytes(4))

        floods = {
            "rapid reset": rapid_reset(), "made to reset": wrong_windows(),
            "pings": (http2.frame(http2.PING, 0, 0, bytes(8)) * 100 for _ in range(1000)),
            "settings": (http2.settings(window=number) * 10 for number in range(10_000)),
            "continuations": (
                part for part in [http2.frame(http2.HEADERS, 0, 1, b"")] + [http2.frame(http2.CONTINUATION, 0, 1, b"") * 100] * 1000),
            "empty data": (
                part for part in [one(1, method="POST", end=False)] + [http2.frame(http2.DATA, 0, 1) * 100] * 1000),
            "priorities": (http2.frame(http2.PRIORITY, 0, 1, b"\0\0\0\3\0") * 100 for _ in range(1000)),
        }
        for name, parts in floods.items():
            with self.subTest(name), http2.Connection(self.port) as connection:
                for part in parts:
                    if not connection.send(part):
                        break
                self.assertTrue(connection.ends()[0])
        self.alive()
        self.assertLess(resident(self.host.program) - before, 32 << 10)

    def test_no_more_streams_than_announced(self):
        contents.make_file(self.dir("source") / "big.bin", 4 << 20)
        self.host.share(self.folder / "source" / "big.bin")
        with http2.Connection(self.port, window=0) as connection:
            connection.send(b"".join(http2.request(number, "/s/big.bin") for number in range(1, 301, 2)))
            opened = set()
            connection.socket.settimeout(2)
            for kind, _, stream, _ in connection.frames():
                if kind == http2.HEADERS:
                    opened.add(stream)
        self.assertLessEqual(len(opened), 100)
        self.alive()

    def test_readers_that_take_nothing_cost_little_and_keep_nobody_out(self):
        contents.make_file(self.dir("source") / "big.bin", 4 << 20)
        self.host.share(self.folder / "source" / "big.bin")
        before = resident(self.host.program)
        held = []
        for _ in range(30):
            connection = http2.Connection(self.port, window=0)
            connection.send(b"".join(http2.request(number, "/s/big.bin") for number in range(1, 201, 2)))
            held.append(connection)
        time.sleep(2)
        grown = resident(self.host.program) - before
        # 1024 streams of 16 KiB at most hold something, and each costs a little besides.
        self.assertLess(grown, 96 << 10)
        # By HTTP/1.1, which is not touched.
        self.assertEqual(self.host.status("/s/big.bin"), 200)
        for connection in held:
            connection.socket.close()
        self.assertTrue(eventually(
            lambda: curl("-o", os.devnull, "-w", "%{http_code}", H2, self.host.root + "/")[1] == "200", timeout=20))


class ContentCoding(HTTP2Case):
    def test_what_is_compressed_and_what_is_not(self):
        text = "".join(f"line {number} of a text\n" for number in range(3000)).encode()
        folder = self.dir("source") / "mixed"
        folder.mkdir()
        (folder / "text.txt").write_bytes(text)
        (folder / "data.bin").write_bytes(text)
        (folder / "tiny.txt").write_bytes(b"short\n" * 20)
        (folder / "huge.txt").write_bytes(text * 10)
        name = self.host.share(folder)
        accept = ("-H", "Accept-Encoding: gzip")

        def coding(*args):
            return field(headers(*args)[1], "content-encoding")

        url = self.host.url("s", name, "text.txt")
        for way in ((), (H2,)):
            self.assertEqual(gzip.decompress(curl_bytes(*way, *accept, url)[1]), text)
            self.assertEqual(curl_bytes(*way, url)[1], text)
        for other in ("data.bin", "tiny.txt", "huge.txt"):
            self.assertIsNone(coding(*accept, self.host.url("s", name, other)), other)
        for page in ("/", "/-/style.css", "/-/app.js", f"/s/{name}/"):
            self.assertEqual(coding(*accept, self.host.root + page), "gzip", page)
            self.assertEqual(field(headers(self.host.root + page)[1], "vary"), "Accept-Encoding", page)
            self.assertEqual(curl_bytes("--compressed", self.host.root + page), curl_bytes(self.host.root + page))
        # Weights (RFC 9110 §12.4.2, §12.5.3).
        for given, expected in {
            "gzip;q=0": None, "*": "gzip", "*;q=0, identity": None, "br, gzip;q=0.5": "gzip", "identity, gzip;q=0.5": None,
            "identity;q=0.5, gzip": "gzip", "deflate, br": None, "": None, "gzip;q=2": None, "identity;q=0, gzip": "gzip",
        }.items():
            with self.subTest(given):
                self.assertEqual(coding("-H", f"Accept-Encoding: {given}", url), expected)
        self.assertEqual(headers("-H", "Accept-Encoding: identity;q=0", url)[0], 406)

    def test_the_coded_form_is_another_representation(self):
        text = "".join(f"line {number} of a text\n" for number in range(2000)).encode()
        (self.dir("source") / "text.txt").write_bytes(text)
        url = self.host.url("s", self.host.share(self.folder / "source" / "text.txt"))
        accept = ("-H", "Accept-Encoding: gzip")
        self.assertTrue(eventually(lambda: field(headers("-I", url)[1], "repr-digest")))
        plain, coded = headers("-I", url)[1], headers("-I", *accept, url)[1]
        self.assertEqual(*[sorted(f for f in headers(*way, *accept, url)[1] if f[0] != "date") for way in ((), ("-I",))])
        tags = field(plain, "etag"), field(coded, "etag")
        self.assertNotEqual(*tags)
        self.assertTrue(tags[1].startswith("W/"))
        self.assertIsNone(field(coded, "repr-digest"))
        self.assertEqual(field(coded, "accept-ranges"), "none")
        self.assertEqual(headers(*accept, "-H", f"If-None-Match: {tags[1]}", url)[0], 304)
        self.assertEqual(headers(*accept, "-H", f"If-None-Match: {tags[0]}", url)[0], 200)
        self.assertEqual(headers("-H", f"If-None-Match: {tags[1]}", url)[0], 200)
        # Parts are those of the text itself, and not joined to a coded one.
        self.assertEqual(curl_bytes(*accept, "-r", "10-99", url)[1], text[10:100])
        self.assertEqual(headers(*accept, "-r", "10-99", "-H", f"If-Range: {tags[1]}", url)[0], 200)
