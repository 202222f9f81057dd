"""The limits of pages and inboxes: each is a setting, and does what it says."""

import email.utils
import signal
import socket
import threading
import time

from support import contents, http2
from support.case import InteropCase, eventually, need_program
from support.web import WebHost, field, headers

TUS = ("-H", "Tus-Resumable: 1.0.0")
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
HALF = b"GET /healthz HTTP/1.1\r\nHos"


class LimitCase(InteropCase):
    def setUp(self):
        need_program("curl")
        super().setUp()

    def connect(self, host, source="127.0.0.1", timeout=60):
        connection = socket.create_connection(("127.0.0.1", host.port), timeout=timeout, source_address=(source, 0))
        self.addCleanup(connection.close)
        return connection

    def ask(self, connection):
        """Whether the connection answers."""
        try:
            connection.sendall(HEALTH)
            return connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        except ConnectionError:
            return False

    def is_welcome(self, host, source="127.0.0.1"):
        connection = self.connect(host, source)
        try:
            return self.ask(connection)
        finally:
            connection.close()

    def wait_for_end(self, connection):
        try:
            while connection.recv(65536):
                pass
        except ConnectionError:
            pass

    def is_open(self, connection):
        """Whether nothing has ended it yet; what has arrived is read."""
        connection.setblocking(False)
        try:
            return connection.recv(65536) != b""
        except BlockingIOError:
            return True
        except ConnectionError:
            return False
        finally:
            connection.settimeout(60)


class Pages(LimitCase):
    def traffic(self, host):
        status = self.run_duplex("status", home=host.home)
        self.assertEqual(status.finish(20), 0)
        return status.events[0]["web"]

    def test_connections(self):
        host = WebHost(self, "--web-connections", "2")
        held = [self.connect(host) for _ in range(2)]
        for connection in held:
            self.assertTrue(self.ask(connection))
        self.assertFalse(self.is_welcome(host, "127.0.0.2"))
        # Whoever comes in vain is told so, whatever was asked for.
        file = contents.make_file(self.dir("source") / "a.bin", 100_000)
        for way in ([], ["--http2-prior-knowledge"], ["-T", file], ["-T", file, "-H", "Expect:"]):
            status, fields = headers(*way, host.root + "/s/a")
            self.assertEqual((status, field(fields, "retry-after")), (503, "5"), way)
        held[0].close()
        self.assertTrue(eventually(lambda: self.is_welcome(host, "127.0.0.2")))

    def test_more_than_can_be_told(self):
        host = WebHost(self, "--web-connections", "1")
        self.assertTrue(self.ask(self.connect(host)))
        for connection in [self.connect(host) for _ in range(200)]:
            self.wait_for_end(connection)
        self.assertTrue(eventually(lambda: host.status("/healthz") == 503))

    def test_connections_of_an_address(self):
        host = WebHost(self, "--web-connections-per-address", "2")
        held = [self.connect(host) for _ in range(2)]
        for connection in held:
            self.assertTrue(self.ask(connection))
        self.assertFalse(self.is_welcome(host))
        self.assertTrue(self.is_welcome(host, "127.0.0.2"))
        held[0].close()
        self.assertTrue(eventually(lambda: self.is_welcome(host)))

    def test_times_of_requests(self):
        # Both are 15 s if nobody says anything.
        quick = WebHost(self, "--web-request-time", "1s", "--web-idle-time", "1h")
        brief = WebHost(self, "--web-request-time", "1h", "--web-idle-time", "1")
        patient = WebHost(self, "--web-request-time", "1h", "--web-idle-time", "60min")
        beginning = [self.connect(host) for host in (quick, brief, patient)]
        kept = [self.connect(host) for host in (quick, brief, patient)]
        for connection in beginning:
            connection.sendall(HALF)
        for connection in kept:
            self.assertTrue(self.ask(connection))
        self.wait_for_end(beginning[0])
        self.wait_for_end(kept[1])
        time.sleep(17)
        self.assertEqual([self.is_open(connection) for connection in beginning], [False, True, True])
        self.assertEqual([self.is_open(connection) for connection in kept], [True, False, True])
        self.assertTrue(self.ask(kept[2]))
        beginning[2].sendall(b"t: x\r\n\r\n")
        self.assertTrue(beginning[2].recv(65536).startswith(b"HTTP/1.1 200 "))

    def test_time_of_an_answer(self):
        host = WebHost(self, "--web-answer-time", "1s")
        size = 64 << 20
        name = host.share(contents.make_file(self.dir("source") / "large.bin", size))
        before = eventually(lambda: (now := self.traffic(host))["transfers"] == 0 and now, every=0.2)["uploaded"]
        connection = socket.socket()
        self.addCleanup(connection.close)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", host.port))
        connection.sendall(f"GET /s/{name} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        # Nothing is read. The host says when it has given up: something was sent, and nothing is under way any more.
        end = eventually(
            lambda: (now := self.traffic(host))["transfers"] == 0 and now["uploaded"] > before and now, timeout=60, every=0.5)
        self.assertTrue(end, self.traffic(host))
        self.assertLess(end["uploaded"] - before, size)

    def test_size_of_the_header(self):
        host = WebHost(self, "--web-header-size", "1KiB")
        self.assertEqual(headers("-H", "X: " + "a" * 500, host.root + "/healthz")[0], 200)
        self.assertEqual(headers("-H", "X: " + "a" * 1500, host.root + "/healthz")[0], 431)

    def test_streams_of_a_connection(self):
        host = WebHost(self, "--web-streams", "7")
        with http2.Connection(host.port) as connection:
            payload = next(payload for kind, flags, _, payload in connection.frames()
                           if kind == http2.SETTINGS and not flags & http2.ACK)
            said = {payload[at:at + 2]: payload[at + 2:at + 6] for at in range(0, len(payload), 6)}
            self.assertEqual(int.from_bytes(said[b"\0\3"], "big"), 7)

    def test_they_are_printed_and_checked(self):
        home = self.home()
        arguments = ["--web-connections", "50", "--inbox-rest-time", "36h", "--inbox-limit", "1.5GiB"]
        shown = self.run_duplex("up", "--print-settings", *arguments, home=home)
        self.assertEqual(shown.finish(20), 0, shown.describe())
        rows = {row["name"]: (row["value"], row["default"]) for row in shown.events}
        self.assertEqual(rows["web-connections"], ("50", "8192"))
        self.assertEqual(rows["inbox-rest-time"], ("36h", "1d"))
        self.assertEqual(rows["inbox-limit"], ("1536MiB", "10GiB"))
        self.assertEqual(rows["web-answer-time"], ("5min", "5min"))
        for name, value, why in (("web-connections", "0", "between 1 and 65536"), ("web-header-size", "1GiB", "1KiB and 1MiB"),
                                 ("web-idle-time", "soon", "not a time"), ("inbox-files", "many", "not a whole number"),
                                 ("inbox-rest-time", "1s", "between 1min and 365d")):
            wrong = self.run_duplex("up", f"--{name}", value, home=home, json_output=False)
            self.assertIn(wrong.finish(20), (1, 64))
            self.assertIn(why, " ".join(wrong.errors))
            self.assertIn(f"'{name}' (flag)", " ".join(wrong.errors))


class Inboxes(LimitCase):
    def inbox(self, *args):
        host = WebHost(self, *args)
        program = self.run_duplex("share", self.dir("box"), "--inbox", home=host.home)
        url = program.wait("sharing", timeout=60)["inbox"]
        self.assertEqual(program.finish(20), 0)
        return host, url

    def put(self, url, *args, size=1000):
        return headers(*args, "-T", contents.make_file(self.dir("source") / "a.bin", size), url)[0]

    def create(self, url, *args):
        """Of an upload that is not finished: where it is."""
        status, fields = headers("-X", "POST", *TUS, "-H", "Upload-Length: 10", *args, url)
        self.assertEqual(status, 201)
        return field(fields, "location"), fields

    def is_there(self, host, upload):
        return headers("-I", *TUS, host.root + upload)[0] == 200

    def hold(self, host, url, source="127.0.0.1"):
        """An upload that does not end."""
        connection = self.connect(host, source)
        path = url.removeprefix(host.root)
        connection.sendall(f"PUT {path}held HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nbegun".encode())
        return connection

    def test_files_of_an_inbox(self):
        _, url = self.inbox("--inbox-files", "2")
        self.assertEqual([self.put(url) for _ in range(3)], [201, 201, 507])

    def test_they_are_read_again(self):
        settings = self.folder / "settings"
        settings.write_text("inbox-files = 1\n")
        host, url = self.inbox("--settings", settings)
        self.assertEqual([self.put(url) for _ in range(2)], [201, 507])
        settings.write_text("inbox-files = 2\nweb-connections = 77\n")
        host.program.process.send_signal(signal.SIGHUP)
        host.program.wait("reloaded")
        self.assertEqual([self.put(url) for _ in range(2)], [201, 507])
        # Those of the pages hold until the host is started again, and it says so.
        self.assertTrue(eventually(lambda: any("after a restart" in line for line in host.program.errors)), host.program.errors)

    def test_uploads_at_a_time(self):
        host, url = self.inbox("--inbox-uploads", "2", "--inbox-uploads-per-address", "1")
        held = [self.hold(host, url, source) for source in ("127.0.0.1", "127.0.0.2")]
        self.assertTrue(eventually(lambda: self.put(url) == 429))
        self.assertTrue(eventually(lambda: self.put(url, "--interface", "127.0.0.3") == 503))
        held[0].close()
        self.assertTrue(eventually(lambda: self.put(url, "--interface", "127.0.0.3") == 201))

    def test_pace_of_an_upload(self):
        # Half a minute if nobody says anything, and then the client of this test would have given up.
        host, url = self.inbox("--web-upload-time", "1s")
        answer = []
        held = self.hold(host, url)
        held.settimeout(25)
        reader = threading.Thread(target=lambda: answer.append(held.recv(65536)))
        reader.start()
        reader.join()
        self.assertTrue(answer and answer[0].startswith(b"HTTP/1.1 408 "), answer)

    def test_unfinished(self):
        host, url = self.inbox("--inbox-unfinished", "3", "--inbox-unfinished-per-address", "2")
        # One that rests makes room for one that is begun: first of the same address, then of whoever has most.
        own = [self.create(url)[0] for _ in range(3)]
        self.assertEqual(sum(self.is_there(host, upload) for upload in own), 2)
        self.assertTrue(self.is_there(host, own[-1]))
        others = [self.create(url, "--interface", address)[0] for address in ("127.0.0.2", "127.0.0.3")]
        self.assertEqual(sum(self.is_there(host, upload) for upload in own), 1)
        self.assertTrue(all(self.is_there(host, upload) for upload in others))

    def test_how_long_they_rest(self):
        _, url = self.inbox("--inbox-rest-time", "30d")
        upload, _ = self.create(url)
        root = url.split("/s/")[0]
        expires = field(headers("-I", *TUS, root + upload)[1], "upload-expires")
        self.assertGreater(email.utils.parsedate_to_datetime(expires).timestamp() - time.time(), 20 * 86_400)
