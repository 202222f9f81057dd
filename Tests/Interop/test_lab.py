"""`duplex lab`: the network that it builds of namespaces, and that nothing of it is ever left."""

import contextlib
import csv
import fcntl
import json
import os
import shutil
import signal
import subprocess
import time
import unittest
from pathlib import Path
from unittest import mock

from support import lan
from support.case import InteropCase, eventually, need_program
from support.duplex import BINARY

LEDGERS = Path("/run/duplex-lab")
SMALL = ("--size", "1MiB", "--rate", "20Mbit")
# Long enough for whatever a test wants to do meanwhile.
LONG = ("--hosts", "3", "--size", "64MiB", "--rate", "10Mbit")
MEMBERS = ["event", "hosts", "clientServer", "peerToPeer", "clientServerBound", "peerToPeerBound", "sourceCopies", "p99"]


def others():
    """Names of the labs that somebody else runs on this computer at this moment: their ledgers are locked."""
    names = set()
    for ledger in LEDGERS.glob("*"):
        with contextlib.suppress(FileNotFoundError), open(ledger) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                names.add(ledger.stem)
    return names


def namespaces():
    answer = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True)
    # Those of other tests come and go beside this one.
    return {name for name in (line.split()[0] for line in answer.stdout.splitlines() if line) if not name.startswith(lan.PREFIX)}


def interfaces():
    return set(os.listdir("/sys/class/net"))


def processes_in(folder):
    """Command lines that name something in the folder, by process."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                if f"{folder}/duplex-lab-" in line:
                    found[int(entry.name)] = line
    return found


class LabCase(InteropCase):
    def lab(self, *args, path=None, temporary=None, **options):
        """Starts `duplex lab`, with its files in a folder of the test."""
        environment = {"TMPDIR": str(temporary or self.dir("tmp"))} | ({"PATH": path} if path else {})
        with mock.patch.dict(os.environ, environment):
            return self.run_duplex("lab", *args, **options)

    def refused(self, *args, status=(1,), **options):
        """What it says when it refuses."""
        program = self.lab(*args, json_output=False, **options)
        self.assertIn(program.finish(20), status, program.describe())
        self.assertEqual(program.output, [])
        self.assertTrue(program.errors, "it must say why")
        return "\n".join(program.errors)


class Arguments(LabCase):
    def test_nonsense_is_refused(self):
        for args in (
            ("--hosts", "0"), ("--hosts", "1,x"), ("--hosts", "1,1"), ("--hosts", ""), ("--hosts", "1000000"),
            ("--hosts", "61", "--real"), ("--size", "0"), ("--size", "1"), ("--size", "64Mi"), ("--size", "9999TiB"),
            ("--size=-5",), ("--rate", "0"), ("--rate", "50MB"), ("--rate", "1bit"), ("--rate", "1000Gbit"),
            ("--real", "--simulated"), ("--seed", "x"), ("--out", ""), ("more",),
        ):
            with self.subTest(args=args):
                self.assertRegex(self.refused("compare", *args, status=(64,)), "^duplex: ")
        self.assertIn("no scenario", self.refused("run", "nothing", status=(64,)))
        self.assertIn("--simulated", self.refused("run", "flash-crowd", "--real", status=(64,)))

    def test_scenarios(self):
        program = self.lab("scenarios")
        self.assertEqual(program.finish(20), 0)
        rows = {row["name"]: row for row in program.events}
        self.assertEqual(set(rows), {
            "cable", "switch", "slow-link", "source-leaves", "flash-crowd", "dedicated-server", "half-libtorrent"})
        self.assertEqual(rows["flash-crowd"]["hosts"], 1000)
        self.assertEqual(rows["flash-crowd"]["places"], ["simulated"])
        self.assertEqual(rows["switch"]["places"], ["simulated", "real"])
        plain = self.lab("scenarios", json_output=False)
        self.assertEqual(plain.finish(20), 0)
        for name in rows:
            self.assertTrue([line for line in plain.output if line.startswith(name + " ")], plain.output)

    @unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
    def test_without_rights(self):
        need_program("ip")
        os.chmod(self.folder, 0o755)
        binary = shutil.copy2(BINARY, self.dir("bin") / "duplex")
        home = self.dir("home")
        shutil.chown(home, "nobody", "nogroup")
        said = self.refused("compare", "--real", home=home, binary=binary, user="nobody")
        self.assertIn("root", said)
        self.assertIn("--simulated", said)


@unittest.skipUnless(os.geteuid() == 0, "only root can build a network")
class Real(LabCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("ip", "tc"):
            need_program(name)
        probe = f"duplex-probe-{os.getpid()}"
        made = subprocess.run(["ip", "netns", "add", probe], capture_output=True, text=True)
        if made.returncode == 0:
            made = subprocess.run(
                ["tc", "-n", probe, "qdisc", "add", "dev", "lo", "root", "tbf", "rate", "1mbit", "burst", "3k", "limit",
                 "9k"], capture_output=True, text=True)
            subprocess.run(["ip", "netns", "delete", probe], check=True)
        if made.returncode != 0:
            raise unittest.SkipTest(f"no network can be built here: {made.stderr.strip()}")

    def setUp(self):
        super().setUp()
        self.before = self.there()
        self.out = self.folder / "report"

    def compare(self, *args, **options):
        return self.lab("compare", "--real", "--out", self.out, *args, **options)

    def run_small(self, hosts="1", **options):
        program = self.compare("--hosts", hosts, *SMALL, **options)
        self.assertEqual(program.finish(60), 0, program.describe())
        return program

    def wait_running(self, processes=4):
        """Until the receivers fetch."""
        tmp = self.folder / "tmp"
        self.assertTrue(eventually(lambda: len(processes_in(tmp)) >= processes, 30), "its hosts did not start")

    def there(self):
        """What is on this computer, without the labs that others run: namespaces, ledgers, interfaces."""
        # Asked before and after, since one of theirs may begin or end just now.
        names = others()
        found, ledgers = namespaces(), {ledger.stem for ledger in LEDGERS.glob("*")}
        names |= others()
        return (
            {name for name in found if not any(f"-{other}-" in name for other in names)}, ledgers - names, interfaces())

    def assert_nothing_left(self, temporary=None):
        eventually(lambda: self.there() == self.before, 2)
        self.assertEqual(self.there(), self.before)
        self.assertEqual(os.listdir(temporary or self.folder / "tmp"), [])
        self.assertEqual(processes_in(self.folder), {})

    # What it measures

    def test_compare(self):
        program = self.compare("--hosts", "1,2", "--size", "2MiB", "--rate", "20Mbit", "--seed", "7")
        self.assertEqual(program.finish(60), 0, program.describe())
        self.assertEqual([list(event)[:-1] for event in program.events], [MEMBERS, MEMBERS])
        self.assertEqual([event["hosts"] for event in program.events], [1, 2])
        for event in program.events:
            for model in ("clientServer", "peerToPeer"):
                # The links hold: nothing is faster than they allow, but for what a bucket lets pass at once.
                self.assertGreater(event[model], event[model + "Bound"] * 0.95)
            self.assertGreaterEqual(event["sourceCopies"], 1)
            self.assertLessEqual(event["p99"], event["peerToPeer"])
        # 2 MiB in frames at 20 Mbit/s, where 1448 of 1514 bytes are the file's.
        bound = (2 << 20) * 8 / (20e6 * 1448 / 1514)
        self.assertAlmostEqual(program.events[0]["peerToPeerBound"], bound, delta=0.001)
        self.assertAlmostEqual(program.events[1]["clientServerBound"], 2 * bound, delta=0.001)
        self.assertEqual(program.errors, [])
        self.check_report()
        self.assert_nothing_left()

    def check_report(self):
        report = json.loads((self.out / "report.json").read_text())
        self.assertTrue((self.out / "index.html").read_text().lstrip().startswith("<!"))
        with open(self.out / "results.csv", newline="") as file:
            self.assertEqual(len(list(csv.DictReader(file))), 2)
        with open(self.out / "hosts.csv", newline="") as file:
            self.assertGreater(len(list(csv.DictReader(file))), 2)
        self.assertTrue(report)

    def test_people_see_a_table_and_progress(self):
        program = self.run_small("1", json_output=False)
        text = "\n".join(program.output)
        self.assertRegex(text, r"(?m)^hosts .*bound")
        self.assertRegex(text, r"(?m)^ +1 ")
        self.assertIn(str(self.out / "index.html"), text)
        self.assert_nothing_left()

    def test_two_computers_on_a_bare_cable(self):
        program = self.lab("run", "cable", "--real", "--out", self.out)
        self.assertEqual(program.finish(60), 0, program.describe())
        self.assertEqual([event["hosts"] for event in program.events], [1])
        self.assert_nothing_left()

    # However it ends

    def test_interrupted(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(signal=number.name):
                program = self.compare(*LONG)
                self.wait_running()
                program.process.send_signal(number)
                # A second one must not end the cleaning up.
                time.sleep(0.01)
                with contextlib.suppress(ProcessLookupError):
                    program.process.send_signal(number)
                self.assertEqual(program.finish(10), 130, program.describe())
                self.assert_nothing_left()
                self.assertFalse(self.out.exists(), "there is nothing to report")

    def test_interrupted_while_it_builds(self):
        for moment in (0.02, 0.05, 0.1, 0.2):
            program = self.compare("--hosts", "40", "--size", "1MiB", "--rate", "10Mbit")
            time.sleep(moment)
            program.process.send_signal(signal.SIGINT)
            # Before it listens to signals it just ends.
            self.assertIn(program.finish(20), (130, -signal.SIGINT), program.describe())
            self.assert_nothing_left()

    def test_the_next_one_cleans_up_after_a_killed_one(self):
        killed = self.compare(*LONG)
        self.wait_running()
        killed.kill()
        self.assertTrue(self.there()[0] - self.before[0], "killed, it cannot have taken anything down")
        program = self.run_small(json_output=False)
        self.assertIn("Took down", "\n".join(program.errors))
        self.assert_nothing_left()

    def test_the_next_one_cleans_up_after_one_killed_while_it_built(self):
        for moment in (0.05, 0.1, 0.15):
            program = self.compare("--hosts", "40", *SMALL)
            time.sleep(moment)
            program.kill()
        self.run_small()
        self.assert_nothing_left()

    def test_leaves_a_running_one_alone(self):
        first = self.compare("--hosts", "2", "--size", "3MiB", "--rate", "10Mbit")
        self.wait_running(3)
        other = self.lab("compare", "--real", "--hosts", "1", *SMALL, "--out", self.folder / "other")
        self.assertEqual(other.finish(60), 0, other.describe())
        self.assertTrue(first.alive or first.process.returncode == 0)
        self.assertEqual(first.finish(60), 0, first.describe())
        self.assert_nothing_left()

    def test_a_host_that_fails(self):
        program = self.compare(*LONG)
        self.wait_running()
        receivers = [pid for pid, line in processes_in(self.folder / "tmp").items() if " get " in line]
        os.kill(receivers[0], signal.SIGKILL)
        self.assertEqual(program.finish(20), 1, program.describe())
        self.assertRegex(program.events[-1]["message"], "^host-[123] failed")
        self.assert_nothing_left()

    # What it needs

    def test_without_tc(self):
        tools = self.dir("bin")
        (tools / "ip").symlink_to(shutil.which("ip"))
        said = self.refused("compare", "--real", "--out", self.out, path=str(tools))
        self.assertIn("'tc'", said)
        self.assertIn("iproute2", said)
        self.assert_nothing_left()

    def test_what_tc_refuses_is_told(self):
        tools = self.dir("bin")
        (tools / "ip").symlink_to(shutil.which("ip"))
        (tools / "tc").write_text("#!/bin/sh\necho 'Error: no such thing.' >&2\nexit 2\n")
        (tools / "tc").chmod(0o755)
        said = self.refused("compare", "--real", "--out", self.out, path=f"{tools}:{os.environ['PATH']}")
        self.assertIn("Error: no such thing.", said)
        self.assert_nothing_left()

    def test_a_name_that_is_taken(self):
        """Somebody makes a namespace of the second host's name just before the lab does."""
        tools, ip = self.dir("bin"), shutil.which("ip")
        (tools / "ip").write_text(
            f'#!/bin/sh\ncase "$*" in "netns add "*-1) "{ip}" "$@" && echo "$3" > "{self.folder}/name" ;; esac\n'
            f'exec "{ip}" "$@"\n')
        (tools / "ip").chmod(0o755)
        said = self.refused("compare", "--real", "--out", self.out, path=f"{tools}:{os.environ['PATH']}")
        name = (self.folder / "name").read_text().strip()
        self.addCleanup(subprocess.run, [ip, "netns", "delete", name], capture_output=True)
        self.assertIn(name, said)
        self.assertIn(name, namespaces(), "it belongs to somebody else")
        self.run_small()
        self.assertIn(name, namespaces(), "it belongs to somebody else")
        subprocess.run([ip, "netns", "delete", name], check=True)
        self.assert_nothing_left()

    def test_no_room(self):
        disk = self.dir("disk")
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "none", disk], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", disk], capture_output=True)
        said = self.refused("compare", "--real", "--out", self.out, "--hosts", "1", temporary=disk)
        self.assertIn("no room", said)
        # It fills while the lab runs.
        program = self.compare("--hosts", "1", "--size", "4MiB", "--rate", "4Mbit", temporary=disk)
        self.assertTrue(eventually(lambda: processes_in(disk), 20))
        time.sleep(0.5)
        with contextlib.suppress(OSError), open(disk / "fill", "wb", buffering=0) as fill:
            while True:
                fill.write(bytes(1 << 16))
        self.assertEqual(program.finish(40), 1, program.describe())
        self.assertRegex(program.events[-1]["message"], "(?i)full|space")
        (disk / "fill").unlink()
        self.assert_nothing_left(disk)

    def test_a_folder_that_cannot_be_written(self):
        for out in ("/dev/null", "/proc/no"):
            said = self.refused("compare", "--real", "--out", out)
            self.assertIn("--out", said)
        self.assert_nothing_left()


if __name__ == "__main__":
    unittest.main()
