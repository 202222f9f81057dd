"""libtorrent fetches from `duplex share`, and `duplex get` fetches from libtorrent: v1, v2 and hybrid, by .torrent and
by magnet link (so metadata and, for v2, piece layers come over the wire), one file and a tree."""

import unittest

from support import contents, lt
from support.case import InteropCase

FORMATS = ("hybrid", "v2", "v1")


class LibtorrentCase(InteropCase):
    def setUp(self):
        lt.need_libtorrent()
        super().setUp()

    def make(self, kind):
        source = self.dir("source")
        if kind == "file":
            # Not a multiple of a block or a piece, and of more pieces than one hash request brings.
            return contents.make_file(source / "läng.bin", 600 * contents.PIECE + 12_345)
        if kind == "small":
            return contents.make_file(source / "small.txt", 1000)
        return contents.make_tree(source / "Bäume und Blätter")


class FetchedByLibtorrent(LibtorrentCase):
    """duplex share → libtorrent."""

    def check(self, kind, format, by):
        source = self.make(kind)
        torrent = self.create(source, self.folder / "made.torrent", "--format", format, "--piece-length", contents.PIECE)
        program, sharing = self.share(source, "--torrent", torrent)
        session, to = lt.Session(self), self.dir("to")
        if by == "magnet":
            handle = session.fetch(sharing["magnet"], to)  # x.pe alone tells where the host is
        else:
            handle = session.fetch(torrent, to, peers=[sharing["listen"][0]])
        session.wait_complete(self, handle)
        self.assert_same(source, to / source.name)
        self.assertTrue(program.alive)


class FetchedFromLibtorrent(LibtorrentCase):
    """libtorrent → duplex get."""

    def check(self, kind, format, by):
        source = self.make(kind)
        torrent = self.folder / "made.torrent"
        info = lt.create(source, torrent, format)
        session, to = lt.Session(self), self.dir("to")
        session.seed(torrent, source.parent)
        if by == "magnet":
            link = lt.libtorrent.make_magnet_uri(info) + f"&x.pe={session.address}"
            done = self.fetch(link, to)
        else:
            done = self.fetch(torrent, to, "--peer", session.address)
        self.assert_same(source, to / source.name)
        self.assert_only(to, source.name)
        self.assertEqual(done["bytes"], sum(row[0] for row in contents.snapshot(source).values()))


class LinkAlone(LibtorrentCase):
    """What `duplex share PATH` does by itself, without a .torrent: its default is hybrid."""

    def test_shared_folder_is_fetched_by_its_link(self):
        source = self.make("tree")
        _, sharing = self.share(source)
        self.assertTrue(sharing["infoHashV1"] and sharing["infoHashV2"], sharing)
        session, to = lt.Session(self), self.dir("to")
        session.wait_complete(self, session.fetch(sharing["magnet"], to))
        self.assert_same(source, to / source.name)

    def test_libtorrent_connects_by_the_v2_hash_of_a_hybrid(self):
        source = self.make("file")
        _, sharing = self.share(source, "--format", "hybrid")
        v2_only = "&".join(p for p in sharing["magnet"].split("&"))
        v2_only = v2_only.replace(f"xt=urn:btih:{sharing['infoHashV1']}&", "")
        session, to = lt.Session(self), self.dir("to")
        session.wait_complete(self, session.fetch(v2_only, to))
        self.assert_same(source, to / source.name)


def add_tests(case):
    for kind in ("file", "tree", "small"):
        for format in FORMATS:
            for by in ("torrent", "magnet"):
                if kind == "small" and by == "torrent":
                    continue

                def test(self, kind=kind, format=format, by=by):
                    self.check(kind, format, by)

                name = f"test_{kind}_{format}_by_{by}"
                test.__name__, test.__qualname__ = name, f"{case.__name__}.{name}"
                setattr(case, name, test)


add_tests(FetchedByLibtorrent)
add_tests(FetchedFromLibtorrent)

if __name__ == "__main__":
    unittest.main()
