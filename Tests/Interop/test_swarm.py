"""More than two hosts, more than one family of addresses, and offering data that is there already."""

import socket
import unittest

from support import contents, lt
from support.case import InteropCase, eventually, port_of
from support.slowlink import SlowLink

SIZE = 24 << 20


class ThreeHosts(InteropCase):
    def setUp(self):
        super().setUp()
        self.source = contents.make_file(self.dir("source") / "shared.bin", SIZE)

    def check(self, format):
        torrent = self.create(self.source, self.folder / "t.torrent", "--format", format, "--piece-length", 262144)
        _, sharing = self.share(self.source, "--torrent", torrent)
        slow = SlowLink(self, sharing["listen"][0], rate=4 << 20)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            second_port = probe.getsockname()[1]
        second = self.run_duplex("get", torrent, "--to", self.dir("second"), "--peer", slow.address,
                                 "--listen", f"127.0.0.1:{second_port}", "--seed")
        second.wait("progress", 30, where=lambda e: e["done"] > 0)
        third_to = self.dir("third")
        # The third knows the second only.
        third = self.get(torrent, third_to, "--peer", f"127.0.0.1:{second_port}")
        got = third.wait("progress", 30, where=lambda e: e["done"] > 0)
        self.assertFalse(second.of("done"), "the second had finished before the third got anything: no proof")
        self.assertGreater(got["done"], 0)
        second.wait("progress", 30, where=lambda e: e["up"] > 0)
        second.wait("done", 60)
        third.wait("done", 60)
        self.assertEqual(third.finish(20), 0)
        self.assert_same(self.source, third_to / "shared.bin")
        self.assert_same(self.source, self.folder / "second/shared.bin")
        # With --seed the second stays until it is told to go.
        self.assertTrue(second.alive)
        self.assertEqual(second.interrupt(), 0, second.describe())

    def test_third_fetches_from_the_second_which_still_fetches(self):
        self.check("hybrid")

    def test_the_same_for_v2(self):
        self.check("v2")

    def test_third_fetches_from_both_at_once(self):
        torrent = self.create(self.source, self.folder / "t.torrent", "--piece-length", 262144)
        links = []
        for _ in range(2):
            _, sharing = self.share(self.source, "--torrent", torrent)
            links.append(SlowLink(self, sharing["listen"][0], rate=6 << 20))
        to = self.dir("to")
        self.fetch(torrent, to, "--peer", links[0].address, "--peer", links[1].address)
        self.assert_same(self.source, to / "shared.bin")
        for link in links:
            self.assertGreater(link.carried, SIZE // 5, "both sources must have been used")
        self.assertLess(sum(link.carried for link in links), SIZE * 1.15, "almost nothing may be fetched twice")

    def test_many_hosts_at_one_sharer(self):
        _, sharing = self.share(self.source)
        getters = [(self.get(sharing["magnet"], self.dir(f"to{n}")), self.folder / f"to{n}") for n in range(6)]
        for getter, to in getters:
            getter.wait("done", 120)
            self.assertEqual(getter.finish(20), 0)
            self.assert_same(self.source, to / "shared.bin")


class Addresses(InteropCase):
    def setUp(self):
        super().setUp()
        self.source = contents.make_file(self.dir("source") / "file.bin", 3 << 20)

    def test_ipv6(self):
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError as error:
            self.skipTest(f"no IPv6 on this machine: {error}")
        _, sharing = self.share(self.source, listen="[::1]:0")
        self.assertRegex(sharing["listen"][0], r"^\[::1\]:[1-9]\d*$")
        to = self.dir("to")
        program = self.run_duplex("get", sharing["magnet"], "--to", to, "--listen", "[::1]:0")
        program.wait("done", 60)
        self.assert_same(self.source, to / "file.bin")
        again = self.dir("again")
        torrent = self.create(self.source, self.folder / "t.torrent")
        program = self.run_duplex("get", torrent, "--peer", f"[::1]:{port_of(sharing)}", "--to", again)
        program.wait("done", 60)
        self.assert_same(self.source, again / "file.bin")

    def test_two_hosts_with_the_default_port(self):
        """The second finds the fixed port taken and falls back to a free one."""
        ports = []
        for _ in range(2):
            program = self.run_duplex("share", self.source)
            sharing = program.wait("sharing", 60)
            ports.append(port_of(sharing))
            for address in sharing["listen"]:
                self.assertFalse(address.startswith("127.") or address.startswith("[::1]"), sharing["listen"])
        self.assertNotEqual(ports[0], ports[1])

    def test_peer_that_is_not_there(self):
        """A dead address beside a good one does not hold up the transfer."""
        torrent = self.create(self.source, self.folder / "t.torrent")
        _, sharing = self.share(self.source, "--torrent", torrent)
        to = self.dir("to")
        self.fetch(torrent, to, "--peer", "127.0.0.1:1", "--peer", sharing["listen"][0], timeout=30)
        self.assert_same(self.source, to / "file.bin")

    def test_sharer_that_comes_late(self):
        """get waits for its peer."""
        torrent = self.create(self.source, self.folder / "t.torrent")
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        to = self.dir("to")
        getter = self.get(torrent, to, "--peer", f"127.0.0.1:{port}")
        getter.wait("progress", 10)
        self.share(self.source, "--torrent", torrent, listen=f"127.0.0.1:{port}")
        getter.wait("done", 90)
        self.assert_same(self.source, to / "file.bin")


class ExistingData(InteropCase):
    """share PATH --torrent FILE."""

    def setUp(self):
        super().setUp()
        lt.need_libtorrent()
        self.source = contents.make_tree(self.dir("source") / "tree")
        self.torrent = self.folder / "t.torrent"
        lt.create(self.source, self.torrent, "hybrid")

    def test_complete_data_is_offered(self):
        _, sharing = self.share(self.source, "--torrent", self.torrent)
        to = self.dir("to")
        self.fetch(sharing["magnet"], to)
        self.assert_same(self.source, to / "tree")

    def test_changed_data_is_not_offered(self):
        with open(self.source / "bin/tool", "r+b") as file:
            file.seek(70_000)
            file.write(b"changed")
        program = self.run_duplex("share", self.source, "--torrent", self.torrent, "--listen", "127.0.0.1:0")
        program.wait("error", 30)
        self.assertEqual(program.finish(20), 1, program.describe())
        self.assertFalse(program.of("sharing"))

    def test_missing_file_is_not_offered(self):
        (self.source / "readme.txt").unlink()
        program = self.run_duplex("share", self.source, "--torrent", self.torrent, "--listen", "127.0.0.1:0")
        program.wait("error", 30)
        self.assertEqual(program.finish(20), 1, program.describe())

    def test_get_into_complete_data_fetches_nothing(self):
        """The data is there, at the very place: it is checked, not fetched."""
        program = self.get(self.torrent, self.source.parent)
        program.wait("done", 30)
        self.assertEqual(program.finish(20), 0)

    def test_get_repairs_damaged_data(self):
        _, sharing = self.share(self.source, "--torrent", self.torrent)
        to = self.dir("to")
        self.fetch(self.torrent, to, "--peer", sharing["listen"][0])
        with open(to / "tree/deep/er/still/data.bin", "r+b") as file:
            file.seek(100_000)
            file.write(b"damage")
        self.fetch(self.torrent, to, "--peer", sharing["listen"][0])
        self.assertTrue(eventually(lambda: contents.snapshot(to / "tree") == contents.snapshot(self.source), 2))


if __name__ == "__main__":
    unittest.main()
