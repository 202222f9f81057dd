"""The same `get` again: what is newer comes, what was deleted comes again, and what its user has changed is kept."""

import time

from support import contents
from support.case import InteropCase, eventually
from support.control import request
from support.web import WebHost


class GetAgain(InteropCase):
    """Each with a host running and without one."""

    def setUp(self):
        super().setUp()
        self.anna = WebHost(self, name="anna")
        self.source = self.dir("source") / "Set"
        contents.make_file(self.source / "a.txt", 300_000)
        contents.make_file(self.source / "b.bin", 1000, seed=2)
        contents.make_file(self.source / "part/c.bin", 70_000, seed=3)
        self.anna.share(self.source)
        self.address = self.anna.ready["listen"][0]

    def homes(self):
        """(folder to fetch into, home) of somebody with a host, then of somebody without."""
        bert = WebHost(self, "--host", self.address, name="bert")
        yield self.dir("with a host"), bert.home
        yield self.dir("without"), self.home()

    def get(self, home, to, path="", code=0):
        program = self.run_duplex("get", f"{self.address}/Set{path}", "--to", to, home=home)
        self.assertEqual(program.finish(60), code, program.describe())
        return program

    def version(self):
        program = self.run_duplex("shares", home=self.anna.home)
        self.assertEqual(program.finish(20), 0)
        (row,) = program.events
        return row["version"]

    def settled(self):
        """The version, once it is the last: on a busy machine one change may be seen as two."""
        version = self.version()
        while True:
            time.sleep(1.5)
            before, version = version, self.version()
            if version == before:
                return version

    def kept(self, folder):
        return [path for path in contents.files_below(folder) if "(kept " in path.name]

    def transfers(self, home):
        program = self.run_duplex("status", home=home)
        self.assertEqual(program.finish(20), 0, program.describe())
        return program.events[0]["transfers"]

    def test_a_newer_version_is_there_when_the_command_ends(self):
        for number, (to, home) in enumerate(self.homes()):
            self.get(home, to)
            before = self.version()
            self.assert_same(self.source, to / "Set")
            (to / "Set/b.bin").write_bytes(b"my own words")
            for name in ("a.txt", "b.bin", f"new {number}.bin"):
                contents.make_file(self.source / name, 5000, seed=10 + number)
            self.assertTrue(eventually(lambda: self.settled() > before, 60), before)
            program = self.get(home, to)
            (kept,) = self.kept(to)
            self.assertEqual(kept.read_bytes(), b"my own words")
            told = [entry["path"] for event in program.events for entry in event.get("kept", [])]
            self.assertEqual([path.endswith("Set/b.bin") for path in told], [True], program.describe())
            kept.unlink()
            self.assert_same(self.source, to / "Set")

    def test_deleted_comes_again_and_changed_is_kept(self):
        for to, home in self.homes():
            self.get(home, to)
            longer = b"longer than it was" * 20_000
            (to / "Set/a.txt").write_bytes(longer)
            (to / "Set/b.bin").write_bytes(b"short")
            (to / "Set/part/c.bin").unlink()
            program = self.get(home, to)
            kept = self.kept(to)
            self.assertEqual(sorted(path.read_bytes()[:5] for path in kept), [b"longe", b"short"])
            self.assertEqual(max(path.stat().st_size for path in kept), len(longer))
            for path in kept:
                self.assertIn(path.name, " ".join(program.errors))
                path.unlink()
            self.assert_same(self.source, to / "Set")
            self.assertEqual(self.kept(to), [])
            self.assertNotIn("(kept", " ".join(self.get(home, to).errors))
            self.assertEqual(self.kept(to), [])

    def test_the_part_that_was_asked_for_is_named(self):
        page = self.anna.url("s", "Set")
        for to, home in self.homes():
            for path, size in (("part/c.bin", 70_000), ("b.bin", 1000), ("part", 70_000)):
                for _ in range(2):
                    (done,) = self.get(home, to, "/" + path).of("done")
                    self.assertEqual((done["path"], done["bytes"]), (str(to / "Set" / path), size))
            (done,) = self.get(home, to).of("done")
            self.assertEqual(done["path"], str(to / "Set"))
            other = self.dir(f"{to.name} by its page")
            program = self.run_duplex("get", page + "/part/", "--to", other, home=home)
            self.assertEqual(program.finish(60), 0, program.describe())
            self.assertEqual(program.of("done")[0]["path"], str(other / "Set/part"))

    def test_parts_add_up_and_a_wrong_one_changes_nothing(self):
        to, home = next(self.homes())
        self.get(home, to, "/part")
        self.assertEqual([path.name for path in contents.files_below(to)], ["c.bin"])
        self.get(home, to, "/nope", code=1)
        (row,) = self.transfers(home)
        self.assertEqual((row["phase"], row["total"]), ("complete", 70_000))
        self.get(home, to, "/b.bin")
        (row,) = self.transfers(home)
        self.assertEqual((row["phase"], row["total"], row["done"]), ("complete", 71_000, 71_000))
        # A part that was changed is kept too.
        (to / "Set/b.bin").write_bytes(b"mine")
        self.get(home, to, "/b.bin")
        (kept,) = self.kept(to)
        self.assertEqual(kept.read_bytes(), b"mine")
        self.assertEqual((to / "Set/b.bin").read_bytes(), (self.source / "b.bin").read_bytes())


class Followed(InteropCase):
    """A `get --follow` by a host that runs, and what ends it."""

    def setUp(self):
        super().setUp()
        self.anna = WebHost(self, name="anna")
        source = self.dir("source") / "Set"
        contents.make_file(source / "a.txt", 3000)
        self.anna.share(source)
        self.address = self.anna.ready["listen"][0]
        self.home = self.home()
        self.bert = self.up()
        self.following = self.run_duplex("get", "--follow", f"{self.address}/Set", "--to", self.dir("to"), home=self.home)
        self.following.wait("done")

    def up(self):
        host = self.run_duplex("up", "--name", "bert", "--listen", "127.0.0.1:0", "--discovery", "off", home=self.home)
        host.wait("ready")
        return host

    def test_it_ends_when_another_command_ends_the_transfer(self):
        self.assertEqual(self.run_duplex("end", "Set", home=self.home).finish(20), 0)
        self.assertEqual(self.following.finish(20), 1, self.following.describe())
        self.assertIn("the transfer was ended by another command", "\n".join(self.following.errors))

    def test_an_interrupt_ends_it_after_its_host_was_started_again(self):
        self.assertEqual(self.bert.interrupt(), 0)
        bert = self.up()
        self.assertTrue(eventually(lambda: len(self.following.of("done")) == 2), self.following.describe())
        self.assertEqual(self.following.interrupt(), 0, self.following.describe())
        self.assertEqual(request(bert.of("ready")[0]["control"], "GET", "/transfers")[1]["rows"], [])


class EarlierVersions(InteropCase):
    """Transfers of what was replaced at its place since: shown as what is left of them, or not at all."""

    def setUp(self):
        super().setUp()
        self.anna = WebHost(self, name="anna")
        self.bert = WebHost(self, "--host", self.anna.ready["listen"][0], name="bert")
        self.source = self.dir("source") / "Set"
        contents.make_file(self.source / "a.txt", 300_000)
        contents.make_file(self.source / "b.bin", 200_000, seed=2)
        self.to = self.dir("to")

    def rows(self):
        return request(self.bert.ready["control"], "GET", "/transfers")[1]["rows"]

    def link(self):
        """Shares the folder as it is; its link."""
        program, sharing = self.share(self.source)
        return program, sharing["magnet"]

    def test_files_that_another_torrent_has_taken_over(self):
        for number in range(2):
            program, magnet = self.link()
            get = self.run_duplex("get", magnet, "--to", self.to, home=self.bert.home)
            self.assertEqual(get.finish(60), 0, get.describe())
            self.assertEqual(program.interrupt(), 0)
            with open(self.source / "b.bin", "r+b") as file:
                file.seek(199_000)
                file.write(b"another end")
        first, second = self.rows()
        self.assertEqual((second["phase"], second["done"]), ("complete", 500_000))
        self.assertEqual((first["phase"], first["done"], first["total"]), ("partial", 300_000, 500_000))
        self.assertIn("changed, deleted or replaced", first["message"])
        shown = self.run_duplex("status", home=self.bert.home, json_output=False)
        self.assertEqual(shown.finish(20), 0)
        self.assertIn(" 60 % of 488 KiB here ", "\n".join(shown.output))

    def test_a_part_of_a_version_before_is_not_shown_once_nothing_is_left_of_it(self):
        self.anna.share(self.source)
        name = self.anna.ready["listen"][0] + "/Set"
        get = self.run_duplex("get", name + "/b.bin", "--to", self.to, home=self.bert.home)
        self.assertEqual(get.finish(60), 0, get.describe())
        (part,) = self.rows()
        contents.make_file(self.source / "b.bin", 200_000, seed=3)
        contents.make_file(self.source / "c.bin", 1000, seed=4)
        look = lambda: request(self.anna.ready["control"], "GET", "/shares/Set")[1]
        self.assertTrue(eventually(lambda: look()["files"] == 3 and look()["state"] == "offered"), look())
        follow = self.run_duplex("get", "--follow", name, "--to", self.to, home=self.bert.home)
        follow.wait("done", timeout=60)
        shown = lambda: [(row["phase"], row["follow"]) for row in self.rows()]
        self.assertTrue(eventually(lambda: shown() == [("complete", True)]), (part, self.rows()))

    def test_what_is_followed_is_not_called_verified_when_its_user_has_changed_it(self):
        self.anna.share(self.source)
        name = self.anna.ready["listen"][0] + "/Set"
        follow = self.run_duplex("get", "--follow", name, "--to", self.to, home=self.bert.home)
        follow.wait("done", timeout=60)

        def again(*args):
            get = self.run_duplex("get", *args, name, "--to", self.to, home=self.bert.home)
            done = get.wait("done", timeout=60)
            get.interrupt() if args else get.finish(20)
            return done

        self.assertNotIn("missing", again())
        (self.to / "Set/b.bin").write_bytes(b"mine")
        self.assertEqual(again()["missing"], 200_000)
        plain = self.run_duplex("get", name, "--to", self.to, home=self.bert.home, json_output=False)
        self.assertEqual(plain.finish(60), 0)
        self.assertIn("but for 195 KiB that were changed or deleted here since", "\n".join(plain.output))
        self.assertEqual((self.to / "Set/b.bin").read_bytes(), b"mine")
        # Following again says so too, and ends following when it ends.
        self.assertEqual(again("--follow")["missing"], 200_000)
