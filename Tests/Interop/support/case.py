"""The base of all test cases: a temporary folder each, and everything started in it ends with it."""

import os
import shutil
import tempfile
import time
import unittest
from pathlib import Path

from . import contents
from .duplex import BINARY, Duplex

MISSING_PROGRAM = "partner missing: "


def need_program(name):
    """Skips without the partner program; the runner counts such a skip as a failure in CI."""
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if not path:
        raise unittest.SkipTest(f"{MISSING_PROGRAM}{name}")
    return path


def eventually(condition, timeout=30, every=0.05):
    """Waits until the condition is true; its last value. A file that vanished while it was looked at is: not yet."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            value = condition()
        except FileNotFoundError:
            value = None
        if value or time.monotonic() > deadline:
            return value
        time.sleep(every)


class InteropCase(unittest.TestCase):
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        if not BINARY.exists():
            raise AssertionError(f"{BINARY} does not exist: make release")

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="duplex-interop-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self._homes = 0

    def dir(self, name):
        path = self.folder / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def as_nobody(self, *homes):
        """To be run by another user, who may not even see where the program is built; these folders are that user's then."""
        if os.geteuid() != 0:
            self.skipTest("needs root: it makes what another user may not read or write, and runs the program as that one")
        self.folder.chmod(0o755)
        for home in homes:
            shutil.chown(home, "nobody", "nogroup")
        program = self.folder / "duplex"
        if not program.exists():
            shutil.copy(BINARY, program)
            program.chmod(0o755)
        return {"user": "nobody", "binary": program}

    def home(self):
        self._homes += 1
        return self.dir(f"home{self._homes}")

    def run_duplex(self, *args, home=None, json_output=True, cwd=None, **options):
        """Starts the program; it is killed at the end of the test, and must have spoken nothing but JSON."""
        program = Duplex(*args, home=home or self.home(), json_output=json_output, cwd=cwd, **options)
        self.addCleanup(self._end, program)
        return program

    def _end(self, program):
        program.kill()
        self.assertEqual(program.strange_lines, [], "with --json only JSON objects may be on standard output")
        self.assertNotIn(program.process.returncode, (-4, -5, -6, -8, -11), f"it crashed{program.describe()}")

    def share(self, path, *args, home=None, listen="127.0.0.1:0"):
        """(program, its `sharing` event)."""
        program = self.run_duplex("share", path, "--listen", listen, *args, home=home)
        return program, program.wait("sharing", timeout=60)

    def get(self, source, to, *args, home=None):
        return self.run_duplex("get", source, "--to", to, "--listen", "127.0.0.1:0", *args, home=home)

    def fetch(self, source, to, *args, timeout=60, home=None):
        """Fetches to the end; the `done` event."""
        program = self.get(source, to, *args, home=home)
        done = program.wait("done", timeout=timeout)
        self.assertEqual(program.finish(20), 0, program.describe())
        return done

    def create(self, path, out, *args, timeout=60):
        program = self.run_duplex("create", path, "-o", out, *args, json_output=False)
        self.assertEqual(program.finish(timeout), 0, program.describe())
        return Path(out)

    def inspect(self, source, timeout=30):
        program = self.run_duplex("inspect", source)
        self.assertEqual(program.finish(timeout), 0, program.describe())
        self.assertEqual(len(program.events), 1, program.describe())
        return {key: value for key, value in program.events[0].items() if key != "_at"}

    def assert_same(self, expected, found, executable=True, empty=True):
        """Byte by byte, by name, with the executable bits and the empty files, unless the partner knows none of these."""
        def view(path):
            columns = 3 if executable else 2
            return {name: row[:columns] for name, row in contents.snapshot(path).items() if empty or row[0]}

        self.assertEqual(view(expected), view(found))

    def assert_only(self, folder, name):
        """Nothing but the result may be left in the folder that the user named."""
        self.assertEqual(sorted(os.listdir(folder)), [name])


def port_of(sharing):
    return int(sharing["listen"][0].rsplit(":", 1)[1])
