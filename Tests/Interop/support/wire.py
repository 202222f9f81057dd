"""The peer wire by hand (BEP 3, 6, 9, 10, 52): to lie on it, which no honest library does."""

import socket
import struct
import threading

from . import bencode
from .meta import Meta

BLOCK = 16384
RESERVED = bytes([0, 0, 0, 0, 0, 0x10, 0, 0x04])  # extension protocol, fast extension
RESERVED_V2 = bytes([0, 0, 0, 0, 0, 0x10, 0, 0x14])
CHOKE, UNCHOKE, INTERESTED, HAVE, BITFIELD, REQUEST, PIECE, CANCEL = 0, 1, 2, 4, 5, 6, 7, 8
SUGGEST, HAVE_ALL, HAVE_NONE, REJECT, ALLOWED_FAST, EXTENDED = 13, 14, 15, 16, 17, 20
HASH_REQUEST, HASHES, HASH_REJECT = 21, 22, 23
OUR_METADATA_ID = 7


class Closed(Exception):
    """The other side closed the connection."""


class Wire:
    """One connection, blocking, with a timeout."""

    def __init__(self, connection, timeout=10):
        self.socket = connection
        self.socket.settimeout(timeout)

    @classmethod
    def connect(cls, address, timeout=10):
        host, port = address.rsplit(":", 1)
        return cls(socket.create_connection((host.strip("[]"), int(port)), timeout), timeout)

    def raw(self, data):
        try:
            self.socket.sendall(data)
        except (ConnectionError, BrokenPipeError) as error:
            raise Closed(str(error)) from None

    def read(self, count):
        data = b""
        while len(data) < count:
            try:
                chunk = self.socket.recv(min(count - len(data), 1 << 16))
            except ConnectionError as error:
                raise Closed(str(error)) from None
            if not chunk:
                raise Closed("end of stream")
            data += chunk
        return data

    def send(self, kind, payload=b""):
        self.raw(struct.pack(">IB", 1 + len(payload), kind) + payload)

    def receive(self):
        """(id, payload); keep-alives are skipped."""
        while True:
            (length,) = struct.unpack(">I", self.read(4))
            if length:
                body = self.read(length)
                return body[0], body[1:]

    def send_handshake(self, info_hash, peer_id=b"-LY0001-abcdefghijkl", reserved=RESERVED):
        self.raw(b"\x13BitTorrent protocol" + reserved + info_hash + peer_id)

    def receive_handshake(self):
        data = self.read(68)
        assert data[:20] == b"\x13BitTorrent protocol", data[:20]
        return data[20:28], data[28:48], data[48:]

    def send_extended(self, number, value, tail=b""):
        body = value if isinstance(value, bytes) else bencode.encode(value)
        self.send(EXTENDED, bytes([number]) + body + tail)

    def is_closed_within(self, seconds):
        """Reads and drops until the other side closes."""
        self.socket.settimeout(seconds)
        try:
            while self.socket.recv(1 << 16):
                pass
            return True
        except (TimeoutError, socket.timeout):
            return False
        except OSError:
            return True

    def close(self):
        self.socket.close()


class MiniSeeder:
    """A seeder in a few lines. Subclasses override `serve` or `block` to lie; `connections` and `sent` tell what happened."""

    def __init__(self, case, torrent_file, data_path, speaks_v2=None):
        self.meta = Meta.load(torrent_file)
        self.data_path = data_path
        self.v2 = self.meta.v1_hash is None if speaks_v2 is None else speaks_v2
        self.connections = 0
        self.closed_by_other = 0
        self.sent = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        case.addCleanup(self.listener.close)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._run, args=(Wire(connection, 60),), daemon=True).start()

    def _run(self, wire):
        try:
            _, info_hash, _ = wire.receive_handshake()
            # -LY0001- and a different tail for each seeder: equal ids would be taken for one peer.
            wire.send_handshake(info_hash, b"-LY0001-%012d" % self.listener.getsockname()[1],
                                RESERVED_V2 if self.v2 and self.meta.v1_hash else RESERVED)
            self.serve(wire)
        except Closed:
            self.closed_by_other += 1
        except (OSError, AssertionError):
            pass
        finally:
            wire.close()

    # The honest conversation, in steps that a liar replaces.

    def serve(self, wire):
        self.greet(wire)
        self.announce(wire)
        self.answer(wire)

    def extended_handshake(self):
        return {"m": {"ut_metadata": OUR_METADATA_ID}, "metadata_size": len(self.meta.info), "reqq": 500, "v": "MiniSeeder"}

    def greet(self, wire):
        wire.send_extended(0, self.extended_handshake())

    def announce(self, wire):
        wire.send(HAVE_ALL)
        wire.send(UNCHOKE)

    def answer(self, wire):
        theirs = {}
        while True:
            kind, payload = wire.receive()
            if kind == REQUEST:
                piece, begin, length = struct.unpack(">III", payload)
                data = self.block(piece, begin, length)
                if data is None:
                    wire.send(REJECT, payload)
                else:
                    wire.send(PIECE, payload[:8] + data)
                    self.sent += len(data)
            elif kind == HASH_REQUEST:
                self.hash_reply(wire, payload)
            elif kind == EXTENDED and payload[0] == 0:
                theirs = bencode.decode(payload[1:]).get(b"m", {})
            elif kind == EXTENDED and payload[0] == OUR_METADATA_ID:
                request = bencode.decode(payload[1:])
                if request[b"msg_type"] == 0 and theirs.get(b"ut_metadata"):
                    self.metadata_reply(wire, theirs[b"ut_metadata"], request[b"piece"])

    def block(self, piece, begin, length):
        return self.meta.read(self.data_path, piece, begin, length)

    def hash_reply(self, wire, request):
        wire.send(HASH_REJECT, request)

    def metadata_reply(self, wire, number, piece):
        part = self.meta.info[piece * BLOCK : (piece + 1) * BLOCK]
        wire.send_extended(number, {"msg_type": 1, "piece": piece, "total_size": len(self.meta.info)}, part)


class CorruptingSeeder(MiniSeeder):
    """Flips a byte in every block whose number passes `which`."""

    def __init__(self, *args, which=lambda piece, begin: True, **more):
        super().__init__(*args, **more)
        self.which = which
        self.lies = 0

    def block(self, piece, begin, length):
        data = super().block(piece, begin, length)
        if data and self.which(piece, begin):
            self.lies += 1
            data = bytes([data[0] ^ 0xFF]) + data[1:]
        return data
