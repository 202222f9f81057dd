"""Malformed and hostile .torrent files and magnet links: refused with a message, exit status 1 or 64, no trap, no file."""

import hashlib
import os
import unittest

from support import bencode, contents
from support.case import InteropCase
from support.meta import Meta

ROOT = b"\x11" * 32


def v1(**changes):
    info = {"length": 5, "name": "x", "piece length": 16384, "pieces": bytes(20)}
    info.update({key.replace("_", " "): value for key, value in changes.items()})
    return bencode.encode({"info": {key: value for key, value in info.items() if value is not None}})


def v2(tree, layers=None, **changes):
    info = {"file tree": tree, "meta version": 2, "name": "x", "piece length": 16384}
    info.update({key.replace("_", " "): value for key, value in changes.items()})
    return bencode.encode({"info": info, "piece layers": layers or {}})


def tree_of_depth(depth):
    node = {"": {"length": 5, "pieces root": ROOT}}
    for _ in range(depth):
        node = {"d": node}
    return node


REFUSED = {
    "nothing": b"",
    "not bencoding": b"hello world",
    "a list": b"le",
    "no info": b"de",
    "info is a number": b"d4:infoi5ee",
    "cut off": v1()[:-3],
    "bytes after the end": v1() + b"x",
    "a string of a billion bytes": b"d4:info1000000000:x",
    "a string of 2^64 bytes": b"d4:info18446744073709551616:x",
    "a number beyond 64 bits": b"d4:infod6:lengthi99999999999999999999eee",
    "a million lists": b"l" * 1_000_000,
    "a million dictionaries": b"d1:a" * 1_000_000,
    "unsorted keys in info": b"d4:infod4:name1:x6:lengthi5e12:piece lengthi16384e6:pieces20:" + bytes(20) + b"ee",
    "the same key twice": b"d4:infod6:lengthi5e6:lengthi6e4:name1:x12:piece lengthi16384e6:pieces20:" + bytes(20) + b"ee",
    "leading zero": b"d4:infod6:lengthi05e4:name1:x12:piece lengthi16384e6:pieces20:" + bytes(20) + b"ee",
    "piece length 0": v1(piece_length=0),
    "piece length -1": v1(piece_length=-1),
    "piece length 2^62": v1(piece_length=1 << 62),
    "length -1": v1(length=-1),
    "length 2^63-1 with one piece": v1(length=(1 << 63) - 1),
    "pieces that is no multiple of 20": v1(pieces=bytes(21)),
    "too few pieces": v1(length=100_000),
    "too many pieces": v1(pieces=bytes(40)),
    "both length and files": v1(files=[{"length": 5, "path": ["a"]}]),
    "neither length nor files": v1(length=None),
    "an empty path": v1(length=None, files=[{"length": 5, "path": []}]),
    "a negative file": v1(length=None, files=[{"length": -5, "path": ["a"]}, {"length": 10, "path": ["b"]}]),
    "lengths whose sum overflows": v1(length=None, files=[{"length": (1 << 63) - 1, "path": [n]} for n in "abc"]),
    "a name that is a number": v1(name=5),
    "meta version 3": v2({"a": {"": {"length": 5, "pieces root": ROOT}}}, meta_version=3),
    "v2 piece length no power of two": v2({"a": {"": {"length": 5, "pieces root": ROOT}}}, piece_length=20_000),
    "v2 piece length too small": v2({"a": {"": {"length": 5, "pieces root": ROOT}}}, piece_length=8192),
    "v2 file without root": v2({"a": {"": {"length": 5}}}),
    "v2 root of 31 bytes": v2({"a": {"": {"length": 5, "pieces root": ROOT[:31]}}}),
    "v2 file beside a folder": v2({"a": {"": {"length": 5, "pieces root": ROOT}, "b": {"": {"length": 0}}}}),
    "v2 empty tree entry": v2({"a": {}}),
    "v2 length -1": v2({"a": {"": {"length": -1, "pieces root": ROOT}}}),
    "v2 tree 200 deep": v2(tree_of_depth(200)),
    "v2 layers of odd size": v2({"a": {"": {"length": 40_000, "pieces root": ROOT}}}, {ROOT: bytes(33)}),
    "v2 layers that do not fold to the root": v2({"a": {"": {"length": 40_000, "pieces root": ROOT}}}, {ROOT: bytes(96)}),
}

MAGNETS = [
    "magnet:", "magnet:?", "magnet:?dn=only-a-name", "magnet:?xt=urn:btih:", "magnet:?xt=urn:btih:xyz",
    "magnet:?xt=urn:btih:" + "g" * 40, "magnet:?xt=urn:btih:" + "a" * 39, "magnet:?xt=urn:btih:" + "1" * 32,
    "magnet:?xt=urn:btmh:1220" + "a" * 63, "magnet:?xt=urn:btmh:1320" + "a" * 64, "magnet:?xt=urn:btmh:",
    "magnet:?xt=urn:sha1:" + "A" * 32, "magnet:?xt=urn:btih:" + "%61" * 13,
]


class BadTorrents(InteropCase):
    def refuse(self, command, source, *arguments):
        program = self.run_duplex(command, source, *arguments)
        status = program.finish(30)
        self.assertIn(status, (1, 64), program.describe())
        told = program.of("error")
        self.assertTrue(told or program.errors, f"it must say why{program.describe()}")
        if command == "get" and status == 1:
            self.assertTrue(told and told[0]["message"], program.describe())
        self.assertLess(len("".join(program.errors)), 4000, "a message is not a dump")

    def test_malformed_torrents(self):
        to = self.dir("to")
        for number, (name, raw) in enumerate(REFUSED.items()):
            with self.subTest(torrent=name):
                path = self.folder / f"{number}.torrent"
                path.write_bytes(raw)
                self.refuse("inspect", path)
        for name in ("nothing", "piece length 0", "v2 layers that do not fold to the root", "lengths whose sum overflows"):
            with self.subTest(get=name):
                path = self.folder / "bad.torrent"
                path.write_bytes(REFUSED[name])
                self.refuse("get", path, "--to", to, "--listen", "127.0.0.1:0")
        self.assertEqual(os.listdir(to), [])

    def test_malformed_magnets(self):
        for link in MAGNETS:
            with self.subTest(link=link[:60]):
                self.refuse("inspect", link)
                self.refuse("get", link, "--to", self.dir("to"), "--listen", "127.0.0.1:0")

    def test_torrent_that_is_not_there(self):
        self.refuse("inspect", self.folder / "nothing.torrent")
        self.refuse("get", self.folder / "nothing.torrent", "--to", self.dir("to"))

    def test_halves_that_disagree(self):
        """A hybrid whose v1 and v2 parts describe different files."""
        source = contents.make_file(self.dir("in") / "f", 100_000)
        meta = Meta.load(self.create(source, self.folder / "good.torrent", "--piece-length", 32768))
        for key, value in {b"length": 90_000, b"name": b"other"}.items():
            with self.subTest(key=key):
                info = {**meta.values, key: value}
                if key == b"length":
                    info[b"pieces"] = info[b"pieces"][: -(-90_000 // 32768) * 20]
                if key == b"name":
                    info[b"file tree"] = {b"third": next(iter(info[b"file tree"].values()))}
                (self.folder / "bad.torrent").write_bytes(bencode.encode({**meta.top, b"info": info}))
                self.refuse("inspect", self.folder / "bad.torrent")

    def test_false_data_under_true_piece_hashes_of_one_half(self):
        """A hybrid whose SHA-1 pieces are of other content than its trees: no data satisfies both, none is called done."""
        source = contents.make_file(self.dir("in") / "f", 100_000)
        meta = Meta.load(self.create(source, self.folder / "good.torrent", "--piece-length", 32768))
        info = {**meta.values, b"pieces": b"\x22" * len(meta.values[b"pieces"])}
        bad = self.folder / "bad.torrent"
        bad.write_bytes(bencode.encode({**meta.top, b"info": info}))
        program = self.run_duplex("share", source, "--torrent", bad, "--listen", "127.0.0.1:0")
        program.wait("error", 30)
        self.assertEqual(program.finish(20), 1, program.describe())

    def test_names_that_would_escape(self):
        """Refused, or made safe: never a file outside of the folder."""
        data = b"12345"
        pieces = hashlib.sha1(data).digest()
        outside = self.dir("outside")
        for number, name in enumerate((b"../outside/evil", b"/" + os.fsencode(outside) + b"/evil", b"..", b".", b"",
                                       b"a/../../outside/evil", b"..\\evil", b"nul\0byte", b"x" * 5000, b"\xff\xfe")):
            for shape in ("name", "path"):
                with self.subTest(name=name[:40], shape=shape):
                    if shape == "name":
                        raw = v1(name=name, pieces=pieces)
                    else:
                        raw = v1(length=None, files=[{"length": 5, "path": [b"..", name]}], pieces=pieces)
                    torrent = self.folder / f"{number}-{shape}.torrent"
                    torrent.write_bytes(raw)
                    program = self.run_duplex("inspect", torrent)
                    status = program.finish(20)
                    if status == 0:
                        for file in program.events[0]["files"]:
                            parts = file["path"].split("/")
                            self.assertFalse({"", ".", ".."} & set(parts), file)
                            self.assertTrue(all(len(part.encode()) <= 255 for part in parts), file)
                            self.assertNotIn("\0", file["path"])
                    else:
                        self.assertEqual(status, 1, program.describe())
        self.assertEqual(os.listdir(outside), [])

    def test_names_that_collide(self):
        """Two files of one name, and names that differ in case only, both arrive."""
        data = b"1234512345"
        raw = v1(length=None, pieces=hashlib.sha1(data).digest(),
                 files=[{"length": 5, "path": ["same"]}, {"length": 5, "path": ["same"]}])
        path = self.folder / "t.torrent"
        path.write_bytes(raw)
        program = self.run_duplex("inspect", path)
        if program.finish(20) == 0:
            names = [file["path"] for file in program.events[0]["files"]]
            self.assertEqual(len(set(names)), 2, names)
        else:
            self.assertEqual(program.process.returncode, 1)

    def test_bad_addresses(self):
        source = contents.make_file(self.dir("in") / "f", 1000)
        torrent = self.create(source, self.folder / "t.torrent")
        for address in ("nonsense", "127.0.0.1", "127.0.0.1:99999", "[::1:80", ":", "127.0.0.1:-1"):
            with self.subTest(address=address):
                program = self.run_duplex("get", torrent, "--to", self.dir("to"), "--peer", address)
                self.assertIn(program.finish(20), (1, 64), program.describe())
                program = self.run_duplex("share", source, "--listen", address)
                if address != ":":
                    self.assertIn(program.finish(20), (1, 64), program.describe())

    def test_port_that_is_taken(self):
        source = contents.make_file(self.dir("in") / "f", 1000)
        _, sharing = self.share(source)
        program = self.run_duplex("share", source, "--listen", sharing["listen"][0])
        program.wait("error", 20)
        self.assertEqual(program.finish(20), 1, program.describe())


if __name__ == "__main__":
    unittest.main()
