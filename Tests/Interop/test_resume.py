"""Interrupted transfers go on from where they were: after Ctrl-C, after kill -9, after both, and after nothing changed."""

import os
import random
import time
import unittest

from support import contents
from support.case import InteropCase, eventually
from support.slowlink import SlowLink

PIECE = 262_144
MOMENTS = 20
# What one kill may cost: the pieces that were in flight. With one peer these are the pieces being assembled and those
# being written; what the far side had sent but nobody had read yet is lost as well.
IN_FLIGHT = 8 * PIECE


class Resume(InteropCase):
    def prepare(self, size, rate, format="hybrid"):
        self.source = contents.make_file(self.dir("source") / "big.bin", size)
        self.torrent = self.create(self.source, self.folder / "t.torrent", "--format", format, "--piece-length", PIECE)
        _, sharing = self.share(self.source, "--torrent", self.torrent)
        self.link = SlowLink(self, sharing["listen"][0], rate)
        self.to = self.dir("to")
        self.getter_home = self.home()

    def start(self):
        return self.get(self.torrent, self.to, "--peer", self.link.address, home=self.getter_home)

    def kills(self, size, format):
        seed = int(os.environ.get("DUPLEX_SEED") or random.randrange(1 << 30))
        print(f"\n  kill -9 at {MOMENTS} random moments, {format}: DUPLEX_SEED={seed}", flush=True)
        chance = random.Random(seed)
        self.prepare(size, rate=24 << 20, format=format)
        moments = sorted(chance.randrange(1000, int(size * 0.97)) for _ in range(MOMENTS))
        for number, moment in enumerate(moments):
            program = self.start()
            reached = eventually(lambda: self.link.carried >= moment or not program.alive, 60, every=0.002)
            self.assertTrue(reached, f"kill {number}: {self.link.carried} of {moment} bytes{program.describe()}")
            time.sleep(chance.random() * 0.01)
            self.assertTrue(program.alive, f"it ended before kill {number}{program.describe()}")
            program.kill()
        program = self.start()
        program.wait("done", 90)
        self.assertEqual(program.finish(20), 0, program.describe())
        self.assert_same(self.source, self.to / "big.bin")
        self.assert_only(self.to, "big.bin")
        extra = self.link.carried - size
        print(f"  {format}: {extra / MOMENTS / PIECE:.2f} pieces fetched again for each kill", flush=True)
        self.assertLessEqual(extra, MOMENTS * IN_FLIGHT, f"{extra / PIECE:.0f} pieces were fetched again")

    def test_kill_at_random_moments(self):
        self.kills(96 << 20, "hybrid")

    def test_kill_at_random_moments_v1(self):
        self.kills(64 << 20, "v1")

    def test_interrupt_and_go_on(self):
        size = 24 << 20
        self.prepare(size, rate=8 << 20)
        program = self.start()
        before = program.wait("progress", 30, where=lambda e: e["done"] > size // 4)
        self.assertEqual(program.interrupt(), 130, program.describe())
        program = self.start()
        first = program.wait("progress", 20, where=lambda e: e["done"] > 0)
        self.assertGreaterEqual(first["done"], before["done"], "what was verified counts at once")
        program.wait("done", 60)
        self.assertEqual(program.finish(20), 0)
        self.assert_same(self.source, self.to / "big.bin")
        self.assertLessEqual(self.link.carried, size + IN_FLIGHT)

    def test_finished_transfer_started_again_fetches_nothing(self):
        size = 8 << 20
        self.prepare(size, rate=100 << 20)
        for _ in range(2):
            program = self.start()
            program.wait("done", 60)
            self.assertEqual(program.finish(20), 0)
        self.assertLess(self.link.carried, size + PIECE)

    def test_a_changed_file_is_checked_again(self):
        """Resume state is not believed about a file that somebody touched in between."""
        size = 16 << 20
        self.prepare(size, rate=8 << 20)
        program = self.start()
        program.wait("progress", 30, where=lambda e: e["done"] > size // 2)
        program.interrupt()
        partial = max((p for p in contents.files_below(self.folder) if self.source.parent not in p.parents
                       and p.stat().st_blocks * 512 > size // 3), key=lambda p: p.stat().st_size)
        with open(partial, "r+b") as file:
            file.seek(0)
            for offset in range(0, size // 2, PIECE):
                file.seek(offset)
                file.write(b"somebody was here")
        program = self.start()
        program.wait("done", 60)
        self.assertEqual(program.finish(20), 0)
        self.assert_same(self.source, self.to / "big.bin")

    def test_without_its_state_the_data_is_still_found(self):
        size = 16 << 20
        self.prepare(size, rate=8 << 20)
        program = self.start()
        program.wait("progress", 30, where=lambda e: e["done"] > size // 2)
        program.interrupt()
        self.getter_home = self.home()
        program = self.start()
        program.wait("done", 60)
        self.assertEqual(program.finish(20), 0)
        self.assert_same(self.source, self.to / "big.bin")

    def test_resume_by_magnet(self):
        size = 16 << 20
        self.prepare(size, rate=8 << 20)
        link = self.inspect(self.torrent)["magnet"] + "&x.pe=" + self.link.address
        program = self.get(link, self.to, home=self.getter_home)
        program.wait("progress", 30, where=lambda e: e["done"] > size // 3)
        program.kill()
        self.fetch(link, self.to, home=self.getter_home)
        self.assert_same(self.source, self.to / "big.bin")
        self.assert_only(self.to, "big.bin")


if __name__ == "__main__":
    unittest.main()
