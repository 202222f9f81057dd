"""Files that are deleted, moved away or put back: those of a share, and those that were fetched, while hosts run."""

import ctypes
import os
import shutil
from pathlib import Path

from support import contents
from support.case import InteropCase, eventually
from support.control import request
from support.slowlink import SlowLink
from support.web import WebHost, curl

MNT_DETACH = 2


class GoneCase(InteropCase):
    def command(self, host, *args, timeout=60):
        program = self.run_duplex(*args, home=host.home)
        return program.finish(timeout), program

    def rows(self, host, *args):
        code, program = self.command(host, *args)
        self.assertEqual(code, 0, program.describe())
        return program.events

    def share_of(self, host, name="live"):
        [row] = [row for row in self.rows(host, "shares") if row["name"] == name]
        return row

    def transfers(self, host):
        return request(host.ready["control"], "GET", "/transfers")[1]["rows"]

    def becomes(self, host, where, timeout=40):
        """The one transfer of a host, once it is as it should be."""
        rows = eventually(lambda: [row for row in self.transfers(host) if where(row)], timeout)
        self.assertTrue(rows, self.transfers(host))
        return rows[0]


class Shares(GoneCase):
    def setUp(self):
        super().setUp()
        self.anna = WebHost(self, name="anna")
        self.source = self.dir("source") / "live"
        contents.make_file(self.source / "a.bin", 300_000)
        contents.make_file(self.source / "sub/b.bin", 1000)

    def bert(self, address):
        return WebHost(self, "--host", address, name="bert")

    def empty(self):
        for path in list(self.source.iterdir()):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def becomes_404(self):
        self.assertTrue(eventually(lambda: self.anna.status("/s/live/") == 404, 20))

    def test_sharing_again_what_is_away_does_not_end_the_share(self):
        self.anna.share(self.source)
        self.empty()
        self.assertTrue(eventually(lambda: self.share_of(self.anna)["state"] == "missing", 30), self.share_of(self.anna))
        code, program = self.command(self.anna, "share", "--public", self.source)
        self.assertEqual(code, 1, program.describe())
        self.assertIn("there are no files in", program.of("error")[0]["message"])
        self.assertEqual(self.share_of(self.anna)["state"], "missing")
        contents.make_file(self.source / "back.bin", 1000)
        self.assertTrue(eventually(lambda: self.share_of(self.anna)["state"] == "offered", 30), self.share_of(self.anna))
        # Of what was not shared before nothing is kept.
        other = self.dir("source") / "other"
        other.mkdir()
        self.assertEqual(self.command(self.anna, "share", other)[0], 1)
        self.assertEqual([row["name"] for row in self.rows(self.anna, "shares")], ["live"])

    def test_all_files_of_a_share_are_deleted_and_others_come(self):
        bert = self.bert(self.anna.ready["listen"][0])
        self.anna.share(self.source)
        to, once = self.dir("to"), self.dir("once")
        following = self.run_duplex("get", "--follow", "anna/live", "--to", to, home=bert.home)
        following.wait("done")
        self.assertEqual(self.anna.status("/-/zip/live.zip"), 200)
        before = contents.snapshot(to / "live")
        self.empty()
        gone = eventually(lambda: self.share_of(self.anna)["state"] == "missing", 30)
        self.assertTrue(gone, self.share_of(self.anna))
        row = self.share_of(self.anna)
        self.assertIn("there are no files in", row["message"])
        self.assertEqual((row["files"], row["bytes"], row["magnet"]), (0, 0, None))
        # Browsers.
        self.becomes_404()
        for path in ("/s/live/", "/s/live", "/s/live/a.bin", "/-/zip/live.zip", "/-/torrent/live.torrent",
                     "/-/meta4/live.meta4"):
            self.assertEqual(self.anna.status(path), 404, path)
        self.assertIn("This share has no files now", curl(self.anna.root + "/s/live/")[1])
        self.assertNotIn("/s/live/", curl(self.anna.root + "/")[1])
        # Other hosts.
        self.assertEqual(self.rows(bert, "ls", "anna"), [])
        for args in (["ls", "anna/live"], ["get", "anna/live", "--to", once], ["get", "anna/live/a.bin", "--to", once]):
            code, program = self.command(bert, *args)
            self.assertEqual(code, 1, program.describe())
            self.assertIn("it has no files now", " ".join(program.errors), program.describe())
        unlisted = eventually(lambda: [h["shares"] for h in self.rows(bert, "hosts")] == [[]], 40, every=0.5)
        self.assertTrue(unlisted, self.rows(bert, "hosts"))
        self.becomes(bert, lambda row: "has no files now, what is here stays" in row.get("message", ""))
        self.assertTrue(eventually(lambda: any("has no files now" in line for line in following.errors), 10))
        self.assertEqual(contents.snapshot(to / "live"), before, "nobody's copy goes because the owner's has gone")
        # The same share again, with what is there then.
        contents.make_file(self.source / "c.bin", 5000)
        done = following.wait("done", timeout=60, where=lambda event: event["version"] == 2)
        self.assertEqual(done["path"], str(to / "live"))
        self.assert_same(self.source, to / "live")
        self.assertTrue(eventually(lambda: self.share_of(self.anna)["state"] == "offered", 20))
        self.assertTrue(eventually(lambda: self.anna.status("/s/live/") == 200, 20))
        self.becomes(bert, lambda row: row.get("message") is None)
        self.assertEqual(following.interrupt(), 0)

    def test_a_folder_that_is_removed_and_comes_back_is_the_same_version(self):
        self.anna.share(self.source)
        away = self.source.rename(self.source.with_name("away"))
        self.assertTrue(eventually(lambda: self.share_of(self.anna)["state"] == "missing", 30))
        self.assertIn("is not there", self.share_of(self.anna)["message"])
        self.becomes_404()
        # One that starts meanwhile offers nothing that is not there.
        self.anna.program.kill()
        self.anna.program = self.run_duplex(
            "up", "--name", "anna", "--listen", "127.0.0.1:0", "--web", "127.0.0.1:0", "--discovery", "off",
            home=self.anna.home)
        self.anna.ready = self.anna.program.wait("ready")
        self.anna.root = self.anna.ready["web"][0]
        self.assertEqual(self.anna.status("/s/live/"), 404)
        self.assertTrue(eventually(lambda: self.share_of(self.anna)["state"] == "missing", 30))
        away.rename(self.source)
        self.assertTrue(eventually(lambda: self.share_of(self.anna)["state"] == "offered", 40))
        self.assertEqual(self.share_of(self.anna)["version"], 1)
        self.assertTrue(eventually(lambda: self.anna.status("/s/live/") == 200, 20))

    def test_a_disk_that_is_unmounted_and_mounted_again(self):
        if os.geteuid() != 0:
            self.skipTest("needs root: a small file system of its own is mounted")
        libc = ctypes.CDLL(None, use_errno=True)
        disk = self.dir("disk")
        place = str(disk).encode()

        def mount():
            return libc.mount(b"tmpfs", place, b"tmpfs", 0, b"size=16m") == 0

        if not mount():
            self.skipTest(f"mounting a tmpfs is not allowed here: {os.strerror(ctypes.get_errno())}")
        self.addCleanup(libc.umount2, place, MNT_DETACH)
        contents.make_file(disk / "a.bin", 300_000)
        contents.make_file(disk / "sub/b.bin", 1000)
        saved = shutil.copytree(disk, self.folder / "saved")
        self.anna.share(disk, "--name", "live")
        self.fetch(self.share_of(self.anna)["magnet"], self.dir("to"))
        # Nobody is connected any more: nothing keeps the disk from being taken out.
        self.assertTrue(eventually(lambda: libc.umount2(place, 0) == 0, 40, every=0.25), "the disk stays busy")
        self.assertTrue(eventually(lambda: self.share_of(self.anna)["state"] == "missing", 30), self.share_of(self.anna))
        self.becomes_404()
        self.assertTrue(mount())
        shutil.copytree(saved, disk, dirs_exist_ok=True)
        back = eventually(lambda: self.share_of(self.anna)["state"] == "offered"
                          and self.share_of(self.anna)["files"] == 2, 60)
        self.assertTrue(back, self.share_of(self.anna))
        self.fetch(self.share_of(self.anna)["magnet"], self.dir("again"))
        self.assert_same(saved, self.folder / "again/live")

    def test_a_get_that_is_under_way_says_why_nothing_comes(self):
        """By way of a running host, and by the command alone."""
        for runs in (True, False):
            contents.make_file(self.source / "large.bin", 12_000_000)
            self.anna.share(self.source)
            self.assertTrue(eventually(lambda: self.share_of(self.anna)["state"] == "offered"
                                       and self.share_of(self.anna)["bytes"] >= 12_000_000, 30))
            link = SlowLink(self, self.anna.ready["listen"][0], 600_000)
            to = self.dir(f"to-{runs}")
            if runs:
                bert = self.bert(link.address)
                self.assertTrue(eventually(lambda: self.rows(bert, "hosts"), 30))
                get = self.run_duplex("get", "anna/live", "--to", to, home=bert.home)
            else:
                get = self.get(f"{link.address}/live", to)
            get.wait("progress", timeout=30, where=lambda event: event["done"] > 0)
            self.empty()
            error = get.wait("error", timeout=60)
            self.assertIn("has no files now", error["message"])
            self.assertEqual(get.finish(20), 1)
            if runs:
                self.assertEqual(self.transfers(bert), [])


class Foreground(GoneCase):
    """`duplex share` without a host that runs."""

    def check(self, *args):
        source = self.dir("source") / "live"
        contents.make_file(source / "a.bin", 300_000)
        contents.make_file(source / "sub/b.bin", 1000)
        program, sharing = self.share(source, *args)

        def get(to, **options):
            return self.run_duplex("get", sharing["magnet"], "--to", self.dir(to), **options)

        self.assertEqual(get("first").finish(60), 0)
        (source / "sub/b.bin").rename(self.folder / "b.bin")
        (source / "a.bin").rename(self.folder / "a.bin")
        told = lambda text: eventually(lambda: any(text in line for line in program.errors), 30)
        self.assertTrue(told("no files"), program.describe())
        # Who asks meanwhile waits until the files are back.
        waiting = get("second")
        waiting.wait("progress")
        (self.folder / "a.bin").rename(source / "a.bin")
        (self.folder / "b.bin").rename(source / "sub/b.bin")
        self.assertTrue(told("again"), program.describe())
        self.assertEqual(waiting.finish(60), 0, waiting.describe())
        self.assert_same(source, self.folder / "second/live")
        self.assertEqual(program.interrupt(), 0, program.describe())

    def test_a_link_gives_nothing_of_a_folder_that_was_emptied(self):
        self.check()

    def test_a_public_share_is_withdrawn_when_its_folder_is_emptied(self):
        self.check("--public")


class Fetched(GoneCase):
    def setUp(self):
        super().setUp()
        self.anna = WebHost(self, name="anna")
        self.source = self.dir("source") / "live"
        self.to = self.dir("to")

    def begin(self, size, rate=None):
        contents.make_file(self.source / "a.bin", size)
        contents.make_file(self.source / "sub/b.bin", 1000)
        address = self.anna.ready["listen"][0]
        self.bert = WebHost(self, "--host", SlowLink(self, address, rate).address if rate else address, name="bert")
        self.anna.share(self.source)
        self.assertTrue(eventually(lambda: any(h["shares"] for h in self.rows(self.bert, "hosts")), 60, every=0.5))
        return self.get_live()

    def get_live(self):
        return self.run_duplex("get", "anna/live", "--to", self.to, home=self.bert.home)

    def open_files(self):
        """Paths of what bert has open below the folder that it fetched into; deleted ones end with (deleted)."""
        folder, found = Path(f"/proc/{self.bert.program.process.pid}/fd"), []
        for entry in os.listdir(folder):
            try:
                found.append(os.readlink(folder / entry))
            except OSError:
                continue
        return [path for path in found if path.startswith(str(self.folder)) and "/live" in path]

    def test_deleted_and_fetched_again(self):
        self.assertEqual(self.begin(3_000_000).finish(60), 0)
        shutil.rmtree(self.to / "live")
        row = self.becomes(self.bert, lambda row: row["phase"] == "paused")
        self.assertIn(f"{self.to}/live was deleted or moved away", row["message"])
        self.assertEqual(self.open_files(), [])
        shown = self.run_duplex("status", home=self.bert.home, json_output=False)
        self.assertEqual(shown.finish(20), 0)
        self.assertIn("was deleted or moved away", " ".join(shown.output))
        # It does not come back by itself.
        code, program = self.command(self.bert, "resume", "live")
        self.assertEqual(code, 1, program.describe())
        self.assertEqual(os.listdir(self.to), [])
        self.assertEqual(self.get_live().finish(60), 0)
        self.assert_same(self.source, self.to / "live")
        self.becomes(self.bert, lambda row: row["phase"] == "complete" and row.get("message") is None)
        self.assertEqual(self.command(self.bert, "end", "live")[0], 0)

    def test_moved_away_and_put_back(self):
        self.assertEqual(self.begin(3_000_000).finish(60), 0)
        fetched = self.becomes(self.bert, lambda row: row["phase"] == "complete")["downloaded"]
        away = (self.to / "live").rename(self.folder / "away")
        self.becomes(self.bert, lambda row: row["phase"] == "paused")
        self.assertEqual(self.open_files(), [])
        away.rename(self.to / "live")
        self.assertEqual(self.command(self.bert, "resume", "live")[0], 0)
        row = self.becomes(self.bert, lambda row: row["phase"] == "complete")
        self.assertEqual((row.get("message"), row["downloaded"]), (None, fetched))

    def test_moved_away_while_it_is_fetched(self):
        get = self.begin(12_000_000, rate=600_000)
        get.wait("progress", timeout=30, where=lambda event: event["done"] > 0)
        away = (self.to / "live").rename(self.folder / "away")
        error = get.wait("error", timeout=60)
        self.assertIn("it was deleted or moved away", error["message"])
        self.assertEqual(get.finish(20), 1)
        self.assertEqual(os.listdir(self.to), [], "nothing is made anew by itself")
        self.assertEqual(self.open_files(), [])
        away.rename(self.to / "live")
        self.assertEqual(self.get_live().finish(60), 0)
        self.assert_same(self.source, self.to / "live")
