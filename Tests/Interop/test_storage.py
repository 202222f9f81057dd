"""Trouble with the disk: a clear error, exit status 1, nothing lost, and going on once the trouble is over."""

import ctypes
import os
import shutil
import unittest

from support import contents
from support.case import InteropCase, eventually
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


if __name__ == "__main__":
    unittest.main()
