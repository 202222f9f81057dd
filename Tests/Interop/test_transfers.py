"""`duplex end`, `pause` and `resume` beside a `get` that waits, and a `get` that asks for what is not there."""

import re

from support import contents, lt
from support.case import InteropCase, eventually
from support.web import WebHost


class Transfers(InteropCase):
    def setUp(self):
        super().setUp()
        self.anna = WebHost(self, name="anna")
        self.bert = WebHost(self, "--host", self.anna.ready["listen"][0], name="bert")
        self.to = self.dir("to")

    def command(self, *args):
        program = self.run_duplex(*args, home=self.bert.home)
        return program.finish(20), program

    def transfers(self):
        code, program = self.command("status")
        self.assertEqual(code, 0, program.describe())
        return program.events[0]["transfers"]

    def test_paused_while_a_get_waits(self):
        lt.need_libtorrent()
        source = contents.make_file(self.dir("source") / "large.bin", 8_000_000)
        torrent = self.create(source, self.folder / "large.torrent")
        session = lt.Session(self)
        session.seed(torrent, source.parent, upload_limit=2_000_000)
        for ending in ("resumed", "left"):
            to = self.dir(ending)
            get = self.run_duplex("get", torrent, "--peer", session.address, "--to", to, home=self.bert.home)
            get.wait("progress", where=lambda event: event["done"] > 0)
            code, paused = self.command("pause", "large.bin")
            self.assertEqual(code, 0, paused.describe())
            self.assertTrue(eventually(lambda: [t["phase"] for t in self.transfers()] == ["paused"]), self.transfers())
            self.assertTrue(get.alive, get.describe())
            row = self.transfers()[0]
            self.assertEqual(row["total"], 8_000_000)
            self.assertGreater(row["done"], 0)
            if ending == "left":
                self.assertEqual(get.interrupt(), 130)
                self.assertEqual([t["phase"] for t in self.transfers()], ["paused"])
            code, resumed = self.command("resume", "large.bin")
            self.assertEqual(code, 0, resumed.describe())
            if ending == "resumed":
                self.assertEqual(get.finish(60), 0, get.describe())
            self.assertTrue(eventually(lambda: [t["phase"] for t in self.transfers()] == ["complete"], 60))
            self.assert_same(source, to / "large.bin")
            self.assertEqual(self.command("end", "large.bin")[0], 0)
            self.assertEqual(self.transfers(), [])
        code, program = self.command("resume", "large.bin")
        self.assertEqual(code, 1)
        self.assertIn("there is no transfer large.bin", " ".join(program.errors))

    def test_who_stops_a_get_is_told_that_the_file_is_not_whole(self):
        lt.need_libtorrent()
        source = contents.make_file(self.dir("source") / "large.bin", 24_000_000)
        torrent = self.create(source, self.folder / "large.torrent")
        session = lt.Session(self)
        session.seed(torrent, source.parent, upload_limit=2_000_000)
        for home in (self.bert.home, self.home()):
            get = self.run_duplex(
                "get", torrent, "--peer", session.address, "--to", self.to, home=home, json_output=False)
            begun = lambda: any(re.search("[1-9][0-9]* %", line) for line in get.errors)
            self.assertTrue(eventually(begun), get.describe())
            self.assertEqual(get.interrupt(), 130)
            self.assertTrue(any("large.bin is not whole yet" in line for line in get.errors), get.describe())

    def test_what_is_not_there_ends_at_once(self):
        tree = contents.make_tree(self.dir("source") / "web")
        self.anna.share(tree)
        for _ in range(12):
            code, program = self.command("get", "anna/web/no such file", "--to", self.to)
            self.assertEqual(code, 1, program.describe())
            self.assertIn("nothing to fetch", " ".join(program.errors))
        self.assertEqual(self.transfers(), [])

    def test_several_shares_are_ended_at_once(self):
        names = [self.bert.share(contents.make_file(self.dir("source") / f"{n}.bin", 1000, seed=n)) for n in range(3)]
        code, program = self.command("unshare", names[0], "nowhere", names[2])
        self.assertEqual(code, 1, program.describe())
        self.assertIn("nowhere", " ".join(program.errors))
        self.assertEqual([event["name"] for event in program.events if event["event"] == "unshared"], [names[0], names[2]])
        code, program = self.command("shares")
        self.assertEqual([share["name"] for share in program.events], [names[1]])

    def test_other_schemes_are_named(self):
        code, program = self.command("get", "ftp://server.example/a.bin", "--to", self.to)
        self.assertEqual(code, 1)
        self.assertIn("ftp:// is not there, Duplex reads http:// only", " ".join(program.errors))

    def test_an_inbox_is_not_made_of_nothing(self):
        missing = self.to / "no such folder"
        code, program = self.command("share", "--inbox", missing)
        self.assertEqual(code, 1)
        self.assertIn(f"mkdir -p '{missing}'", " ".join(program.errors))
        self.assertFalse(missing.exists())


class WithinOneHost(InteropCase):
    def test_copies_are_nothing_that_was_asked_of_or_given_to_the_network(self):
        anna = WebHost(self, name="anna")
        source = contents.make_tree(self.dir("source") / "tree")
        anna.share(source)

        def status():
            look = self.run_duplex("status", home=anna.home)
            self.assertEqual(look.finish(20), 0, look.describe())
            return look.events[0]

        size = sum(path.stat().st_size for path in contents.files_below(source))
        to = self.dir("to")
        get = self.run_duplex("get", anna.ready["listen"][0] + "/tree", "--to", to, home=anna.home)
        self.assertEqual(get.finish(60), 0, get.describe())
        self.assert_same(source, to / "tree")
        (done,) = get.of("done")
        self.assertEqual(done["copied"], size)
        now = status()
        for role in ("client", "server"):
            self.assertEqual((now[role]["bytes"], now[role]["partners"]), (0, 0), now)
        self.assertEqual([(row["downloaded"], row["uploaded"]) for row in now["transfers"] if row["kind"] == "fetch"], [(0, 0)])
        # What others get counts as ever.
        bert = WebHost(self, "--host", anna.ready["listen"][0], name="bert")
        other = self.run_duplex("get", anna.ready["listen"][0] + "/tree", "--to", self.dir("other"), home=bert.home)
        self.assertEqual(other.finish(60), 0, other.describe())
        self.assertNotIn("copied", other.of("done")[0])
        self.assertTrue(eventually(lambda: status()["server"]["bytes"] == size), status())
