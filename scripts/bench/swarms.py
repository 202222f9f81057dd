"""Swarms of one source and several receivers, each on its own host of a network: one class for each contender.

`serve` starts the source and returns when it has checked its data, `prepare` starts what may run before the clock,
`begin` makes all receivers start and returns their processes; each is ready when its file is whole. `copies` says how
often the source has sent the file, in payload bytes.
"""

import json
import shutil
import time
from pathlib import Path

import measure
from contenders import find, nginx
from measure import HELPERS

PORT = 6881
DONE = '"event":"done"'


class DuplexSwarm:
    name = "duplex"

    def __init__(self, torrent, peers="all"):
        self.torrent, self.peers = torrent, peers
        self.missing = None if measure.DUPLEX.exists() else f"{measure.DUPLEX} does not exist: make release"

    def serve(self, place, network, source, receivers):
        self.place, self.network, self.receivers = place, network, receivers
        server = place.start(
            *network.inside(0, measure.DUPLEX, "share", source, "--torrent", self.torrent, "--listen",
                            network.address(0, PORT), "--state", place.fresh("state-0"), "--json"),
            ready=lambda line: '"sharing"' in line)
        server.wait_ready()
        return server

    def known(self, host):
        """The addresses that a receiver is given."""
        others = range(self.receivers + 1) if self.peers == "all" else (0,)
        return [self.network.address(other, PORT) for other in others if other != host]

    def prepare(self, folders):
        self.folders = folders

    def begin(self):
        return [self.get(number + 1, folder) for number, folder in enumerate(self.folders)]

    def get(self, host, folder):
        peers = [word for address in self.known(host) for word in ("--peer", address)]
        return self.place.start(
            *self.network.inside(host, measure.DUPLEX, "get", self.torrent, "--to", folder, *peers, "--listen",
                                 self.network.address(host, PORT), "--state", self.place.fresh(f"state-{host}"),
                                 "--seed", "--json"),
            ready=lambda line: DONE in line)

    def copies(self, server, size):
        time.sleep(0.8)  # the source tells twice a second what it has sent
        told = [line for line in server.lines if '"event":"progress"' in line]
        return sum(partner["uploaded"] for partner in json.loads(told[-1])["partners"]) / size if told else None


class LibtorrentSwarm:
    """Its receivers wait in Python, with everything loaded, until the clock starts."""

    def __init__(self, python, torrent, peers="all"):
        self.python, self.torrent, self.peers, self.missing = python, torrent, peers, None
        if python is None:
            self.name, self.missing = "libtorrent", "not installed: scripts/setup bench"
        else:
            self.name = f"libtorrent {measure.version_of_libtorrent(python)}"

    known = DuplexSwarm.known

    def command(self, role, host, folder, *peers):
        return self.network.inside(host, self.python, "-B", HELPERS / "lt_swarm.py", role, self.torrent, folder,
                                   self.network.address(host, PORT), *peers)

    def serve(self, place, network, source, receivers):
        self.place, self.network, self.receivers = place, network, receivers
        server = place.start(*self.command("seed", 0, source.parent), ready=lambda line: line == "ready")
        server.wait_ready()
        return server

    def waiting(self, host, folder):
        return self.place.start(*self.command("get", host, folder, *self.known(host)), ready=lambda line: line == "ready")

    def prepare(self, folders):
        self.processes = [self.waiting(number + 1, folder) for number, folder in enumerate(folders)]
        for process in self.processes:
            process.wait_ready()

    def begin(self):
        for process in self.processes:
            process.expect(lambda line: line == "done")
        for process in self.processes:
            process.tell("go")
        return self.processes

    def copies(self, server, size):
        server.expect(lambda line: line.startswith("uploaded "))
        server.popen.stdin.close()
        return int(server.wait_ready().split()[1]) / size


class MixedSwarm(DuplexSwarm):
    """Source and every second receiver are Duplex, the others libtorrent."""

    def __init__(self, torrent, rival, peers="all"):
        super().__init__(torrent, peers)
        self.rival, self.name, self.missing = rival, f"duplex+{rival.name}", self.missing or rival.missing

    def prepare(self, folders):
        self.folders = folders[::2]
        self.rival.place, self.rival.network, self.rival.receivers = self.place, self.network, self.receivers
        self.theirs = {2 * number + 2: self.rival.waiting(2 * number + 2, folder)
                       for number, folder in enumerate(folders[1::2])}
        self.rival.processes = list(self.theirs.values())
        for process in self.rival.processes:
            process.wait_ready()

    def begin(self):
        theirs = self.rival.begin()
        return [self.get(2 * number + 1, folder) for number, folder in enumerate(self.folders)] + theirs


class NginxAndCurls:
    """What there is without peers: the source serves everybody. It verifies nothing."""
    name = "nginx with curl (unverified)"

    def __init__(self):
        missing = [name for name in ("nginx", "curl") if not find(name)]
        self.missing = f"{missing[0]} not found: scripts/setup bench" if missing else None

    def serve(self, place, network, source, receivers):
        self.place, self.network, self.receivers, self.source = place, network, receivers, source
        folder = place.fresh("nginx")
        server = place.start(*network.inside(0, *nginx(folder, network.address(0, 80), source.parent)))
        wait_for_listener(server, network.address(0), 80)
        return server

    def prepare(self, folders):
        self.folders = folders

    def begin(self):
        url = f"http://{self.network.address(0)}/{self.source.name}"
        return [self.place.start(*self.network.inside(number + 1, shutil.which("curl"), "-sSf", "-w", "%{exitcode}\\n",
                                                      "-o", folder / self.source.name, url),
                                 ready=lambda line: line == "0")
                for number, folder in enumerate(self.folders)]

    def copies(self, server, size):
        return float(self.receivers)


def wait_for_listener(process, address, port):
    """Until something listens there in the namespace of the process, seen from outside it."""
    words = bytes(map(int, address.split(".")))[::-1].hex().upper()
    wanted = f" {words}:{port:04X} 00000000:0000 0A "
    for _ in range(400):
        try:
            if wanted in Path(f"/proc/{process.popen.pid}/net/tcp").read_text():
                return
        except OSError:
            break
        time.sleep(0.025)
    raise RuntimeError(f"nothing listens on {address}:{port}: {process.lines[-5:]}")
