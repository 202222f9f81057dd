"""Web seeds (BEP 19): `duplex get` takes what peers do not give from web servers that have the torrent's files."""

import os
import random
import re
import subprocess
import time
import unittest
import urllib.parse
import urllib.request

from support import contents
from support.bencode import decode, encode
from support.case import InteropCase, eventually
from support.lan import Lan
from support.nginx import Nginx
from support.scripted import Scripted
from support.slowlink import SlowLink

FORMATS = ["v1", "v2", "hybrid"]


class SeedCase(InteropCase):
    def setUp(self):
        super().setUp()
        self.root = self.dir("root")
        self.to = self.dir("to")

    def file(self, size=3_000_001, name="läng & breit.bin"):
        return contents.make_file(self.root / name, size)

    def torrent(self, path, *seeds, format="hybrid", piece_length=contents.PIECE):
        options = [part for seed in seeds for part in ("--web-seed", seed)]
        return self.create(path, self.folder / "t.torrent", "--format", format, "--piece-length", piece_length, "--force",
                           *options)

    def got(self, program, source, timeout=60):
        """It ends well, with the right bytes; what came from each kind of partner, and what it told the user."""
        program.wait("done", timeout=timeout)
        self.assertEqual(program.finish(20), 0, program.describe())
        self.assert_same(source, self.to / source.name, executable=False)
        return self.shares(program)

    def shares(self, program):
        sums = {"http": 0, "bittorrent": 0}
        for partner in program.of("progress")[-1]["partners"]:
            sums[partner["protocol"]] += partner["downloaded"]
        return sums

    def slow_peer(self, source, torrent, rate):
        _, sharing = self.share(source, "--torrent", torrent)
        return SlowLink(self, sharing["listen"][0], rate)

    def told(self, program, *words):
        text = "\n".join(program.errors)
        for word in words:
            self.assertIn(word, text)


def sent_by(nginx):
    """(requests, bytes of bodies) of its log."""
    rows = re.findall(r'" (\d+) (\d+) "', nginx.log)
    return len(rows), sum(int(size) for _, size in rows)


class Alone(SeedCase):
    """Nobody has it but a web server."""

    def check_file(self, format):
        source = self.file(9_000_001)
        nginx = Nginx(self, self.root)
        # A folder's address, and the file's own.
        for number, seed in enumerate([nginx.url(""), nginx.url(urllib.parse.quote(source.name))]):
            self.to = self.dir(f"to{number}")
            shares = self.got(self.get(self.torrent(source, seed, format=format), self.to), source)
            self.assertEqual(shares, {"http": 9_000_001, "bittorrent": 0})
        requests, size = sent_by(nginx)
        self.assertEqual(size, 2 * 9_000_001)
        # Consecutive blocks are one range each: not one for each of 550 blocks.
        self.assertLess(requests, 2 * 30)

    def check_folder(self, format):
        source = contents.make_tree(self.root / "Bäume & so")
        nginx = Nginx(self, self.root)
        torrent = self.torrent(source, nginx.url(""), format=format)
        shares = self.got(self.get(torrent, self.to), source)
        expected = sum(f.stat().st_size for f in contents.files_below(source))
        self.assertEqual(shares, {"http": expected, "bittorrent": 0})
        # No padding is asked for, and nothing twice.
        self.assertNotIn(".pad", nginx.log)
        self.assertEqual(sent_by(nginx)[1], expected)

    def test_selected_files(self):
        source = contents.make_tree(self.root / "tree")
        nginx = Nginx(self, self.root)
        program = self.get(self.torrent(source, nginx.url("")), self.to, "--select", "deep/*")
        program.wait("done", timeout=60)
        self.assertEqual(program.finish(20), 0, program.describe())
        self.assertEqual((self.to / "tree/deep/er/still/data.bin").read_bytes(),
                         (source / "deep/er/still/data.bin").read_bytes())
        self.assertNotIn("zz-last", nginx.log)

    def test_killed_and_resumed_while_the_server_restarts(self):
        source = self.file(16 << 20)
        nginx = Nginx(self, self.root, "limit_rate 4m;")
        torrent, home = self.torrent(source, nginx.url("")), self.home()
        first = self.get(torrent, self.to, home=home)
        first.wait("progress", timeout=30, where=lambda e: e["done"] > 6 << 20)
        first.kill()
        second = self.get(torrent, self.to, home=home)
        second.wait("progress", timeout=30, where=lambda e: e["done"] > 9 << 20)
        nginx.stop()
        time.sleep(1.5)
        nginx.start()
        self.got(second, source)
        self.told(second, "asked again later")
        # Apart from what was on its way when one of the two ended.
        self.assertLess(sent_by(nginx)[1], 26 << 20)

    def test_redirects_are_followed_and_remembered(self):
        source = self.file()
        nginx = Nginx(self, self.root)
        where = nginx.url(urllib.parse.quote(source.name))
        mirrors = Scripted(self, lambda h: h.send(302, Location=where))
        self.got(self.get(self.torrent(source, mirrors.url("pub/")), self.to), source)
        self.assertEqual(len(mirrors.seen), 1)

    def test_a_server_without_ranges_is_read_through(self):
        source = self.file(8 << 20)
        server = Scripted(self, lambda h: h.send(200, source.read_bytes()))
        self.got(self.get(self.torrent(source, server.url("")), self.to), source)
        self.assertEqual(len(server.seen), 1)

    def test_a_server_without_ranges_and_without_lengths(self):
        source = contents.make_tree(self.root / "tree")

        def answer(handler):
            path = self.root / urllib.parse.unquote(handler.path[1:])
            handler.send_response(200)
            handler.send_header("Connection", "close")
            handler.end_headers()
            handler.wfile.write(path.read_bytes())
            handler.close_connection = True
        server = Scripted(self, answer)
        self.got(self.get(self.torrent(source, server.url("")), self.to), source)

    def test_two_servers_share_the_work(self):
        source = self.file(12 << 20)
        first, second = Nginx(self, self.root, "limit_rate 3m;"), Nginx(self, self.root, "limit_rate 3m;")
        self.got(self.get(self.torrent(source, first.url(""), second.url("")), self.to), source)
        sizes = [sent_by(nginx)[1] for nginx in (first, second)]
        self.assertGreater(min(sizes), 2 << 20)
        self.assertLess(sum(sizes), 15 << 20)

    def test_a_busy_server_is_asked_again_when_it_says_so(self):
        source, calls = self.file(500_000), []
        data = source.read_bytes()

        def answer(handler):
            calls.append(time.monotonic())
            if len(calls) == 1:
                handler.send(503, Retry_After="2")
            else:
                begin, end = map(int, handler.headers["Range"][6:].split("-"))
                handler.send(206, data[begin:end + 1], Content_Range=f"bytes {begin}-{end}/{len(data)}")
        self.got(self.get(self.torrent(source, Scripted(self, answer).url("")), self.to), source)
        self.assertGreater(calls[1] - calls[0], 1.9)

    def test_a_host_that_runs_does_it_too(self):
        source = self.file()
        nginx = Nginx(self, self.root)
        home = self.home()
        host = self.run_duplex("up", "--listen", "127.0.0.1:0", "--web", "off", "--owner", "off", "--discovery", "off",
                               home=home)
        host.wait("ready", timeout=30)
        program = self.run_duplex("get", self.torrent(source, nginx.url("")), "--to", self.to, home=home)
        self.assertEqual(self.got(program, source), {"http": 3_000_001, "bittorrent": 0})

    def test_a_server_by_its_name(self):
        source = self.file()
        nginx = Nginx(self, self.root)
        torrent = self.torrent(source, nginx.url("").replace("127.0.0.1", "localhost"))
        program = self.get(torrent, self.to)
        self.assertEqual(self.got(program, source)["http"], 3_000_001)
        self.assertEqual(program.of("progress")[-1]["partners"][0]["address"], f"localhost:{nginx.port}")

    def test_the_pages_of_a_host_whose_peers_port_nobody_knows(self):
        folder = contents.make_tree(self.dir("Lectures"))
        home = self.home()
        host = self.run_duplex("up", "--listen", "127.0.0.1:0", "--web", "127.0.0.1:0", "--owner", "off",
                               "--discovery", "off", home=home)
        web = host.wait("ready", timeout=30)["web"][0].rstrip("/")
        shared = self.run_duplex("share", "--public", folder, home=home)
        self.assertEqual(shared.finish(60), 0, shared.describe())
        torrent = self.folder / "t.torrent"
        with urllib.request.urlopen(f"{web}/-/torrent/Lectures.torrent") as answer:
            torrent.write_bytes(answer.read())
        shares = self.got(self.get(torrent, self.to), folder)
        self.assertEqual(shares["bittorrent"], 0)

    def test_a_magnet_link_without_anybody_to_ask_says_so(self):
        source = self.file()
        torrent = self.torrent(source)
        link = self.inspect(torrent)["magnet"] + "&ws=" + urllib.parse.quote(Nginx(self, self.root).url(""), safe="")
        program = self.run_duplex("get", link, "--to", self.to, "--listen", "127.0.0.1:0", json_output=False)
        self.assertTrue(eventually(lambda: any("names a web server and no peer" in line for line in program.errors), 15),
                        program.describe())
        program.interrupt()


for _format in FORMATS:
    for _kind in ("file", "folder"):
        def _test(self, format=_format, kind=_kind):
            getattr(self, f"check_{kind}")(format)
        setattr(Alone, f"test_{_kind}_{_format}", _test)


class WithPeers(SeedCase):
    def test_a_slow_peer_is_helped(self):
        source = self.file(8 << 20)
        nginx = Nginx(self, self.root, "limit_rate 2m;")
        torrent = self.torrent(source, nginx.url(""))
        peer = self.slow_peer(source, torrent, 400_000)
        shares = self.got(self.get(torrent, self.to, "--peer", peer.address), source)
        self.assertGreater(shares["http"], 2 << 20)
        self.assertGreater(shares["bittorrent"], 500_000)
        self.assertLess(sum(shares.values()), 9 << 20)

    def test_a_fast_peer_spares_the_server(self):
        source = self.file(24 << 20)
        nginx = Nginx(self, self.root)
        torrent = self.torrent(source, nginx.url(""))
        peer = self.slow_peer(source, torrent, 4 << 20)
        shares = self.got(self.get(torrent, self.to, "--peer", peer.address), source)
        self.assertEqual(shares["http"], 0)
        self.assertEqual(nginx.log, "")

    def test_a_peer_that_goes_is_replaced(self):
        source = self.file(16 << 20)
        nginx = Nginx(self, self.root)
        torrent = self.torrent(source, nginx.url(""))
        sharer, sharing = self.share(source, "--torrent", torrent)
        peer = SlowLink(self, sharing["listen"][0], 2 << 20)
        program = self.get(torrent, self.to, "--peer", peer.address)
        program.wait("progress", timeout=30, where=lambda e: e["done"] > 4 << 20)
        sharer.kill()
        peer.close()
        shares = self.got(program, source)
        self.assertGreater(shares["http"], 4 << 20)

    def test_a_magnet_link(self):
        source = self.file(6 << 20)
        nginx = Nginx(self, self.root, "limit_rate 3m;")
        for format in ("hybrid", "v2"):
            with self.subTest(format=format):
                torrent = self.torrent(source, format=format)
                peer = self.slow_peer(source, torrent, 300_000)
                link = self.inspect(torrent)["magnet"] + "&ws=" + urllib.parse.quote(nginx.url(""), safe="")
                self.to = self.dir(format)
                shares = self.got(self.get(link, self.to, "--peer", peer.address), source)
                self.assertGreater(shares["http"], 2 << 20)

    def test_the_server_of_a_share_is_not_asked_beside_its_host(self):
        folder = self.dir("Lectures")
        contents.make_file(folder / "a.bin", 12 << 20)
        home = self.home()
        host = self.run_duplex("up", "--listen", "127.0.0.1:0", "--web", "127.0.0.1:0", "--owner", "off",
                               "--discovery", "off", home=home)
        web = host.wait("ready", timeout=30)["web"][0]
        shared = self.run_duplex("share", "--public", folder, home=home)
        self.assertEqual(shared.finish(60), 0, shared.describe())
        program = self.get(f"{web.rstrip('/')}/s/Lectures/", self.to)
        self.assertEqual(self.got(program, folder)["http"], 0)


class SameHost(SeedCase):
    """The torrents of a host's pages name that host as web seed. Whoever has it as a peer does not ask it twice."""

    def test_a_slow_host_is_not_asked_by_http_beside(self):
        lan = Lan(self)
        anna, bob = lan.add("anna"), lan.add("bob")
        # So slow that any other web server would be asked for help.
        anna.run("tc", "qdisc", "add", "dev", "eth0", "root", "tbf", "rate", "6mbit", "burst", "32k", "latency", "100ms")
        folder = self.dir("Lectures")
        contents.make_file(folder / "a.bin", 6 << 20)
        web = f"http://{anna.ipv4}:8080"
        anna.up("--web", f"{anna.ipv4}:8080", "--owner", "off", "--discovery", "off")
        anna.share(folder)
        program = bob.start("get", f"{web}/s/Lectures/", "--to", self.to)
        shares = self.got(program, folder)
        self.assertEqual(shares["http"], 0)
        # By HTTP alone it works as well.
        torrent = self.folder / "t.torrent"
        torrent.write_bytes(subprocess.run(anna.inside("curl", "-s", f"{web}/-/torrent/Lectures.torrent"),
                                           capture_output=True, check=True).stdout)
        self.to = self.dir("again")
        shares = self.got(bob.start("get", torrent, "--to", self.to), folder)
        self.assertEqual(shares["bittorrent"], 0)


class Trouble(SeedCase):
    def test_wrong_bytes_beside_a_good_peer(self):
        source = self.file(4 << 20, "file.bin")
        other = self.dir("other")
        contents.make_file(other / "file.bin", 4 << 20, seed=2)
        nginx = Nginx(self, other)
        for format in FORMATS:
            with self.subTest(format=format):
                torrent = self.torrent(source, nginx.url(""), format=format)
                peer = self.slow_peer(source, torrent, 700_000)
                self.to = self.dir(format)
                program = self.get(torrent, self.to, "--peer", peer.address)
                self.got(program, source)
                self.told(program, "sent corrupt data, it is not asked again")
        # Asked for a little, and then not any more.
        self.assertLess(sent_by(nginx)[0], 3 * 4)

    def test_a_good_server_beside_a_bad_one_at_the_same_address(self):
        source = self.file(4 << 20, "file.bin")
        other = self.dir("other")
        contents.make_file(other / "file.bin", 4 << 20, seed=2)
        torrent = self.torrent(source, Nginx(self, other).url(""), Nginx(self, self.root).url(""))
        program = self.get(torrent, self.to)
        self.got(program, source)
        self.told(program, "sent corrupt data")

    def beside_a_peer(self, answer, *words, size=2 << 20, rate=500_000):
        source = self.file(size, "file.bin")
        server = Scripted(self, lambda handler: answer(handler, source.read_bytes()))
        torrent = self.torrent(source, server.url("x/"))
        peer = self.slow_peer(source, torrent, rate)
        program = self.get(torrent, self.to, "--peer", peer.address)
        shares = self.got(program, source)
        self.told(program, *words)
        return server, shares

    def test_nothing_there(self):
        server, _ = self.beside_a_peer(lambda h, _: h.send(404), "answers 404", "asked again later")
        self.assertLessEqual(len(server.seen), 2)

    def test_another_length(self):
        def answer(handler, data):
            begin, end = map(int, handler.headers["Range"][6:].split("-"))
            handler.send(206, data[begin:end + 1], Content_Range=f"bytes {begin}-{end}/{len(data) + 1}")
        _, shares = self.beside_a_peer(answer, "2097153 bytes there and 2097152 in the torrent")
        self.assertEqual(shares["http"], 0)

    def test_another_length_without_ranges(self):
        self.beside_a_peer(lambda h, data: h.send(200, data + b"x"), "2097153 bytes there and 2097152 in the torrent")

    def test_compressed(self):
        self.beside_a_peer(lambda h, data: h.send(200, data, Content_Encoding="gzip"), "compressed")

    def test_redirects_without_an_end(self):
        server, _ = self.beside_a_peer(lambda h, _: h.send(302, Location=h.path + "y"), "leads on without an end")
        self.assertLessEqual(len(server.seen), 12)

    def test_redirect_to_https(self):
        self.beside_a_peer(lambda h, _: h.send(301, Location="https://127.0.0.1/"), "which is no http:// address")

    def test_a_server_that_breaks_off(self):
        def answer(handler, data):
            begin, end = map(int, handler.headers["Range"][6:].split("-"))
            handler.send(206, data[begin:begin + 10_000], end + 1 - begin, Content_Range=f"bytes {begin}-{end}/{len(data)}")
            handler.close_connection = True
        server, _ = self.beside_a_peer(answer, "asked again later")
        self.assertLess(len(server.seen), 6)

    def test_a_server_that_trickles_holds_nobody_up(self):
        def answer(handler, data):
            begin, end = map(int, handler.headers["Range"][6:].split("-"))
            handler.send(206, b"", end + 1 - begin, Content_Range=f"bytes {begin}-{end}/{len(data)}")
            for byte in data[begin:end]:
                handler.wfile.write(bytes([byte]))
                time.sleep(0.5)
        self.beside_a_peer(answer, size=3 << 20, rate=400_000)

    def test_only_a_server_that_trickles(self):
        source = self.file(1 << 20, "file.bin")

        def answer(handler):
            handler.send(200, b"", 1 << 20)
            for _ in range(200):
                handler.wfile.write(b"x")
                time.sleep(0.2)
        server = Scripted(self, answer)
        program = self.get(self.torrent(source, server.url("")), self.to)
        self.assertTrue(eventually(lambda: any("next to nothing" in line for line in program.errors), 40),
                        program.describe())
        program.interrupt()

    def test_a_flood_of_fields_and_of_body(self):
        def answer(handler, data):
            if len(handler.path) % 2:
                for number in range(100_000):
                    handler.wfile.write(b"X-%d: y\r\n" % number)
            handler.send(404, b"x" * (64 << 20))
        self.beside_a_peer(answer)

    def test_a_query_within_this_network_is_not_an_order(self):
        source = self.file(1 << 20, "file.bin")
        server = Scripted(self, lambda h: h.send(200, source.read_bytes()))
        torrent = self.torrent(source, server.url("reboot?now=1"))
        program = self.get(torrent, self.to, "--peer", self.slow_peer(source, torrent, 200_000).address)
        self.got(program, source)
        self.told(program, "its address has a query")
        self.assertEqual(server.seen, [])

    def test_addresses_that_nobody_can_use(self):
        source = self.file(1 << 20, "file.bin")
        torrent = self.torrent(source)
        top = decode(torrent.read_bytes())
        top[b"url-list"] = [b"https://127.0.0.1/", b"ftp://127.0.0.1/", b"http://u:p@127.0.0.1/", b"", b"http://", b"x", 7]
        torrent.write_bytes(encode(top))
        program = self.get(torrent, self.to, "--peer", self.slow_peer(source, torrent, 1 << 20).address)
        self.got(program, source)
        self.told(program, "https, which is not there yet")


class Chaos(SeedCase):
    """Servers that do now this and now that, all of it short of lying: in the end everything is there."""

    def answer(self, handler, luck):
        data = (self.root / urllib.parse.unquote(handler.path[1:])).read_bytes()
        begin, end = map(int, handler.headers["Range"][6:].split("-"))
        part, content_range = data[begin:end + 1], f"bytes {begin}-{end}/{len(data)}"
        match luck.randrange(16):
            case 0:
                handler.send(206, part[:luck.randrange(len(part) + 1)], len(part), Content_Range=content_range)
                handler.close_connection = True
            case 1:
                handler.send(503, Retry_After="1")
            case 2:
                handler.send(200, data)
            case 3:
                handler.send(302, Location=handler.path)
            case 4:
                handler.send(206, part, Content_Range=content_range, Connection="close")
            case 5:
                handler.send(206, part + b"unasked", len(part), Content_Range=content_range)
            case 6:
                half = len(part) // 2
                handler.send(206, part[:half + 1], Content_Range=f"bytes {begin}-{begin + half}/{len(data)}")
            case 7:
                handler.send_response(206)
                handler.send_header("Content-Range", content_range)
                handler.send_header("Transfer-Encoding", "chunked")
                handler.end_headers()
                for at in range(0, len(part), 9999):
                    chunk = part[at:at + 9999]
                    handler.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
                handler.wfile.write(b"0\r\n\r\n")
            case _:
                handler.send(206, part, Content_Range=content_range)

    def test_three_moody_servers(self):
        seed = int(os.environ.get("DUPLEX_SEED") or random.randrange(1 << 30))
        print(f"DUPLEX_SEED={seed}", flush=True)
        luck = random.Random(seed)
        for number in range(4):
            format = luck.choice(FORMATS)
            with self.subTest(seed=seed, number=number, format=format):
                self.root, self.to = self.dir(f"root{number}"), self.dir(f"to{number}")
                source = contents.make_tree(self.root / "tree") if number % 2 else self.file(5_000_003)
                servers = [Scripted(self, lambda handler: self.answer(handler, luck)) for _ in range(3)]
                torrent = self.torrent(source, *[server.url("") for server in servers], format=format)
                self.got(self.get(torrent, self.to), source, timeout=120)


if __name__ == "__main__":
    unittest.main()
