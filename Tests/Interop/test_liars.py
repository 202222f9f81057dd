"""Peers that lie: corrupted blocks, and one billion-byte lie of each kind, to a sharer and to a fetcher.
The liar is cut off, memory stays bounded, nothing traps, and honest peers are served throughout."""

import os
import struct
import time
import unittest

from support import contents
from support.case import InteropCase, eventually
from support.meta import Meta
from support.slowlink import SlowLink
from support.wire import (
    ALLOWED_FAST, BITFIELD, CANCEL, EXTENDED, HASH_REQUEST, HASHES, HAVE, HAVE_ALL, HAVE_NONE, INTERESTED, PIECE,
    REJECT, REQUEST, RESERVED, SUGGEST, UNCHOKE, Closed, CorruptingSeeder, MiniSeeder, Wire,
)

BILLION = 1_000_000_000
MEMORY = 100  # MiB, resident, at any moment


class Corruption(InteropCase):
    """A seeder that sends corrupted blocks is dropped and the file still completes from a good one."""

    def check(self, format, which, good_rate=6 << 20):
        source = contents.make_file(self.dir("source") / "file.bin", 6 << 20)
        torrent = self.create(source, self.folder / "t.torrent", "--format", format, "--piece-length", 131_072)
        _, sharing = self.share(source, "--torrent", torrent)
        good = SlowLink(self, sharing["listen"][0], good_rate)
        liar = CorruptingSeeder(self, torrent, source.parent, which=which)
        to = self.dir("to")
        program = self.get(torrent, to, "--peer", liar.address, "--peer", good.address)
        program.wait("done", 90)
        self.assertEqual(program.finish(20), 0, program.describe())
        self.assert_same(source, to / "file.bin")
        self.assertGreater(liar.lies, 0, "the liar was never asked: no proof")
        self.assertGreaterEqual(liar.closed_by_other, 1, "the liar must have been cut off")
        self.assertLessEqual(liar.connections, 2, "and not asked again")
        self.assertLess(liar.sent, 6 << 20, "long before it could send everything")

    def test_every_block_v2(self):
        self.check("v2", lambda piece, begin: True)

    def test_every_block_hybrid(self):
        self.check("hybrid", lambda piece, begin: True)

    def test_every_block_v1(self):
        self.check("v1", lambda piece, begin: True)

    def test_one_block_a_piece_v2(self):
        self.check("v2", lambda piece, begin: begin == 32768)

    def test_one_block_a_piece_hybrid(self):
        self.check("hybrid", lambda piece, begin: begin == 32768)

    def test_one_block_a_piece_v1(self):
        self.check("v1", lambda piece, begin: begin == 32768)

    def test_only_the_liar_is_there(self):
        """Nothing false is ever called done."""
        source = contents.make_file(self.dir("source") / "file.bin", 1 << 20)
        torrent = self.create(source, self.folder / "t.torrent", "--piece-length", 131_072)
        liar = CorruptingSeeder(self, torrent, source.parent)
        program = self.get(torrent, self.dir("to"), "--peer", liar.address)
        eventually(lambda: liar.closed_by_other, 30)
        time.sleep(2)
        self.assertFalse(program.of("done"))
        self.assertTrue(all(event["done"] == 0 for event in program.of("progress")))
        self.assertLessEqual(liar.connections, 3, "a liar is not asked again and again")

    def test_a_mini_seeder_that_does_not_lie_is_fine(self):
        """The control: the same hand-made wire, honest, by .torrent and by magnet."""
        source = contents.make_tree(self.dir("source") / "tree")
        for format in ("v1", "hybrid", "v2"):
            with self.subTest(format=format):
                torrent = self.create(source, self.folder / f"{format}.torrent", "--format", format,
                                      "--piece-length", 32768)
                honest = MiniSeeder(self, torrent, source.parent)
                to = self.dir(f"to-{format}")
                what = torrent
                if format == "v1":
                    what = self.inspect(torrent)["magnet"]
                self.fetch(what, to, "--peer", honest.address)
                self.assert_same(source, to / "tree")


class LiesToASharer(InteropCase):
    """Strangers connect to `duplex share` and lie."""

    def setUp(self):
        super().setUp()
        self.source = contents.make_file(self.dir("source") / "file.bin", 3 << 20)
        self.torrent = self.create(self.source, self.folder / "t.torrent", "--piece-length", 32768)
        self.meta = Meta.load(self.torrent)
        self.program, sharing = self.share(self.source, "--torrent", self.torrent)
        self.address = sharing["listen"][0]

    def tearDown(self):
        self.assertTrue(self.program.alive, self.program.describe())
        self.assertLess(self.program.memory(), MEMORY, "peak memory in MiB")
        to = self.dir("honest")
        self.fetch(self.torrent, to, "--peer", self.address)  # it still serves
        self.assert_same(self.source, to / "file.bin")

    def connect(self, info_hash=None, reserved=RESERVED):
        wire = Wire.connect(self.address)
        self.addCleanup(wire.close)
        wire.send_handshake(info_hash or self.meta.v1_hash, os.urandom(20), reserved)
        return wire

    def lies(self, named, must_close, v2=False):
        for name, tell in named.items():
            with self.subTest(lie=name):
                wire = self.connect(self.meta.v2_hash[:20] if v2 else None)
                try:
                    wire.receive_handshake()
                    tell(wire)
                except Closed:
                    continue
                if must_close:
                    self.assertTrue(wire.is_closed_within(10), "the connection must be closed")
                else:
                    wire.is_closed_within(0.5)
                wire.close()
                self.assertTrue(self.program.alive, self.program.describe())
                self.assertLess(self.program.memory(), MEMORY)

    def test_lengths(self):
        def endless(kind, length):
            def tell(wire):
                wire.raw(struct.pack(">IB", length, kind))
                for _ in range(512):  # 32 MiB, if it lets us
                    wire.raw(bytes(1 << 16))
            return tell

        self.lies({
            "a message of 4 GiB": endless(9, 0xFFFFFFFF),
            "a bitfield of a billion bytes": endless(BITFIELD, BILLION),
            "a block of a billion bytes": endless(PIECE, BILLION),
            "an extension message of a billion bytes": endless(EXTENDED, BILLION),
            "hashes of a billion bytes": endless(HASHES, BILLION),
            "an unknown message of a billion bytes": endless(200, BILLION),
            "a have of 100 bytes": lambda wire: wire.send(HAVE, bytes(100)),
            "a request of 5 bytes": lambda wire: wire.send(REQUEST, bytes(5)),
            "an empty piece message": lambda wire: wire.send(PIECE, b""),
            "a choke with a body": lambda wire: wire.send(0, b"x"),
        }, must_close=True)

    def test_piece_numbers(self):
        top = 0xFFFFFFFF
        self.lies({
            "have piece 4294967295": lambda wire: wire.send(HAVE, struct.pack(">I", top)),
            "have piece a billion": lambda wire: wire.send(HAVE, struct.pack(">I", BILLION)),
            "have the piece after the last": lambda wire: wire.send(HAVE, struct.pack(">I", self.meta.pieces)),
            "a bitfield too long": lambda wire: wire.send(BITFIELD, bytes(-(-self.meta.pieces // 8) + 1)),
            "a bitfield too short": lambda wire: wire.send(BITFIELD, b"\0"),
            "two bitfields": lambda wire: [wire.send(HAVE_ALL), wire.send(HAVE_ALL)],
        }, must_close=True)
        self.lies({
            "suggest a billion": lambda wire: wire.send(SUGGEST, struct.pack(">I", BILLION)),
            "allow a billion": lambda wire: wire.send(ALLOWED_FAST, struct.pack(">I", BILLION)),
            "reject what was never asked": lambda wire: wire.send(REJECT, struct.pack(">III", top, top, top)),
            "cancel what was never asked": lambda wire: wire.send(CANCEL, struct.pack(">III", top, top, top)),
        }, must_close=False)

    def test_requests(self):
        def ask(piece, begin, length):
            def tell(wire):
                wire.send(HAVE_NONE)
                wire.send(INTERESTED)
                time.sleep(0.3)
                wire.send(REQUEST, struct.pack(">III", piece, begin, length))
            return tell

        # Closed or rejected, both are answers; a block is not.
        top = 0xFFFFFFFF
        for name, tell in {
            "piece a billion": ask(BILLION, 0, 16384),
            "begin a billion": ask(0, BILLION, 16384),
            "length a billion": ask(0, 0, BILLION),
            "all 4294967295": ask(top, top, top),
            "length 0": ask(0, 0, 0),
            "past the end of the piece": ask(0, 32768 - 100, 16384),
            "sum that overflows": ask(0, top - 16383, 16384),
        }.items():
            with self.subTest(lie=name):
                wire = self.connect()
                wire.receive_handshake()
                try:
                    tell(wire)
                    wire.socket.settimeout(3)
                    while True:
                        kind, _ = wire.receive()
                        self.assertNotEqual(kind, PIECE, "a block was sent")
                        if kind == REJECT:
                            break
                except (Closed, OSError):
                    pass
                wire.close()

    def test_ten_thousand_requests_without_reading(self):
        """Queues are bounded: one who asks for everything again and again and reads nothing costs no memory."""
        wire = self.connect()
        try:
            wire.receive_handshake()
            wire.send(HAVE_NONE)
            wire.send(INTERESTED)
            time.sleep(0.5)
            for round in range(100):
                for piece in range(self.meta.pieces):
                    wire.send(REQUEST, struct.pack(">III", piece, 0, 16384))
                    wire.send(REQUEST, struct.pack(">III", piece, 16384, 16384))
        except (Closed, OSError):
            pass
        self.assertLess(self.program.memory(), MEMORY)

    def test_extension_messages(self):
        def extended(value, number=0):
            return lambda wire: wire.send_extended(number, value)

        metadata = lambda piece: lambda wire: [
            wire.send_extended(0, {"m": {"ut_metadata": 3}}),
            wire.send_extended(1, {"msg_type": 0, "piece": piece}),
            wire.send_extended(2, {"msg_type": 0, "piece": piece}),
            wire.send_extended(3, {"msg_type": 0, "piece": piece}),
        ]
        peers = b"\x7f\0\0\1\x1a\xe1" * 100_000
        self.lies({
            "metadata of a billion bytes": extended({"m": {"ut_metadata": 3}, "metadata_size": BILLION}),
            "metadata of -1 bytes": extended({"m": {"ut_metadata": 3}, "metadata_size": -1}),
            "metadata of 2^63 bytes": extended(b"d1:md11:ut_metadatai3ee13:metadata_sizei9223372036854775808ee"),
            "a string of a billion bytes": extended(b"d1:v1000000000:x"),
            "200,000 lists inside each other": extended(b"l" * 200_000),
            "100,000 empty lists": extended(b"l" + b"le" * 100_000 + b"e"),
            "not bencoding": extended(b"hello"),
            "an empty body": lambda wire: wire.send(EXTENDED, b""),
            "a queue of a billion": extended({"m": {}, "reqq": BILLION}),
            "a queue of -5": extended({"m": {}, "reqq": -5}),
            "port a billion": extended({"m": {}, "p": BILLION}),
            "extension number 100,000": extended({"m": {"ut_metadata": 100_000, "ut_pex": -1}}),
            "metadata piece a billion": metadata(BILLION),
            "metadata piece -1": metadata(-1),
            "metadata piece 2^62": metadata(1 << 62),
            "100,000 peers": lambda wire: [
                wire.send_extended(0, {"m": {"ut_pex": 1}}),
                *(wire.send_extended(n, {"added": peers, "added.f": bytes(100_000)}) for n in (1, 2, 3)),
            ],
            "peers with half an address": lambda wire: [
                wire.send_extended(n, {"added": b"\x7f\0\0", "added.f": b"\0"}) for n in (1, 2, 3)
            ],
        }, must_close=False)

    def test_hash_messages(self):
        top = 0xFFFFFFFF
        root = next(iter(self.meta.top[b"piece layers"]))

        def ask(*numbers, root=root, kind=HASH_REQUEST, tail=b""):
            return lambda wire: wire.send(kind, root + struct.pack(">IIII", *numbers) + tail)

        self.lies({
            "a length of 2^31": ask(0, 0, 1 << 31, 0),
            "a length of 0": ask(0, 0, 0, 0),
            "an index of 2^32-1": ask(0, top, 512, 0),
            "4294967295 proof layers": ask(0, 0, 2, top),
            "layer 4294967295": ask(top, 0, 2, 0),
            "all 4294967295": ask(top, top, top, top),
            "an unknown root": ask(0, 0, 2, 0, root=bytes(32)),
            "a length that is no power of two": ask(0, 0, 3, 0),
            "an index that is no multiple": ask(0, 1, 2, 0),
            "hashes that nobody asked for": ask(0, 0, 2, 0, kind=HASHES, tail=bytes(64)),
            "hashes without hashes": ask(0, 0, top, 0, kind=HASHES),
        }, must_close=False, v2=True)

    def test_handshakes(self):
        greetings = {
            "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
            "HTTP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + bytes(64),
            "encrypted (MSE)": b"\xA7" + os.urandom(300),
            "another protocol": b"\x13BitTorrent protocoL" + bytes(48),
            "an unknown torrent": b"\x13BitTorrent protocol" + bytes(8) + b"\xEE" * 20 + bytes(20),
            "zeros": bytes(1000),
        }
        for name, greeting in greetings.items():
            with self.subTest(greeting=name):
                wire = Wire.connect(self.address)
                try:
                    wire.raw(greeting)
                except Closed:
                    continue
                self.assertTrue(wire.is_closed_within(5))
                wire.close()

    def test_two_hundred_silent_connections(self):
        """Those who say nothing keep nobody out."""
        wires = [Wire.connect(self.address) for _ in range(200)]
        for wire in wires:
            self.addCleanup(wire.close)
        to = self.dir("beside the silent")
        self.fetch(self.torrent, to, "--peer", self.address)
        self.assertTrue(wires[0].is_closed_within(40), "a handshake may not take forever")


class LiesToAFetcher(InteropCase):
    """`duplex get` connects to a seeder that lies; an honest one beside it must still be enough."""

    def setUp(self):
        super().setUp()
        self.source = contents.make_file(self.dir("source") / "file.bin", 4 << 20)
        self.torrent = self.create(self.source, self.folder / "t.torrent", "--piece-length", 32768)
        _, sharing = self.share(self.source, "--torrent", self.torrent)
        self.good = sharing["listen"][0]

    def check(self, liar_type, by="torrent", must_close=True):
        """First the liar alone for a moment, then a good one appears at an address that was named before."""
        liar = liar_type(self, self.torrent, self.source.parent)
        good = SlowLink(self, self.good, rate=3 << 20)
        to = self.dir("to")
        what = self.torrent if by == "torrent" else self.inspect(self.torrent)["magnet"]
        program = self.get(what, to, "--peer", liar.address, "--peer", good.address)
        program.wait("progress", 10)
        peak = 0
        while not program.of("done"):
            self.assertTrue(program.alive, program.describe())
            peak = max(peak, program.memory())
            self.assertLess(time.monotonic() - program.started, 60, program.describe())
            time.sleep(0.1)
        self.assertEqual(program.finish(20), 0)
        self.assertLess(peak, MEMORY)
        self.assert_same(self.source, to / "file.bin")
        self.assertGreaterEqual(liar.connections, 1, "the liar was never met: no proof")
        if must_close:
            self.assertGreaterEqual(liar.closed_by_other, 1, "the liar must have been cut off")
            self.assertLessEqual(liar.connections, 2, "and not asked again")

    def test_metadata_of_a_billion_bytes(self):
        class Liar(MiniSeeder):
            def extended_handshake(self):
                return {**super().extended_handshake(), "metadata_size": BILLION}

            def metadata_reply(self, wire, number, piece):
                wire.send_extended(number, {"msg_type": 1, "piece": piece, "total_size": BILLION}, bytes(16384))

        self.check(Liar, by="magnet", must_close=False)

    def test_metadata_size_that_changes(self):
        class Liar(MiniSeeder):
            def metadata_reply(self, wire, number, piece):
                wire.send_extended(number, {"msg_type": 1, "piece": piece, "total_size": BILLION}, bytes(100))

        self.check(Liar, by="magnet", must_close=False)

    def test_false_metadata(self):
        class Liar(MiniSeeder):
            def metadata_reply(self, wire, number, piece):
                part = bytearray(self.meta.info[piece * 16384 : (piece + 1) * 16384])
                part[0] ^= 1
                wire.send_extended(number, {"msg_type": 1, "piece": piece, "total_size": len(self.meta.info)}, bytes(part))

        self.check(Liar, by="magnet", must_close=False)

    def test_metadata_that_never_comes(self):
        class Liar(MiniSeeder):
            def metadata_reply(self, wire, number, piece):
                pass

        self.check(Liar, by="magnet", must_close=False)

    def test_bitfield_of_a_billion_bytes(self):
        class Liar(MiniSeeder):
            def announce(self, wire):
                wire.raw(struct.pack(">IB", BILLION, BITFIELD))
                for _ in range(512):
                    wire.raw(bytes(1 << 16))

        self.check(Liar)

    def test_wrong_bitfield(self):
        class Liar(MiniSeeder):
            def announce(self, wire):
                wire.send(BITFIELD, b"\xff" * 1000)

        self.check(Liar)

    def test_piece_number_a_billion(self):
        class Liar(MiniSeeder):
            def announce(self, wire):
                wire.send(HAVE_NONE)
                wire.send(HAVE, struct.pack(">I", BILLION))

        self.check(Liar)

    def test_blocks_that_nobody_asked_for(self):
        class Liar(MiniSeeder):
            def announce(self, wire):
                wire.send(HAVE_NONE)
                for piece in range(64):
                    wire.send(PIECE, struct.pack(">II", piece, 0) + bytes(16384))

        self.check(Liar)

    def test_block_of_piece_a_billion(self):
        class Liar(MiniSeeder):
            def announce(self, wire):
                wire.send(HAVE_NONE)
                wire.send(PIECE, struct.pack(">II", BILLION, BILLION) + bytes(16384))

        self.check(Liar)

    def test_block_too_long(self):
        class Liar(MiniSeeder):
            def block(self, piece, begin, length):
                return bytes(length + 5)

        self.check(Liar)

    def test_empty_block(self):
        class Liar(MiniSeeder):
            def block(self, piece, begin, length):
                return b""

        self.check(Liar)

    def test_rejects_everything(self):
        class Liar(MiniSeeder):
            def block(self, piece, begin, length):
                return None

        self.check(Liar, must_close=False)

    def test_answers_nothing(self):
        """The endgame asks another for what this one sits on."""
        class Liar(MiniSeeder):
            def answer(self, wire):
                while True:
                    wire.receive()

        self.check(Liar, must_close=False)

    def test_nested_lists(self):
        class Liar(MiniSeeder):
            def greet(self, wire):
                wire.send_extended(0, b"l" * 200_000)

        self.check(Liar, must_close=False)

    def test_false_piece_layers(self):
        """v2 by magnet: piece layers come over the wire, and false ones are worth nothing."""
        class Liar(MiniSeeder):
            def hash_reply(self, wire, request):
                base, index, length, proof = struct.unpack(">IIII", request[32:])
                uncles = max(0, proof - (length.bit_length() - 2))
                wire.send(HASHES, request + os.urandom(32 * (length + uncles)))

        self.torrent = self.create(self.source, self.folder / "v2.torrent", "--format", "v2", "--piece-length", "32768")
        _, sharing = self.share(self.source, "--torrent", self.torrent)
        self.good = sharing["listen"][0]
        self.check(Liar, by="magnet", must_close=False)

    def test_closes_at_once_again_and_again(self):
        class Liar(MiniSeeder):
            def serve(self, wire):
                pass

        self.check(Liar, must_close=False)

    def test_chokes_and_unchokes(self):
        class Liar(MiniSeeder):
            def announce(self, wire):
                wire.send(HAVE_ALL)
                for _ in range(2000):
                    wire.send(UNCHOKE)
                    wire.send(0)

        self.check(Liar, must_close=False)


if __name__ == "__main__":
    unittest.main()
