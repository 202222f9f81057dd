"""aria2 and Transmission 3.00 as partners, both ways. Both know v1 only."""

import unittest

from support import contents
from support.case import InteropCase, eventually, need_program, port_of
from support.external import Transmission, aria2, outside_address
from support.tracker import Tracker


class OthersCase(InteropCase):
    def v1(self, kind, *arguments):
        source = self.dir("source")
        if kind == "file":
            source = contents.make_file(source / "one file.bin", 200 * contents.PIECE + 999)
        else:
            source = contents.make_tree(source / "A tree")
        torrent = self.create(source, self.folder / "made.torrent", "--format", "v1",
                              "--piece-length", contents.PIECE, *arguments)
        return source, torrent


class Aria2(OthersCase):
    def setUp(self):
        need_program("aria2c")
        super().setUp()

    def fetch_with_aria2(self, kind, by):
        tracker = Tracker(self)
        source, torrent = self.v1(kind, "--tracker", tracker.url)
        _, sharing = self.share(source, "--torrent", torrent)
        tracker.peers = sharing["listen"]
        to = self.dir("to")
        what = torrent
        if by == "magnet":
            self.assertIn("&tr=", sharing["magnet"], "the tracker belongs in the link")
            what = sharing["magnet"]
        process, _ = aria2(self, what, to)
        self.assertTrue(eventually(lambda: process.poll() is not None, 60), process.log.read_text()[-800:])
        self.assertEqual(process.returncode, 0, process.log.read_text()[-800:])
        self.assert_same(source, to / source.name, executable=False)

    def test_aria2_fetches_a_file(self):
        self.fetch_with_aria2("file", "torrent")

    def test_aria2_fetches_a_tree(self):
        self.fetch_with_aria2("tree", "torrent")

    def test_aria2_fetches_by_magnet(self):
        self.fetch_with_aria2("file", "magnet")

    def fetch_from_aria2(self, kind, by):
        source, torrent = self.v1(kind)
        _, port = aria2(self, torrent, source.parent, seed=True)
        to, peer = self.dir("to"), f"127.0.0.1:{port}"
        what = torrent if by == "torrent" else self.inspect(torrent)["magnet"]
        self.fetch(what, to, "--peer", peer)
        self.assert_same(source, to / source.name)
        self.assert_only(to, source.name)

    def test_file_from_aria2(self):
        self.fetch_from_aria2("file", "torrent")

    def test_tree_from_aria2(self):
        self.fetch_from_aria2("tree", "torrent")

    def test_file_from_aria2_by_magnet(self):
        self.fetch_from_aria2("file", "magnet")


class TransmissionBothWays(OthersCase):
    def setUp(self):
        need_program("transmission-daemon")
        super().setUp()

    def fetch_from_transmission(self, kind, by):
        source, torrent = self.v1(kind)
        transmission = Transmission(self, source.parent)
        number = transmission.add(torrent, source.parent)
        transmission.wait_complete(self, number)  # it checks the data first
        to, peer = self.dir("to"), f"127.0.0.1:{transmission.peer_port}"
        what = torrent if by == "torrent" else self.inspect(torrent)["magnet"]
        self.fetch(what, to, "--peer", peer)
        self.assert_same(source, to / source.name)
        self.assert_only(to, source.name)

    def test_file_from_transmission(self):
        self.fetch_from_transmission("file", "torrent")

    def test_tree_from_transmission(self):
        self.fetch_from_transmission("tree", "torrent")

    def test_file_from_transmission_by_magnet(self):
        self.fetch_from_transmission("file", "magnet")

    def fetch_with_transmission(self, kind, by):
        # Transmission takes no peer on a loopback address from a tracker.
        address = outside_address()
        if address is None:
            self.skipTest("this machine has no address but loopback, and Transmission connects to none there")
        tracker = Tracker(self)
        source, torrent = self.v1(kind, "--tracker", tracker.url)
        _, sharing = self.share(source, "--torrent", torrent, listen=f"{address}:0")
        tracker.peers = [f"{address}:{port_of(sharing)}"]
        to = self.dir("to")
        transmission = Transmission(self, to, bind="0.0.0.0")
        number = transmission.add(torrent if by == "torrent" else sharing["magnet"], to)
        transmission.wait_complete(self, number)
        # It makes neither empty files nor executable bits.
        self.assert_same(source, to / source.name, executable=False, empty=False)

    def test_transmission_fetches_a_file(self):
        self.fetch_with_transmission("file", "torrent")

    def test_transmission_fetches_a_tree(self):
        self.fetch_with_transmission("tree", "torrent")

    def test_transmission_fetches_by_magnet(self):
        self.fetch_with_transmission("file", "magnet")


if __name__ == "__main__":
    unittest.main()
