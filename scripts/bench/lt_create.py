"""lt_create.py PATH OUT FORMAT PIECE-LENGTH: makes a .torrent, prints the seconds that set_piece_hashes took."""

import os
import sys
import time

import libtorrent as lt

path, out, format, piece_length = sys.argv[1:]
flags = {"hybrid": 0, "v2": 32, "v1": 64}[format]  # v2_only, v1_only; not every version's module names both
if hasattr(lt, "list_files"):
    torrent = lt.create_torrent(lt.list_files(path), int(piece_length), flags)
else:
    storage = lt.file_storage()
    lt.add_files(storage, path)
    torrent = lt.create_torrent(storage, int(piece_length), flags)
began = time.monotonic()
lt.set_piece_hashes(torrent, os.path.dirname(path))
print(f"{time.monotonic() - began:.3f}", flush=True)
with open(out, "wb") as file:
    file.write(lt.bencode(torrent.generate()))
