"""HTTP/2 frame by frame (RFC 9113), for what no polite client would send."""

import socket
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS = 1, 1, 4
ENHANCE_YOUR_CALM, REFUSED_STREAM = 11, 7


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def integer(value, bits):
    """RFC 7541 §5.1, the bits before it being zero."""
    most = (1 << bits) - 1
    if value < most:
        return bytes([value])
    out, value = [most], value - most
    while value >= 128:
        out.append(value % 128 + 128)
        value //= 128
    return bytes(out + [value])


def block(fields):
    """Fields as literals without indexing and without Huffman coding (RFC 7541 §6.2.2)."""
    text = [part.encode() if isinstance(part, str) else part for pair in fields for part in pair]
    out = b""
    for name, value in zip(text[::2], text[1::2]):
        out += b"\0" + integer(len(name), 7) + name + integer(len(value), 7) + value
    return out


def request(stream, path="/", *more, method="GET", authority="x", end=True, first=None):
    """A whole request in one HEADERS frame."""
    fields = first or [(":method", method), (":scheme", "http"), (":authority", authority), (":path", path)]
    return frame(HEADERS, END_HEADERS | (END_STREAM if end else 0), stream, block([*fields, *more]))


def settings(**values):
    numbers = {"table": 1, "push": 2, "streams": 3, "window": 4, "frame": 5, "list": 6}
    return frame(SETTINGS, 0, 0, b"".join(struct.pack(">HI", numbers[name], value) for name, value in values.items()))


class Connection:
    """A connection that has said hello."""

    def __init__(self, port, timeout=10, **values):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""
        self.send(PREFACE + settings(**values))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """False if the connection has ended."""
        try:
            self.socket.sendall(data)
            return True
        except (ConnectionError, TimeoutError):
            return False

    def frames(self):
        """(kind, flags, stream, payload) until the connection ends or nothing comes."""
        while True:
            while len(self._rest) >= 9:
                length = int.from_bytes(self._rest[:3], "big")
                if len(self._rest) < 9 + length:
                    break
                head, payload, self._rest = self._rest[:9], self._rest[9:9 + length], self._rest[9 + length:]
                yield head[3], head[4], struct.unpack(">I", head[5:])[0] & 0x7FFFFFFF, payload
            try:
                part = self.socket.recv(65536)
            except (ConnectionError, TimeoutError):
                part = b""
            if not part:
                return
            self._rest += part

    def ends(self):
        """Whether the other side ended it; the error code of its GOAWAY, if one came."""
        reason = None
        self.socket.settimeout(5)
        for kind, _, _, payload in self.frames():
            if kind == GOAWAY:
                reason = struct.unpack(">I", payload[4:8])[0]
        try:
            return self.socket.recv(1) == b"", reason
        except ConnectionError:
            return True, reason
        except TimeoutError:
            return False, reason
