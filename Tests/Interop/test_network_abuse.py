"""What strangers send to a host, and what goes wrong around it: the host stays, says it in clear words, loses nothing."""

import json
import os
import random
import shutil
import signal
import socket
import struct
import threading
import time
from pathlib import Path

from support.case import InteropCase, eventually
from support.contents import files_below, make_file, make_tree
from support.control import request
from support.lan import Lan

MDNS = ("224.0.0.251", 5353)


class HostCase(InteropCase):
    def up(self, *args, home=None, **options):
        program = self.run_duplex("up", "--listen", "127.0.0.1:0", "--discovery", "off", *args, home=home, **options)
        ready = program.wait("ready", timeout=20)
        return program, ready["control"], int(ready["listen"][0].rsplit(":", 1)[1])


class Doors(HostCase):
    """Garbage at the peer port and the control socket."""

    def talk(self, family, place, data, wait=0.05, whole=False):
        connection = socket.socket(family)
        connection.settimeout(5)
        try:
            connection.connect(place)
            connection.sendall(data)
            if whole:
                answer = b""
                while part := connection.recv(65536):
                    answer += part
                return answer
            time.sleep(wait)
        except OSError:
            pass
        finally:
            connection.close()
        return b""

    def test_garbage_at_both_doors(self):
        program, control, port = self.up()
        make_tree(self.folder / "Tree")
        request(control, "POST", "/shares", {"path": str(self.folder / "Tree"), "scope": "public"})
        self.assertTrue(eventually(lambda: request(control, "GET", "/shares/Tree")[1]["state"] == "offered", 20))
        before = program.memory("VmRSS")
        chance = random.Random(5)
        requests = [
            b"GET", b"GET /", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nhost: a\r\n" + b"x" * 200_000,
            b"GET / HTTP/1.1\r\n" + b"".join(b"h%d: v\r\n" % n for n in range(20_000)) + b"\r\n",
            b"GET /" + b"a" * 500_000 + b" HTTP/1.1\r\n\r\n", b"POST /shares HTTP/1.1\r\ncontent-length: 99999999999999999999\r\n\r\n",
            b"POST /shares HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n",
            b"POST /shares HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\nabc",
            b"POST /shares HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            b"POST /shares HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n{\"path\":\x00",
            b"GET / HTTP/9.9\r\n\r\n", b"\r\n\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x13BitTorrent protocol" + bytes(8),
            b"\x16\x03\x01\x02\x00\x01", b"GET /duplex/host HTTP/1.1\r\nhost: a\r\nduplex-port: 70000\r\n\r\n",
            b"GET /hosts HTTP/1.1\r\nhost: a\r\n\r\n" * 200,
        ]
        requests += [chance.randbytes(chance.randrange(1, 5000)) for _ in range(40)]
        requests += [b"G" + chance.randbytes(300) for _ in range(10)]
        requests += [bytes([chance.choice(b"AZGP")]) + bytes(chance.choices(range(32, 127), k=100)) + b"\r\n\r\n" for _ in range(10)]
        threads = []
        for data in requests:
            for family, place in ((socket.AF_UNIX, control), (socket.AF_INET, ("127.0.0.1", port))):
                threads.append(threading.Thread(target=self.talk, args=(family, place, data)))
                threads[-1].start()
                if len(threads) % 16 == 0:
                    for thread in threads[-16:]:
                        thread.join()
        for thread in threads:
            thread.join()
        # Connections that only stay.
        silent = []
        for _ in range(300):
            connection = socket.socket()
            connection.connect(("127.0.0.1", port))
            connection.sendall(b"GET /duplex")
            silent.append(connection)
        status, document = self.get(port, "/duplex/host")
        self.assertEqual((status, [share["name"] for share in document["shares"]]), (200, ["Tree"]))
        self.assertEqual(request(control, "GET", "/status")[0], 200)
        for connection in silent:
            connection.close()
        self.assertLess(program.memory("VmRSS") - before, 40)
        self.assertTrue(program.alive)

    def get(self, port, target):
        answer = self.talk(socket.AF_INET, ("127.0.0.1", port),
                           f"GET {target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n".encode(), whole=True)
        head, _, body = answer.partition(b"\r\n\r\n")
        try:
            return int(head.split()[1]), json.loads(body)
        except (ValueError, IndexError):
            return (int(head.split()[1]) if head else 0), body

    def test_nothing_but_public_shares_can_be_read(self):
        program, control, port = self.up()
        make_tree(self.folder / "Tree")
        make_file(self.folder / "outside.txt", 100)
        make_file(self.folder / "hidden.bin", 100_000)
        for name, scope in (("Tree", "public"), ("hidden.bin", "link")):
            request(control, "POST", "/shares", {"path": str(self.folder / name), "scope": scope})
            self.assertTrue(eventually(lambda: request(control, "GET", f"/shares/{name}")[1]["state"] == "offered", 20))
        base = "/duplex/shares/Tree/entries?path="
        for path in ("..", "../", "../outside.txt", "%2e%2e", "%2e%2e%2foutside.txt", "..%2f..%2fetc", "/etc", "//etc/passwd",
                     "bin/../../outside.txt", "%00", "bin%00", "%ff%fe", "%", "%zz", "a" * 5000, "bin/" * 2000, ".",
                     "..%5c..%5c", "%252e%252e"):
            status, body = self.get(port, base + path)
            self.assertIn(status, (400, 404), f"{path}: {status} {body!r}")
        for target in ("/duplex/shares/hidden.bin/version", "/duplex/shares/hidden.bin/torrent", "/shares", "/status",
                       "/duplex/../shares", "/duplex/shares/%2e%2e/entries", "/duplex/shares/Tree/other", "/duplex/shares", "//"):
            status, body = self.get(port, target)
            self.assertIn(status, (400, 404), f"{target}: {status} {body!r}")
        status, listing = self.get(port, base + "bin")
        self.assertEqual((status, {row["name"] for row in listing["rows"]}), (200, {"run.sh", "tool"}))
        self.assertNotIn("hidden.bin", json.dumps(self.get(port, "/duplex/host")[1]))


class Multicast(InteropCase):
    def setUp(self):
        super().setUp()
        self.lan = Lan(self)
        self.anna, self.bob, self.mallory = (self.lan.add(name) for name in ("anna", "bob", "mallory"))

    def send(self, make):
        """Sends from mallory's computer what `make(send)` sends by multicast."""
        def work():
            libc = __import__("ctypes").CDLL(None, use_errno=True)
            with open(f"/run/netns/{self.mallory.space}") as space:
                if libc.setns(space.fileno(), 0) != 0:
                    raise OSError("setns")
            out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            out.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            out.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            out.bind(("", 5353))
            out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
            out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(self.mallory.ipv4))
            make(lambda data, place=MDNS: out.sendto(data[:9000], place))
            out.close()
        # A thread of its own has a network of its own.
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    def test_malformed_packets_and_a_flood_of_false_hosts(self):
        for host in (self.anna, self.bob):
            host.up()
        self.lan.all_see_all([self.anna, self.bob])
        before = self.anna.program.memory("VmRSS")
        chance = random.Random(3)
        real = service("Real Looking", "10.78.0.77", 4000)

        def malformed(send):
            for _ in range(3000):
                kind = chance.randrange(5)
                if kind == 0:
                    send(chance.randbytes(chance.randrange(0, 1500)))
                elif kind == 1:
                    data = bytearray(real)
                    for _ in range(chance.randrange(1, 8)):
                        data[chance.randrange(len(data))] = chance.randrange(256)
                    send(bytes(data))
                elif kind == 2:
                    send(real[:chance.randrange(len(real))])
                elif kind == 3:  # names that point at themselves and at each other
                    send(struct.pack("!6H", 0, 0x8400, 0, 3, 0, 0) + b"\xc0\x0c" * chance.randrange(1, 30) + chance.randbytes(10))
                else:
                    send(struct.pack("!6H", 0, chance.randrange(65536), 65535, 65535, 65535, 65535) + chance.randbytes(40))
                time.sleep(0.0003)
            for _ in range(500):
                send(b"BT-SEARCH * HTTP/1.1\r\n" + chance.randbytes(200), ("239.192.152.143", 6771))

        self.send(malformed)
        self.assertEqual((self.anna.answering(), self.bob.answering()), (["bob"], ["anna"]))

        def flood(send):
            for number in range(20_000):
                send(service(f"false {number}", f"10.78.{50 + number // 250 % 100}.{number % 250 + 1}", 4000 + number % 1000))
                time.sleep(0.0002)

        self.send(flood)
        self.assertIn("bob", self.anna.answering())
        rows = self.anna.rows()
        self.assertLessEqual(len(rows), 1100)
        # A host that comes now is seen as well.
        carl = self.lan.add("carl")
        carl.up()
        self.assertTrue(eventually(lambda: "carl" in self.anna.answering() and "anna" in carl.answering(), 30),
                        (len(self.anna.rows()), carl.seen()))
        grown = self.anna.program.memory("VmRSS") - before
        print(f"    {len(rows)} hosts listed after 20,000 false ones, memory grew by {grown:.0f} MiB")
        self.assertLess(grown, 60)

    def test_names_with_control_characters_are_printed_escaped(self):
        self.anna.up()
        self.send(lambda send: [send(service("evil\x1b[31m\n\u202ename", "10.78.0.99", 4000)) for _ in range(3)])
        self.assertTrue(eventually(lambda: any("evil" in name for name in self.anna.seen()), 10))
        program = self.anna.start("hosts", json_output=False)
        self.assertEqual(program.finish(10), 0)
        text = "\n".join(program.output + program.errors)
        self.assertIn("evil", text)
        for character in "\x1b\u202e":
            self.assertNotIn(character, text)
        self.assertEqual(len(program.output), 1, "one row, whatever is in the name")
        raw = "\n".join(line for line in self.anna.program.output)
        self.assertNotIn("\x1b", raw)


def name(*labels):
    return b"".join(bytes([len(raw)]) + raw for raw in (label.encode()[:63] for label in labels)) + b"\0"


def record(owner, kind, data, ttl=120, cls=1):
    return owner + struct.pack("!HHIH", kind, cls, ttl, len(data)) + data


def service(instance, address, port):
    """An answer that announces a host, as any DNS-SD program would."""
    kind = name("_duplex", "_tcp", "local")
    full = name(instance, "_duplex", "_tcp", "local")
    target = name(f"h{abs(hash(instance)) % 10**9}", "local")
    return struct.pack("!6H", 0, 0x8400, 0, 4, 0, 0) + record(kind, 12, full) + record(
        full, 33, struct.pack("!3H", 0, 0, port) + target, cls=0x8001) + record(full, 16, b"\x09txtvers=1", cls=0x8001) + record(
        target, 1, socket.inet_aton(address), cls=0x8001)


class State(HostCase):
    """The folder that a host keeps its state in."""

    def refused(self, *args, home, **options):
        program = self.run_duplex("up", "--listen", "127.0.0.1:0", "--discovery", "off", *args, home=home, **options)
        self.assertEqual(program.finish(20), 1, program.describe())
        [line] = [line for line in program.errors if line.startswith("duplex: ")][:1] or self.fail(program.describe())
        return line

    def test_read_only(self):
        if os.geteuid() != 0:
            self.skipTest("root makes what another user may not write")
        home = self.home()
        os.chmod(self.folder, 0o755)
        os.chmod(home, 0o755)
        (home / "state/duplex").mkdir(parents=True)
        line = self.refused(home=home, **self.as_nobody())
        self.assertIn("state", line)
        self.assertRegex(line, "(may not|permission|cannot be written)")

    def test_a_newer_version_wrote_it(self):
        home = self.home()
        program, *_ = self.up(home=home)
        program.process.send_signal(signal.SIGTERM)
        program.finish(10)
        state = home / "state/duplex"
        formats = [path for path in state.iterdir() if path.is_file() and path.name == "format"]
        self.assertTrue(formats, list(state.iterdir()))
        formats[0].write_text("99\n")
        self.assertIn("newer", self.refused(home=home))
        formats[0].write_bytes(b"\xff\xfe garbage")
        self.assertIn("duplex: ", self.refused(home=home))
        formats[0].write_text("1\n")

    def test_damaged_records_are_set_aside_and_the_rest_is_there(self):
        home = self.home()
        program, control, _ = self.up(home=home)
        for number in range(6):
            make_file(self.folder / f"f{number}.bin", 5000 + number)
            request(control, "POST", "/shares", {"path": str(self.folder / f"f{number}.bin"), "scope": "public"})
        self.assertTrue(eventually(lambda: all(
            share["state"] == "offered" for share in request(control, "GET", "/shares")[1]["rows"]), 20))
        program.process.send_signal(signal.SIGTERM)
        program.finish(10)
        records = sorted((home / "state/duplex/offers").glob("*.record"))
        self.assertEqual(len(records), 6)
        records[0].write_bytes(b"")
        records[1].write_bytes(os.urandom(300))
        data = bytearray(records[2].read_bytes())
        data[len(data) // 2] ^= 0x40
        records[2].write_bytes(data)
        for path in files_below(home / "state/duplex"):
            if path.parent.name in ("shares", "transfers"):
                path.write_bytes(os.urandom(200))
        program, control, _ = self.up(home=home)
        rows = request(control, "GET", "/shares")[1]["rows"]
        self.assertEqual(len(rows), 3)
        self.assertTrue(eventually(lambda: all(
            share["state"] == "offered" for share in request(control, "GET", "/shares")[1]["rows"]), 20))
        # The same content is the same version.
        self.assertEqual({share["version"] for share in request(control, "GET", "/shares")[1]["rows"]}, {1})
        self.assertIn("damaged", " ".join(request(control, "GET", "/status")[1]["troubles"]))
        self.assertEqual(len(list((home / "state/duplex/offers").glob("*.damaged"))), 3)

    def test_a_settings_file_that_cannot_be_read(self):
        home = self.home()
        (home / "config/duplex").mkdir(parents=True)
        for content in (b"\xff\xfe\x00", b"name\n", b"unknown = 1\n", b"name = \n", b"listen = x\n"):
            (home / "config/duplex/settings").write_bytes(content)
            program = self.run_duplex("up", home=home)
            self.assertEqual(program.finish(5), 64, program.describe())
            self.assertRegex(" ".join(program.errors), "^duplex: cannot use the (settings|setting|name) ")


class Folders(HostCase):
    def offered(self, control, name, timeout=20):
        return eventually(lambda: request(control, "GET", f"/shares/{name}")[1].get("state") == "offered", timeout)

    def test_loops_of_links_and_files_without_permission(self):
        if os.geteuid() != 0:
            self.skipTest("root makes what another user may not read")
        os.chmod(self.folder, 0o755)
        home = self.home()
        shutil.chown(home, "nobody", "nogroup")
        tree = self.folder / "Tree"
        make_tree(tree)
        (tree / "loop").symlink_to(tree)
        (tree / "deep/up").symlink_to("../..")
        (tree / "one").symlink_to("two")
        (tree / "two").symlink_to("one")
        os.mkfifo(tree / "pipe")
        (tree / "secret.txt").write_text("not for all")
        (tree / "secret.txt").chmod(0)
        (tree / "closed").mkdir(mode=0)
        program, control, _ = self.up(home=home, **self.as_nobody())
        status, share = request(control, "POST", "/shares", {"path": str(tree), "scope": "public"})
        self.assertEqual(status, 201, share)
        self.assertTrue(self.offered(control, "Tree"), request(control, "GET", "/shares/Tree"))
        share = request(control, "GET", "/shares/Tree")[1]
        self.assertGreaterEqual(share["files"], 13)
        reasons = {entry["path"]: entry["reason"] for entry in share["omitted"]}
        self.assertEqual({"pipe", "loop", "deep/up", "one", "two", "secret.txt", "closed"} - set(reasons), set())
        self.assertRegex(reasons["secret.txt"], "permission denied")
        self.assertEqual(reasons["secret.txt"], reasons["closed"])
        self.assertRegex(share["message"], "permission denied.*closed, secret.txt")
        self.assertTrue(program.alive)

    def test_a_folder_that_vanishes_while_the_host_is_down(self):
        home = self.home()
        program, control, _ = self.up(home=home)
        make_tree(self.folder / "Tree")
        request(control, "POST", "/shares", {"path": str(self.folder / "Tree"), "scope": "public"})
        self.assertTrue(self.offered(control, "Tree"))
        program.process.send_signal(signal.SIGTERM)
        self.assertEqual(program.finish(10), 0)
        (self.folder / "Tree").rename(self.folder / "Away")
        program, control, port = self.up(home=home)
        self.assertTrue(eventually(lambda: request(control, "GET", "/shares/Tree")[1]["state"] == "missing", 20))
        (self.folder / "Away").rename(self.folder / "Tree")
        self.assertTrue(self.offered(control, "Tree", 30), request(control, "GET", "/shares/Tree"))
        self.assertEqual(request(control, "GET", "/shares/Tree")[1]["version"], 1)
        shutil.rmtree(self.folder / "Tree")
        self.assertTrue(eventually(lambda: request(control, "GET", "/shares/Tree")[1]["state"] == "missing", 20))
        unshare = self.run_duplex("unshare", "Tree", home=home)
        self.assertEqual(unshare.finish(10), 0)
        self.assertTrue(Path(control).exists())
