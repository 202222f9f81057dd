"""Runs the program with --json, collects its events, and never leaves it running."""

import ctypes
import json
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BINARY = Path(os.environ.get("DUPLEX") or ROOT / ".build/release/duplex")
PR_SET_PDEATHSIG = 1
_prctl = ctypes.CDLL(None).prctl


def die_with_parent():
    """In the child: be killed when the test process ends, however it ends."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Duplex:
    """One running `duplex`; `events` grows as it speaks."""

    def __init__(self, *args, home, json_output=True, cwd=None, binary=BINARY, user=None):
        self.args = [str(binary), *map(str, args)] + (["--json"] if json_output else [])
        home = Path(home)
        environment = dict(
            os.environ,
            HOME=str(home),
            XDG_STATE_HOME=str(home / "state"),
            XDG_CONFIG_HOME=str(home / "config"),
            LC_ALL="C.UTF-8",
        )
        environment.pop("LANGUAGE", None)
        self.events, self.strange_lines, self.output, self.errors = [], [], [], []
        self._news = threading.Condition()
        self._json = json_output
        self.process = subprocess.Popen(
            self.args, cwd=cwd or home, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=die_with_parent,
            **({"user": user, "group": "nogroup", "extra_groups": []} if user else {}),
        )
        self.started = time.monotonic()
        self._readers = [
            threading.Thread(target=self._read_output, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def _read_output(self):
        for raw in self.process.stdout:
            line = raw.decode("utf-8", "replace").rstrip("\n")
            with self._news:
                self.output.append(line)
                if self._json:
                    try:
                        value = json.loads(line)
                        if not isinstance(value, dict):
                            raise ValueError("not an object")
                        value["_at"] = time.monotonic()
                        self.events.append(value)
                    except ValueError:
                        self.strange_lines.append(line)
                self._news.notify_all()
        with self._news:
            self._news.notify_all()

    def _read_errors(self):
        for raw in self.process.stderr:
            self.errors.append(raw.decode("utf-8", "replace").rstrip("\n"))

    def describe(self):
        shown = self.events[:3] + (["…"] if len(self.events) > 9 else []) + self.events[3:][-6:]
        return (
            f"\n  command: {' '.join(self.args)}\n  status: {self.process.poll()}\n  events: "
            + "\n          ".join(map(str, shown))
            + "\n  stderr: " + "\n          ".join(self.errors[-10:])
        )

    def of(self, event):
        return [e for e in list(self.events) if e.get("event") == event]

    def wait(self, event, timeout=30, where=lambda e: True):
        """The first event of that name for which `where` holds; fails when the program ends or stays silent."""
        deadline = time.monotonic() + timeout
        seen = 0
        with self._news:
            while True:
                for candidate in self.events[seen:]:
                    if candidate.get("event") == event and where(candidate):
                        return candidate
                seen = len(self.events)
                if not self._readers[0].is_alive():
                    raise AssertionError(f"ended without the event {event!r}{self.describe()}")
                left = deadline - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"no event {event!r} in {timeout} s{self.describe()}")
                self._news.wait(min(left, 0.25))

    def finish(self, timeout=60):
        """The exit status; the program must end by itself."""
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {timeout} s{self.describe()}") from None
        for reader in self._readers:
            reader.join(5)
        return self.process.returncode

    def interrupt(self, timeout=20):
        """Ctrl-C; the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.finish(timeout)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for reader in self._readers:
            reader.join(5)

    @property
    def alive(self):
        return self.process.poll() is None

    def memory(self, key="VmHWM"):
        """Peak (or with VmRSS present) resident memory in MiB."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1]) / 1024
        return 0.0
