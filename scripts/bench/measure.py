"""Starting contenders, and what they cost: time, CPU seconds and peak memory of each side."""

import ctypes
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HELPERS = Path(__file__).resolve().parent
DUPLEX = Path(os.environ.get("DUPLEX") or ROOT / ".build/release/duplex")
NEW_PYTHON = ROOT / ".build/bench-python/bin/python"  # scripts/setup bench puts libtorrent from PyPI there
TICKS = os.sysconf("SC_CLK_TCK")
MIB = 1 << 20
_prctl = ctypes.CDLL(None).prctl


def python_with_libtorrent():
    """Debian's module is seen by the system Python only; another Python may come first in PATH."""
    for candidate in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([candidate, "-c", "import libtorrent"], capture_output=True).returncode == 0:
            return candidate
    return None


def version_of_libtorrent(python):
    answer = subprocess.run([python, "-c", "import libtorrent; print(libtorrent.__version__)"], capture_output=True, text=True)
    return ".".join(answer.stdout.strip().split(".")[:3])


class Workplace:
    """A folder in a memory file system, removed at the end, however it ends; children likewise."""

    def __init__(self, parent, needed_bytes):
        parent = parent or ("/dev/shm" if os.path.isdir("/dev/shm") else tempfile.gettempdir())
        for left in Path(parent).glob("duplex-bench-*-*"):  # by a run that was killed
            if not os.path.exists(f"/proc/{left.name.split('-')[2]}"):
                shutil.rmtree(left, ignore_errors=True)
        free = shutil.disk_usage(parent).free
        if free < needed_bytes:
            raise SystemExit(f"{parent} has {free // MIB} MiB free, {needed_bytes // MIB} are needed: --size or --folder")
        self.path = Path(tempfile.mkdtemp(prefix=f"duplex-bench-{os.getpid()}-", dir=parent))
        self.processes = []
        self._cleanups = []
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    def addCleanup(self, function, *arguments):  # the name that unittest uses, for helpers shared with the tests
        self._cleanups.append((function, arguments))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.stop()
        for function, arguments in reversed(self._cleanups):
            function(*arguments)
        shutil.rmtree(self.path, ignore_errors=True)

    def fresh(self, name):
        path = self.path / name
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir()
        return path

    def start(self, *command, **more):
        process = Process(command, self.path, **more)
        self.processes.append(process)
        return process


class Process:
    """A child whose lines, CPU time and memory are watched. `ready` tells from a line whether it has reached its goal."""

    def __init__(self, command, cwd, ready=None, environment=None):
        self.command = list(map(str, command))
        self._ready, self.ready_line, self.ready_at = ready, None, None
        self.lines, self.peak, self.usage, self.status = [], 0.0, None, None
        self._event = threading.Event()
        self._waiting = threading.Lock()
        self.started = time.monotonic()
        self.popen = subprocess.Popen(
            self.command, cwd=cwd, env={**os.environ, **(environment or {})}, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=lambda: _prctl(1, signal.SIGKILL),
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for raw in self.popen.stdout:
            now = time.monotonic()
            line = raw.decode("utf-8", "replace").strip()
            self.lines = [*self.lines[-200:], line]
            if self._ready and self.ready_at is None and self._ready(line):
                self.ready_at, self.ready_line = now, line
                self._event.set()
        self._event.set()

    def expect(self, ready):
        """From now on it is `ready` that tells the next goal. The child must not write until it is told to go on."""
        self._ready, self.ready_line, self.ready_at = ready, None, None
        self._event.clear()
        if not self._reader.is_alive():
            self._event.set()

    def tell(self, line):
        self.popen.stdin.write(line.encode() + b"\n")
        self.popen.stdin.flush()

    def wait_ready(self, timeout=300):
        self._event.wait(timeout)
        if self.ready_at is None:
            self.stop()
            tail = "\n  ".join(self.lines[-8:])
            raise RuntimeError(f"not ready in time: {' '.join(self.command)}\n  {tail}")
        return self.ready_line

    def cpu(self):
        """CPU seconds so far, ended children included."""
        fields = Path(f"/proc/{self.popen.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return sum(map(int, fields[11:15])) / TICKS

    def sample_memory(self):
        try:
            for line in Path(f"/proc/{self.popen.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    self.peak = max(self.peak, int(line.split()[1]) / 1024)
        except OSError:
            pass
        return self.peak

    def forget_peak(self):
        """From now on the peak counts anew: checking before the transfer is not part of it."""
        self.peak = 0.0
        try:
            Path(f"/proc/{self.popen.pid}/clear_refs").write_text("5")
        except OSError:
            pass

    def wait_end(self, timeout=600):
        """Waits for the end, sampling the peak of memory; its CPU seconds."""
        deadline = time.monotonic() + timeout
        while True:
            self.sample_memory()
            pid, status, usage = os.wait4(self.popen.pid, os.WNOHANG)
            if pid:
                self.ended = time.monotonic()
                self.status = self.popen.returncode = os.waitstatus_to_exitcode(status)
                self.usage = usage
                self._reader.join(5)
                if self.status != 0:
                    tail = "\n  ".join(self.lines[-8:])
                    raise RuntimeError(f"ended with status {self.status}: {' '.join(self.command)}\n  {tail}")
                return usage.ru_utime + usage.ru_stime
            if time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"took more than {timeout} s: {' '.join(self.command)}")
            time.sleep(0.02)

    def stop(self):
        if self.popen.returncode is None:
            self.popen.kill()
            self.popen.wait()


class Figures:
    """The runs of one contender."""

    def __init__(self, name):
        self.name, self.runs, self.problem = name, [], None

    def add(self, **run):
        self.runs.append(run)

    def median(self, key):
        return statistics.median(run[key] for run in self.runs)

    def spread(self, key):
        values = sorted(run[key] for run in self.runs)
        return values[0], values[-1]


def transfer(figures, server, client, size, client_is_done_by_line):
    """One timed run: the server is ready, the client has just been started."""
    cpu_client = client.wait_end()
    finished = client.ready_at if client_is_done_by_line else client.ended
    if finished is None:
        raise RuntimeError(f"{figures.name}: the client never said that it was done: {client.lines[-5:]}")
    return {
        "seconds": finished - client.started,
        "rate": size / (finished - client.started) / 1e6,
        "cpu_client": cpu_client,
        "peak_client": client.peak,
        "peak_server": server.sample_memory(),
    }


def machine_cpu():
    """CPU seconds of everything on this machine so far, interrupts included."""
    user, nice, system, _, _, irq, softirq = map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:8])
    return (user + nice + system + irq + softirq) / TICKS


def machine():
    """What the figures were made on."""
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")),
                 platform.machine())
    memory = next(int(line.split()[1]) for line in open("/proc/meminfo") if line.startswith("MemTotal")) / MIB
    system = next((line.split("=", 1)[1].strip().strip('"') for line in open("/etc/os-release")
                   if line.startswith("PRETTY_NAME")), platform.system())
    commit = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True).stdout.strip()
    return (f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores ({model}), {memory:.0f} GiB of memory, {system}, "
            f"Linux {platform.release()}" + (f", commit {commit}" if commit else ""))


def table(header, rows):
    """A Markdown table with aligned columns."""
    rows = [header, *rows]
    widths = [max(len(str(row[i])) for row in rows) for i in range(len(header))]
    lines = ["| " + " | ".join(str(cell).ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def random_file(path, size):
    with open(path, "wb") as file:
        left = size
        while left:
            n = min(left, 8 * MIB)
            file.write(os.urandom(n))
            left -= n
    return path
