"""Files and folders to send, and their comparison byte by byte."""

import hashlib
import os
import random
from pathlib import Path

PIECE = 32768  # small, so that small files have many pieces and v2 files need piece layers


def make_file(path, size, seed=1, executable=False):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    source = random.Random(seed)
    with open(path, "wb") as out:
        left = size
        while left:
            n = min(left, 1 << 20)
            out.write(source.randbytes(n))
            left -= n
    path.chmod(0o755 if executable else 0o644)
    return path


def make_tree(path):
    """Empty files, files around every boundary, unicode names, executable bits, depth."""
    path = Path(path)
    sizes = {
        "readme.txt": 61,
        "empty.dat": 0,
        "bin/run.sh": 5000,
        "bin/tool": 3 * PIECE + 777,
        "deep/er/still/data.bin": 9 * PIECE + 1,
        "deep/er/nothing": 0,
        "exact/block.bin": 16384,
        "exact/piece.bin": PIECE,
        "exact/piece-less-one.bin": PIECE - 1,
        "exact/piece-more-one.bin": PIECE + 1,
        "Übergröße/文件 один.txt": 2 * PIECE + 16384,
        "Übergröße/emoji 🎈.bin": 100_001,
        "name with spaces & 'quotes'.txt": 40_000,
        "zz-last": 7,
    }
    for number, (name, size) in enumerate(sorted(sizes.items())):
        make_file(path / name, size, seed=number + 100, executable=name.startswith("bin/"))
    return path


def paths_below(folder):
    """The files and folders in a folder. What a running host takes away meanwhile is left out; Path.rglob raises for it."""
    return {Path(parent) / name for parent, folders, files in os.walk(folder) for name in folders + files}


def files_below(folder):
    return sorted(path for path in paths_below(folder) if path.is_file())


def snapshot(path):
    """{relative path: (size, SHA-256, executable)} of a file or folder."""
    path = Path(path)
    files = [path] if path.is_file() else files_below(path)
    result = {}
    for file in files:
        name = file.name if path.is_file() else str(file.relative_to(path))
        digest = hashlib.sha256()
        with open(file, "rb") as source:
            while chunk := source.read(1 << 20):
                digest.update(chunk)
        result[name] = (file.stat().st_size, digest.hexdigest()[:32], os.access(file, os.X_OK) and bool(file.stat().st_mode & 0o100))
    return result


def tree_order(root):
    """Relative paths in the order of BEP 52: raw bytes of the components, depth first."""
    paths = [p.relative_to(root) for p in files_below(root)]
    return sorted(paths, key=lambda p: [part.encode() for part in p.parts])
