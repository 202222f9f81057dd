"""The command line: what `create`, `inspect`, `share` and `get` print and return, and the hashes that others compute."""

import base64
import hashlib
import os
import re
import shutil
import time
import unittest

from support import bencode, contents, lt
from support.case import InteropCase
from support.duplex import BINARY
from support.meta import Meta


class SameHashesAsLibtorrent(InteropCase):
    """Equal input gives the info-hash that others compute."""

    def setUp(self):
        lt.need_libtorrent()
        super().setUp()

    def check(self, source, piece_length=contents.PIECE):
        for format in ("v1", "v2", "hybrid"):
            with self.subTest(format=format):
                theirs = lt.create(source, self.folder / "theirs.torrent", format, piece_length).info_hashes()
                ours = self.create(source, self.folder / f"{format}.torrent", "--format", format,
                                   "--piece-length", piece_length)
                meta = Meta.load(ours)
                if format != "v2":
                    self.assertEqual(meta.v1_hash.hex(), str(theirs.v1))
                if format != "v1":
                    self.assertEqual(meta.v2_hash.hex(), str(theirs.v2))
                # libtorrent must also find the whole file valid, piece layers included.
                loaded = lt.libtorrent.torrent_info(str(ours))
                self.assertTrue(loaded.is_valid())

    def test_one_file(self):
        self.check(contents.make_file(self.dir("in") / "file.bin", 5 * contents.PIECE + 1))

    def test_one_small_file(self):
        self.check(contents.make_file(self.dir("in") / "file.bin", 100))

    def test_file_of_exactly_some_pieces(self):
        self.check(contents.make_file(self.dir("in") / "file.bin", 4 * contents.PIECE))

    def test_tree(self):
        self.check(contents.make_tree(self.dir("in") / "tree"))

    def test_tree_with_large_pieces(self):
        self.check(contents.make_tree(self.dir("in") / "tree"), 1 << 20)

    def test_tree_order_is_of_raw_bytes(self):
        root = self.dir("in") / "order"
        for name in ("a/z", "a.b", "a-b", "A", "é", "z", "a b/c", "ab"):
            contents.make_file(root / name, 20_000, seed=len(name))
        self.check(root)


class Create(InteropCase):
    def test_leaves_out_what_nobody_means_to_share(self):
        root = self.dir("in") / "mixed"
        contents.make_file(root / "keep.txt", 10)
        contents.make_file(root / ".DS_Store", 10)
        contents.make_file(root / "sub/.DS_Store", 10)
        contents.make_file(root / "sub/also.txt", 10)
        meta = Meta.load(self.create(root, self.folder / "t.torrent", "--format", "v2"))
        self.assertEqual([path for _, _, path in meta.files], ["mixed/keep.txt", "mixed/sub/also.txt"])

    def test_trackers_and_web_seeds_are_written_outside_info(self):
        source = contents.make_file(self.dir("in") / "f", 100)
        plain = Meta.load(self.create(source, self.folder / "plain.torrent"))
        full = Meta.load(self.create(
            source, self.folder / "full.torrent", "--tracker", "http://one.example/announce",
            "--tracker", "http://two.example/announce", "--web-seed", "http://seed.example/f",
        ))
        self.assertEqual(plain.info, full.info)
        self.assertEqual(full.top[b"announce"], b"http://one.example/announce")
        urls = [url for tier in full.top[b"announce-list"] for url in tier]
        self.assertEqual(urls, [b"http://one.example/announce", b"http://two.example/announce"])
        self.assertIn(b"http://seed.example/f", full.top[b"url-list"])
        shown = self.inspect(self.folder / "full.torrent")
        self.assertEqual(shown["trackers"], ["http://one.example/announce", "http://two.example/announce"])
        self.assertEqual(shown["webSeeds"], ["http://seed.example/f"])

    def test_info_holds_nothing_more_than_asked_for(self):
        source = contents.make_file(self.dir("in") / "f", 100_000)
        wanted = {
            "v1": {b"length", b"name", b"piece length", b"pieces"},
            "v2": {b"file tree", b"meta version", b"name", b"piece length"},
        }
        wanted["hybrid"] = wanted["v1"] | wanted["v2"]
        for format, keys in wanted.items():
            meta = Meta.load(self.create(source, self.folder / f"{format}.torrent", "--format", format))
            self.assertEqual(set(meta.values), keys, format)

    def test_v1_alone_has_no_pad_files(self):
        root = contents.make_tree(self.dir("in") / "tree")
        meta = Meta.load(self.create(root, self.folder / "t.torrent", "--format", "v1"))
        self.assertNotIn(None, [path for _, _, path in meta.files])

    def test_refuses(self):
        source = contents.make_file(self.dir("in") / "f", 100)
        for arguments, statuses in {
            ("create", "/nonexistent/nothing", "-o", self.folder / "a"): (1,),
            ("create", source, "-o", self.folder / "a", "--piece-length", "1000"): (1, 64),
            ("create", source, "-o", self.folder / "a", "--format", "v3"): (64,),
            ("create", source, "-o", "/nonexistent/folder/a"): (1,),
            ("create",): (64,),
            ("frobnicate",): (64,),
            ("get",): (64,),
            ("get", "--no-such-option", "x"): (64,),
            ("inspect",): (64,),
        }.items():
            with self.subTest(arguments=arguments):
                program = self.run_duplex(*arguments, json_output=False)
                self.assertIn(program.finish(20), statuses, program.describe())
                self.assertTrue(program.errors, "it must say why")


class Inspect(InteropCase):
    def test_every_field(self):
        root = contents.make_tree(self.dir("in") / "tree")
        for format in ("hybrid", "v1", "v2"):
            with self.subTest(format=format):
                torrent = self.create(root, self.folder / f"{format}.torrent", "--format", format,
                                      "--piece-length", contents.PIECE)
                shown, meta = self.inspect(torrent), Meta.load(torrent)
                self.assertEqual(set(shown), {
                    "name", "infoHashV1", "infoHashV2", "magnet", "pieceLength", "pieces", "size", "private",
                    "files", "trackers", "webSeeds",
                })
                self.assertEqual(shown["name"], "tree")
                self.assertEqual(shown["infoHashV1"], meta.v1_hash.hex() if meta.v1_hash else None)
                self.assertEqual(shown["infoHashV2"], meta.v2_hash.hex() if meta.v2_hash else None)
                self.assertEqual((shown["pieceLength"], shown["pieces"]), (contents.PIECE, meta.pieces))
                self.assertIs(shown["private"], False)
                real = contents.snapshot(root)
                self.assertEqual(shown["size"], sum(row[0] for row in real.values()))
                listed = {file["path"]: (file["size"], file["executable"]) for file in shown["files"]}
                prefix = "tree/" if all(path.startswith("tree/") for path in listed) else ""
                self.assertEqual(listed, {prefix + name: (row[0], row[2]) for name, row in real.items()})
                if meta.v1_hash:
                    self.assertIn(f"xt=urn:btih:{meta.v1_hash.hex()}", shown["magnet"])
                if meta.v2_hash:
                    self.assertIn(f"xt=urn:btmh:1220{meta.v2_hash.hex()}", shown["magnet"])

    def test_magnet(self):
        v1, v2 = "ab" * 20, "cd" * 32
        link = (f"magnet:?xt=urn:btih:{v1}&xt=urn:btmh:1220{v2}&dn=Some%20name&tr=http%3A%2F%2Ft.example%2Fa"
                "&x.pe=127.0.0.1:6881&x.pe=[::1]:6881&so=0,2-4")
        shown = self.inspect(link)
        self.assertEqual((shown["name"], shown["infoHashV1"], shown["infoHashV2"]), ("Some name", v1, v2))
        self.assertEqual(shown["trackers"], ["http://t.example/a"])

    def test_base32_magnet(self):
        digest = hashlib.sha1(b"anything").digest()
        for text in (base64.b32encode(digest).decode(), base64.b32encode(digest).decode().lower()):
            self.assertEqual(self.inspect("magnet:?xt=urn:btih:" + text)["infoHashV1"], digest.hex())

    def test_private(self):
        source = contents.make_file(self.dir("in") / "f", 100)
        meta = Meta.load(self.create(source, self.folder / "t.torrent", "--format", "v1"))
        private = {**meta.top, b"info": {**meta.values, b"private": 1}}
        (self.folder / "private.torrent").write_bytes(bencode.encode(private))
        self.assertIs(self.inspect(self.folder / "private.torrent")["private"], True)

    def test_plain_output_names_the_hashes(self):
        source = contents.make_file(self.dir("in") / "plain.bin", 100)
        torrent = self.create(source, self.folder / "t.torrent")
        program = self.run_duplex("inspect", torrent, json_output=False)
        self.assertEqual(program.finish(20), 0)
        text, meta = "\n".join(program.output), Meta.load(torrent)
        for wanted in ("plain.bin", meta.v1_hash.hex(), meta.v2_hash.hex()):
            self.assertIn(wanted, text)


class EventsOfShareAndGet(InteropCase):
    """The JSON contract, field by field, on one ordinary transfer."""

    def setUp(self):
        super().setUp()
        self.source = contents.make_file(self.dir("source") / "some file.bin", 24 << 20)

    def check_progress(self, events, total):
        self.assertTrue(events, "no progress at all")
        for event in events:
            self.assertEqual(set(event) - {"_at"}, {"event", "done", "total", "down", "up", "peers", "partners"}, event)
            for key in ("done", "total", "down", "up", "peers"):
                self.assertIs(type(event[key]), int, event)
                self.assertGreaterEqual(event[key], 0, event)
        done = [event["done"] for event in events]
        self.assertEqual(done, sorted(done), "verified bytes only grow")
        self.assertLessEqual(max(done), total)

    def test_fields(self):
        size = self.source.stat().st_size
        sharer, sharing = self.share(self.source)
        self.assertEqual(set(sharing) - {"_at"}, {"event", "name", "magnet", "infoHashV1", "infoHashV2", "listen"})
        self.assertEqual(sharing["name"], "some file.bin")
        self.assertRegex(sharing["infoHashV1"], r"^[0-9a-f]{40}$")
        self.assertRegex(sharing["infoHashV2"], r"^[0-9a-f]{64}$")
        self.assertEqual(len(sharing["listen"]), 1)
        self.assertRegex(sharing["listen"][0], r"^127\.0\.0\.1:[1-9][0-9]*$")
        self.assertIn("x.pe=" + sharing["listen"][0], sharing["magnet"].replace("%3A", ":"))
        self.assertIn("dn=some%20file.bin", sharing["magnet"].replace("+", "%20"))

        to = self.dir("to")
        getter = self.get(sharing["magnet"], to)
        done = getter.wait("done", 60)
        self.assertEqual(getter.finish(20), 0, getter.describe())
        self.assertEqual(set(done) - {"_at"}, {"event", "path", "bytes", "seconds"})
        self.assertEqual(os.path.realpath(done["path"]), os.path.realpath(to / "some file.bin"))
        self.assertEqual(done["bytes"], size)
        self.assertGreater(done["seconds"], 0)
        self.check_progress(getter.of("progress"), size)
        self.assertEqual({event["event"] for event in getter.events}, {"progress", "done"}, getter.describe())
        self.assert_only(to, "some file.bin")
        self.assert_same(self.source, to / "some file.bin")

        self.assertEqual(sharer.interrupt(), 0, "share ends with 0 when interrupted")
        self.assertEqual(len(sharer.of("sharing")), 1)
        self.assertEqual({event["event"] for event in sharer.events} - {"sharing", "progress"}, set())

    def test_progress_at_once_and_twice_a_second(self):
        getter = self.get("magnet:?xt=urn:btih:" + "ab" * 20 + "&x.pe=127.0.0.1:1", self.dir("to"))
        first = getter.wait("progress", 10)
        getter.wait("progress", 10, where=lambda e: e["_at"] > first["_at"] + 3)
        between = [e["_at"] for e in getter.of("progress") if e["_at"] <= first["_at"] + 3.0]
        self.assertGreaterEqual(len(between), 5, "at least twice a second, also with nobody there")
        self.assertEqual(getter.interrupt(), 130, getter.describe())

    def test_two_paths_give_two_events(self):
        other = contents.make_file(self.dir("source") / "other.bin", 1000)
        program = self.run_duplex("share", self.source, other, "--listen", "127.0.0.1:0")
        program.wait("sharing", 60, where=lambda e: e["name"] == "some file.bin")
        second = program.wait("sharing", 60, where=lambda e: e["name"] == "other.bin")
        to = self.dir("to")
        self.fetch(second["magnet"], to)
        self.assert_same(other, to / "other.bin")

    def test_plain_output_has_the_link_and_no_json(self):
        program = self.run_duplex("share", self.source, "--listen", "127.0.0.1:0", json_output=False)
        for _ in range(300):
            text = "\n".join(program.output)
            link = re.search(r"magnet:\?[^\s']+", text)
            if link:
                break
            time.sleep(0.1)
        self.assertTrue(link, program.output)
        to = self.dir("to")
        getter = self.run_duplex("get", link.group(), "--to", to, "--listen", "127.0.0.1:0", json_output=False)
        self.assertEqual(getter.finish(60), 0, getter.describe())
        self.assert_same(self.source, to / "some file.bin")
        self.assertEqual(program.interrupt(), 0)


@unittest.skipUnless(os.geteuid() == 0, "only root can become another user; whoever runs this is an ordinary one already")
class OrdinaryUser(InteropCase):
    """Nothing that two computers need to share files takes more rights than everybody has."""

    def test_share_and_get_without_any_rights(self):
        os.chmod(self.folder, 0o755)
        binary = shutil.copy2(BINARY, self.dir("bin") / "duplex")
        source = contents.make_file(self.dir("source") / "some file.bin", 3_000_000)
        places = [self.dir(name) for name in ("home of the one", "home of the other", "to")]
        for place in places:
            shutil.chown(place, "nobody", "nogroup")
        one, other, to = places
        options = {"binary": binary, "user": "nobody"}
        sharing = self.run_duplex("share", source, "--listen", "127.0.0.1:0", home=one, **options).wait("sharing")
        getter = self.run_duplex(
            "get", sharing["magnet"], "--to", to, "--listen", "127.0.0.1:0", home=other, **options)
        getter.wait("done", 20)
        self.assertEqual(getter.finish(20), 0, getter.describe())
        self.assert_same(source, to / source.name)


class Selecting(InteropCase):
    def test_only_the_selected_files_arrive(self):
        source = contents.make_tree(self.dir("source") / "tree")
        for format in ("hybrid", "v2", "v1"):
            with self.subTest(format=format):
                _, sharing = self.share(source, "--format", format)
                to = self.dir(f"to-{format}")
                self.fetch(sharing["magnet"], to, "--select", "bin/*", "--select", "readme.txt")
                wanted = {name: row for name, row in contents.snapshot(source).items()
                          if name.startswith("bin/") or name == "readme.txt"}
                self.assertEqual(contents.snapshot(to / "tree"), wanted)
                self.assert_only(to, "tree")

    def test_a_pattern_that_matches_nothing_fails(self):
        source = contents.make_tree(self.dir("source") / "tree")
        _, sharing = self.share(source)
        program = self.get(sharing["magnet"], self.dir("to"), "--select", "no/such/*")
        program.wait("error", 30)
        self.assertIn(program.finish(20), (1, 64))


if __name__ == "__main__":
    unittest.main()
