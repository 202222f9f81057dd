"""A folder that changes while three hosts follow it and one of them is killed again and again.

DUPLEX_FILES=10000 makes it the large version; 1,000 files is what runs with all the other tests.
"""

import os
import random
import time

from support.case import InteropCase, eventually
from support.contents import files_below, snapshot
from support.lan import Lan

FILES = int(os.environ.get("DUPLEX_FILES", "1000"))
CHANGES = 200
PATIENCE = 90 + FILES / 25


class Owner:
    """The folder and what was done to it."""

    def __init__(self, folder, files, seed):
        self.folder, self.random, self.number, self.written = folder, random.Random(seed), 0, 0
        for _ in range(files):
            self.write(self.fresh())
        self.written = 0

    def fresh(self):
        self.number += 1
        return self.folder / f"d{self.number % 37}" / f"e{self.number % 5}" / f"file {self.number}.dat"

    def write(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        data = self.random.randbytes(self.random.randrange(200, 6000))
        path.write_bytes(data)
        self.written += len(data)

    def files(self):
        return files_below(self.folder)

    def change(self, spared=()):
        path = self.random.choice([path for path in self.files() if path not in spared])
        kind = self.random.choice(["edit", "edit", "append", "new", "move", "move a folder", "delete"])
        if kind == "edit":
            self.write(path)
        elif kind == "append":
            with open(path, "ab") as out:
                out.write(self.random.randbytes(100))
            self.written += path.stat().st_size
        elif kind == "new":
            self.write(self.fresh())
        elif kind == "move":
            target = self.fresh()
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)
        elif kind == "move a folder" and not any(path.parent in other.parents for other in spared):
            path.parent.rename(path.parent.with_name(f"moved {self.number}-{self.random.randrange(10**9)}"))
        elif kind == "delete":
            path.unlink()


class Follow(InteropCase):
    def setUp(self):
        super().setUp()
        self.lan = Lan(self)
        self.owner = self.lan.add("owner")
        self.followers = [self.lan.add(f"follower{number}") for number in range(3)]
        self.events = {host: [] for host in self.followers}

    def begin(self, files):
        """All hosts up, the share followed by all, its first version everywhere; the folder."""
        folder = Owner(self.dir("of-owner") / "Live", files, seed=files)
        self.owner.up()
        for host in self.followers:
            host.up()
        self.owner.share(folder.folder, timeout=PATIENCE)
        self.lan.all_see_all([self.owner, *self.followers])
        for host in self.followers:
            order = {"to": str(host.home / "to"), "host": "owner", "share": "Live", "follow": True}
            host.home.joinpath("to").mkdir()
            self.assertEqual(host.control("POST", "/transfers", order)[0], 201)
        for host in self.followers:
            host.program.wait("done", timeout=PATIENCE)
            self.assert_same(folder.folder, host.home / "to/Live")
        return folder

    def restart(self, host):
        host.program.kill()
        self.collect(host)
        host.up()

    def collect(self, host):
        self.events[host] += host.program.of("done")
        return self.events[host]

    def version(self, host):
        if host is self.owner:
            share = host.control("GET", "/shares/Live")[1]
            return share["version"] if share["state"] == "offered" else None
        [transfer] = host.control("GET", "/transfers")[1]["rows"]
        return transfer["version"] if transfer["phase"] == "complete" else None

    def settle(self, folder):
        """Until all have what the owner has."""
        wanted = None

        def settled():
            nonlocal wanted
            versions = {self.version(host) for host in [self.owner, *self.followers]}
            wanted = versions
            return len(versions) == 1 and None not in versions

        quiet = 0
        deadline = time.monotonic() + PATIENCE
        while quiet < 8:  # for two seconds: the last change may not have been noticed yet
            quiet = quiet + 1 if settled() else 0
            if time.monotonic() > deadline:
                state = [(host.called, self.version(host), host.control("GET", "/transfers")[1]["rows"], host.program.errors[-3:])
                         for host in [self.owner, *self.followers]]
                self.fail(f"not all have the same version after {PATIENCE:.0f} s: {state}")
            time.sleep(0.25)

    def assert_equal_but_for(self, folder, host, kept):
        expected = {name: row[:2] for name, row in snapshot(folder.folder).items()}
        found = {name: row[:2] for name, row in snapshot(host.home / "to/Live").items()}
        self.assertEqual({name: row for name, row in found.items() if name not in kept}, expected)

    def test_200_changes_while_three_follow_and_one_is_killed(self):
        folder = self.begin(FILES)
        first = {host: len(host.program.of("done")) for host in self.followers}
        chance = random.Random(7)
        # What a follower's user changes, and the owner as well.
        mine = [path.relative_to(folder.folder) for path in folder.files()[5:8]]
        spared = [folder.folder / name for name in mine]
        user = self.followers[1]
        for name in mine:
            (user.home / "to/Live" / name).write_text(f"the user's own {name.name}")
        for number in range(CHANGES):
            folder.change(spared)
            if chance.random() < 0.15:
                time.sleep(chance.random() * 1.2)
            if number in (40, 90, 140, 180):
                self.restart(self.followers[0])
            if number == 60:
                folder.write(spared[0])
            if number == 120:
                spared[1].unlink()
        self.settle(folder)

        for host in self.followers:
            events = self.collect(host)[first[host]:]
            kept = {event["keptAs"] for done in events for event in done["kept"]}
            fetched = sum(done["downloaded"] for done in events)
            print(f"    {host.called}: {len(events)} versions, {fetched} bytes fetched, {folder.written} bytes changed, "
                  f"ratio {fetched / folder.written:.3f}")
            self.assertLessEqual(fetched, folder.written * 1.1)
            root = str(host.home / "to/Live") + "/"
            names = {name.removeprefix(root) for name in kept}
            if host is user:
                texts = sorted((host.home / "to/Live" / name).read_text() for name in names)
                changed = {event["path"].removeprefix(root) for done in events for event in done["kept"]}
                self.assertLessEqual({str(mine[0])}, changed)
                for name in mine[:1]:
                    self.assertIn(f"the user's own {name.name}", texts)
                # Nobody else has changed the third, so it is as the user left it, or kept.
                everything = [p.read_bytes() for p in files_below(host.home / "to/Live")]
                for name in mine:
                    self.assertIn(f"the user's own {name.name}".encode(), everything, f"{name}: the user's words are lost")
                self.compare_but_for_users_files(folder, host, mine, names)
            else:
                self.assertEqual(names, set())
                self.assert_equal_but_for(folder, host, names)
            left = [p.name for p in (host.home / "to").iterdir() if p.name != "Live"]
            self.assertEqual(left, [], "staging must not stay")

    def compare_but_for_users_files(self, folder, host, mine, kept):
        without = {*map(str, mine), *kept}
        expected = {name: row[:2] for name, row in snapshot(folder.folder).items() if name not in without}
        found = {name: row[:2] for name, row in snapshot(host.home / "to/Live").items() if name not in without}
        self.assertEqual(found, expected)

    def test_a_file_that_the_user_changed_is_kept_and_named(self):
        """By `duplex get --follow` and its output."""
        folder = self.begin(20)
        host = self.followers[2]
        name = folder.files()[3].relative_to(folder.folder)
        own = host.home / "to/Live" / name
        own.write_text("mine")
        watching = host.start("get", "owner/Live", "--follow", "--to", host.home / "to")
        watching.wait("done", timeout=30)
        folder.write(folder.folder / name)
        done = watching.wait("done", timeout=30, where=lambda event: event["version"] == 2)
        [kept] = done["kept"]
        self.assertEqual(kept["path"], str(own))
        self.assertEqual(open(kept["keptAs"]).read(), "mine")
        self.assertEqual(own.read_bytes(), (folder.folder / name).read_bytes())
        self.assertEqual(watching.interrupt(), 0)

    def test_a_folder_that_vanishes_and_returns(self):
        folder = self.begin(20)
        away = folder.folder.with_name("away")
        folder.folder.rename(away)
        gone = eventually(lambda: self.owner.control("GET", "/shares/Live")[1]["state"] == "missing", 20)
        self.assertTrue(gone, self.owner.control("GET", "/shares/Live"))
        self.assertEqual([row["name"] for row in self.owner.command("shares")], ["Live"])
        for host in self.followers:
            self.assertEqual(len(snapshot(host.home / "to/Live")), 20, "nothing is deleted because the owner's disk is out")
        folder.folder = away.rename(folder.folder)
        folder.write(folder.files()[0])
        self.settle(folder)
        for host in self.followers:
            self.assert_same(folder.folder, host.home / "to/Live")
