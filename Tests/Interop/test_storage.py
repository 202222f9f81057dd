"""Trouble with the disk: a clear error, exit status 1, nothing lost, and going on once the trouble is over."""

import ctypes
import os
import shutil
import unittest

from support import contents
from support.case import InteropCase, eventually
from support.control import request
from support.slowlink import SlowLink

_libc = ctypes.CDLL(None, use_errno=True)
MS_RDONLY, MS_REMOUNT, MNT_DETACH = 1, 32, 2


class StorageTrouble(InteropCase):
    def tmpfs(self, name, size):
        if os.geteuid() != 0:
            self.skipTest("needs root: a small file system of its own is mounted")
        target = self.dir(name)
        if self.mount(target, size) != 0:
            self.skipTest(f"mounting a tmpfs is not allowed here: {os.strerror(ctypes.get_errno())}")
        self.addCleanup(_libc.umount2, str(target).encode(), MNT_DETACH)
        return target

    def mount(self, target, size, flags=0):
        return _libc.mount(b"tmpfs", str(target).encode(), b"tmpfs", flags, f"size={size}".encode())

    def prepare(self, size=24 << 20, rate=None):
        self.source = contents.make_file(self.dir("source") / "big.bin", size)
        self.torrent = self.create(self.source, self.folder / "t.torrent", "--piece-length", 262_144)
        _, sharing = self.share(self.source, "--torrent", self.torrent)
        self.peer = SlowLink(self, sharing["listen"][0], rate).address if rate else sharing["listen"][0]
        self.getter_home = self.home()

    def start(self, to):
        return self.get(self.torrent, to, "--peer", self.peer, home=self.getter_home)

    def assert_fails(self, program, *words):
        error = program.wait("error", 30)
        self.assertEqual(program.finish(20), 1, program.describe())
        message = error["message"].lower()
        self.assertTrue(any(word in message for word in words), f"{error['message']!r} says none of {words}")

    def test_disk_full(self):
        to = self.tmpfs("small disk", 8 << 20)
        self.prepare()
        self.assert_fails(self.start(to), "space", "full")
        # By name a host of the command's own fetches it; that is told once as well.
        home = self.home()
        host = self.run_duplex("up", "--listen", "127.0.0.1:0", "--discovery", "off", home=home)
        address = host.wait("ready")["listen"][0]
        public = self.run_duplex("share", "--public", self.source, home=home)
        self.assertEqual(public.finish(60), 0, public.describe())
        program = self.get(f"{address}/big.bin", to)
        self.assert_fails(program, "full")
        self.assertEqual(len([line for line in program.errors if "full" in line]), 1, program.describe())
        self.assertEqual(self.mount(to, 64 << 20, MS_REMOUNT), 0)
        program = self.start(to)
        program.wait("done", 60)
        self.assert_same(self.source, to / "big.bin")
        self.assert_only(to, "big.bin")

    def test_read_only_file_system(self):
        to = self.tmpfs("read-only", 64 << 20)
        self.assertEqual(self.mount(to, 64 << 20, MS_REMOUNT | MS_RDONLY), 0)
        self.prepare()
        self.assert_fails(self.start(to), "read-only", "read only", "permit", "permission", "not allowed", "written")
        self.assertEqual(self.mount(to, 64 << 20, MS_REMOUNT), 0)
        program = self.start(to)
        program.wait("done", 60)
        self.assert_same(self.source, to / "big.bin")

    def test_folder_that_may_not_be_written(self):
        if os.geteuid() == 0:
            self.skipTest("root may write everywhere (the read-only file system shows the same)")
        to = self.dir("locked")
        to.chmod(0o555)
        self.prepare()
        self.assert_fails(self.start(to), "permission", "not permitted", "not allowed")
        to.chmod(0o755)
        program = self.start(to)
        program.wait("done", 60)

    def test_folder_that_vanishes(self):
        self.prepare(rate=6 << 20)
        to = self.dir("to")
        program = self.start(to)
        program.wait("progress", 30, where=lambda e: e["done"] > 0)
        shutil.rmtree(to)
        # Written to a file that nobody can find any more, the transfer may not claim success.
        error = eventually(lambda: program.of("error") or program.of("done"), 60)
        self.assertTrue(error and error[0]["event"] == "error", program.describe())
        self.assertEqual(program.finish(20), 1)
        self.dir("to")
        program = self.start(to)
        program.wait("done", 60)
        self.assert_same(self.source, to / "big.bin")

    def test_name_taken_by_a_folder(self):
        self.prepare()
        to = self.dir("to")
        (to / "big.bin").mkdir()
        (to / "big.bin/precious").write_text("mine")
        program = self.start(to)
        program.wait("error", 30)
        self.assertEqual(program.finish(20), 1)
        self.assertEqual((to / "big.bin/precious").read_text(), "mine")

    def test_a_link_out_of_the_folder_is_not_followed(self):
        tree = contents.make_tree(self.dir("source") / "tree")
        torrent = self.create(tree, self.folder / "t.torrent")
        _, sharing = self.share(tree, "--torrent", torrent)
        to, outside = self.dir("to"), self.dir("outside")
        (to / "tree").mkdir()
        (to / "tree/bin").symlink_to(outside)
        program = self.get(torrent, to, "--peer", sharing["listen"][0])
        eventually(lambda: program.of("error") or program.of("done"), 30)
        program.kill()
        self.assertEqual(os.listdir(outside), [])

    def test_source_that_is_not_there(self):
        program = self.run_duplex("share", self.folder / "nothing", "--listen", "127.0.0.1:0")
        program.wait("error", 20)
        self.assertEqual(program.finish(20), 1)

    def test_source_that_shrinks_while_it_is_shared(self):
        """The sharer refuses what it cannot read any more, stays alive, and nobody gets wrong bytes."""
        self.prepare(rate=6 << 20)
        to = self.dir("to")
        program = self.start(to)
        program.wait("progress", 30, where=lambda e: e["done"] > 0)
        os.truncate(self.source, 1 << 20)
        self.assertFalse(eventually(lambda: program.of("done"), 6))
        self.assertTrue(program.alive)
        self.assertEqual(program.interrupt(), 130)


class Unreadable(InteropCase):
    """Files of a shared folder that the host's user may not read: the others are offered, and these are named."""

    DENIED = "may not be read (permission denied)"

    def setUp(self):
        super().setUp()
        self.owner = self.home()
        self.options = {"home": self.owner, **self.as_nobody(self.owner)}
        self.tree = self.dir("source") / "Tree"
        contents.make_file(self.tree / "a.bin", 100_000)
        contents.make_file(self.tree / "sub/b.bin", 50_000)
        contents.make_file(self.tree / "secret.txt", 1000)
        contents.make_file(self.tree / "closed/c.bin", 2000)

    def permit(self, mode, *names):
        for name in names:
            (self.tree / name).chmod(mode)

    def assert_said(self, program, *words):
        text = "\n".join(program.errors)
        for word in words:
            self.assertIn(word, text, program.describe())

    def test_create_leaves_out_and_names(self):
        def create(path, status):
            out = self.owner / "t.torrent"
            program = self.run_duplex("create", path, "-o", out, "--force", **self.options)
            self.assertEqual(program.finish(30), status, program.describe())
            return program

        self.permit(0, "secret.txt", "closed")
        program = create(self.tree, 0)
        self.assert_said(program, "Left out 2 entries of Tree:", f"  {self.DENIED}: closed, secret.txt")
        [created] = program.of("created")
        self.assertEqual([entry["path"] for entry in created["omitted"]], ["closed", "secret.txt"])
        self.assertEqual(created["size"], 150_000)
        self.assert_said(create(self.tree / "secret.txt", 1), f"{self.tree}/secret.txt, permission denied")
        self.permit(0, "a.bin", "sub")
        self.assert_said(create(self.tree, 1), f"{self.DENIED}: a.bin and 3 more, change the permissions")
        self.tree.chmod(0)
        self.assert_said(create(self.tree, 1), f"{self.tree}, permission denied")

    def test_share_without_a_host(self):
        self.permit(0, "secret.txt")
        program = self.run_duplex("share", self.tree, "--listen", "127.0.0.1:0", **self.options)
        sharing = program.wait("sharing")
        self.assertTrue(eventually(lambda: any(self.DENIED in line for line in list(program.errors)), 10))
        self.assert_said(program, f"  {self.DENIED}: secret.txt")
        self.fetch(sharing["magnet"], self.dir("to"))
        self.assertEqual(sorted(os.listdir(self.dir("to") / "Tree")), ["a.bin", "closed", "sub"])

    def test_a_share_that_lives(self):
        """Each change of a permission is a version: of what may be read, with the rest named."""
        self.permit(0, "secret.txt")
        host = self.run_duplex("up", "--listen", "127.0.0.1:0", "--discovery", "off", **self.options)
        ready = host.wait("ready")
        status, share = request(ready["control"], "POST", "/shares", {"path": str(self.tree), "scope": "public"})
        self.assertEqual(status, 201, share)

        def becomes(left_out, after=0):
            """Once it is offered with that left out. Steps that a busy machine sees one by one make versions between."""
            def look():
                share = request(ready["control"], "GET", "/shares/Tree")[1]
                named = [entry["path"] for entry in share.get("omitted") or []]
                return share if share["state"] == "offered" and named == left_out and share["version"] > after else None

            share = eventually(look, 40)
            self.assertTrue(share, request(ready["control"], "GET", "/shares/Tree"))
            # That others find it as well is told a moment later.
            host.wait("share", where=lambda told: told["version"] == share["version"])
            return share

        first = becomes(["secret.txt"])
        self.assertEqual((first["files"], first["version"]), (3, 1))
        self.assertEqual(first["message"], f"left out 1 entry that {self.DENIED}: secret.txt")

        def has(share):
            to = self.dir(f"to{share['version']}")
            done = self.fetch(f"{ready['listen'][0]}/Tree", to)
            self.assertEqual(done["bytes"], share["bytes"])
            return [str(path.relative_to(to / "Tree")) for path in contents.files_below(to / "Tree")]

        self.assertEqual(has(first), ["a.bin", "closed/c.bin", "sub/b.bin"])
        self.permit(0o644, "secret.txt")
        second = becomes([], after=1)
        self.assertNotIn("message", second)
        self.assertEqual(has(second), ["a.bin", "closed/c.bin", "secret.txt", "sub/b.bin"])
        # A folder and a file that were offered.
        self.permit(0, "closed")
        third = becomes(["closed"], after=second["version"])
        self.assertEqual(has(third), ["a.bin", "secret.txt", "sub/b.bin"])
        self.permit(0, "a.bin")
        fourth = becomes(["a.bin", "closed"], after=third["version"])
        self.assertEqual(has(fourth), ["secret.txt", "sub/b.bin"])
        shares = self.run_duplex("shares", json_output=False, home=self.owner)
        self.assertEqual(shares.finish(20), 0, shares.describe())
        self.assertIn(f"left out 2 entries that {self.DENIED}: a.bin, closed", "\n".join(shares.output))

        self.permit(0, "secret.txt", "sub")
        missing = eventually(lambda: [
            share for share in [request(ready["control"], "GET", "/shares/Tree")[1]] if share["state"] == "missing"], 40)
        self.assertTrue(missing, request(ready["control"], "GET", "/shares/Tree"))
        self.assertIn("may not be read now (permission denied): a.bin and 3 more", missing[0]["message"])
        self.permit(0o755, "a.bin", "closed", "secret.txt", "sub")
        last = becomes([], after=fourth["version"])
        # The folder itself.
        self.tree.chmod(0)
        # Said once others have been told as well.
        gone = eventually(lambda: any("Tree may not be read now (permission denied); it" in line for line in list(host.errors)), 40)
        self.assertTrue(gone, host.describe())
        refused = self.run_duplex("get", f"{ready['listen'][0]}/Tree", "--to", self.dir("none"))
        self.assertEqual(refused.finish(30), 1, refused.describe())
        self.assert_said(refused, "it has no files now")
        self.tree.chmod(0o755)
        last = becomes([], after=fourth["version"])
        self.assertEqual(has(last), ["a.bin", "closed/c.bin", "secret.txt", "sub/b.bin"])
        self.assertTrue(host.alive)


if __name__ == "__main__":
    unittest.main()
