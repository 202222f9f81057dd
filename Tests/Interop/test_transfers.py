"""`duplex end`, `pause` and `resume` beside a `get` that waits, and a `get` that asks for what is not there."""

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

    def test_what_is_not_there_ends_at_once(self):
        tree = contents.make_tree(self.dir("source") / "web")
        self.anna.share(tree)
        for _ in range(12):
            code, program = self.command("get", "anna/web/no such file", "--to", self.to)
            self.assertEqual(code, 1, program.describe())
            self.assertIn("nothing to fetch", " ".join(program.errors))
        self.assertEqual(self.transfers(), [])
