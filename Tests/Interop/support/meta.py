"""What a .torrent says, read independently of the program and of libtorrent."""

import hashlib
from pathlib import Path

from . import bencode


class Meta:
    def __init__(self, raw):
        top = bencode.decode(raw)
        info = top[b"info"]
        self.top, self.values = top, info
        self.info = bencode.encode(info)
        assert self.info in raw, "info does not survive a round trip"
        self.piece_length = info[b"piece length"]
        self.name = info[b"name"].decode()
        self.v1_hash = hashlib.sha1(self.info).digest() if b"pieces" in info else None
        self.v2_hash = hashlib.sha256(self.info).digest() if info.get(b"meta version") == 2 else None
        self.files = list(self._v2_files() if self.v1_hash is None else self._v1_files())
        end = self.files[-1][0] + self.files[-1][1] if self.files else 0
        self.pieces = -(-end // self.piece_length)

    @classmethod
    def load(cls, path):
        return cls(Path(path).read_bytes())

    @property
    def wire_hash(self):
        return self.v1_hash or self.v2_hash[:20]

    def _v1_files(self):
        """(offset in piece space, length, path below the data's folder or None for padding)."""
        if b"files" not in self.values:
            yield 0, self.values[b"length"], self.name
            return
        at = 0
        for file in self.values[b"files"]:
            padding = b"p" in file.get(b"attr", b"")
            path = None if padding else "/".join([self.name, *(part.decode() for part in file[b"path"])])
            yield at, file[b"length"], path
            at += file[b"length"]

    def _v2_files(self):
        tree = self.values[b"file tree"]
        single = len(tree) == 1 and b"" in next(iter(tree.values()))
        at = 0

        def walk(node, path):
            nonlocal at
            for key in sorted(node):
                if key == b"":
                    length = node[key][b"length"]
                    yield at, length, "/".join(path)
                    at += -(-length // self.piece_length) * self.piece_length
                else:
                    yield from walk(node[key], [*path, key.decode()])

        yield from walk(tree, [] if single else [self.name])

    def read(self, folder, piece, begin, length):
        """Bytes of piece space; zeros where no file is. None when outside of it."""
        start = piece * self.piece_length + begin
        if piece >= self.pieces or length > 1 << 17 or begin + length > self.piece_length:
            return None
        data = bytearray(length)
        for offset, size, path in self.files:
            lo, hi = max(start, offset), min(start + length, offset + size)
            if path is None or lo >= hi:
                continue
            with open(Path(folder) / path, "rb") as source:
                source.seek(lo - offset)
                data[lo - start : hi - start] = source.read(hi - lo)
        return bytes(data)
