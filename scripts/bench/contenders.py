"""The programs that move a file or folder from one process to another: one class each, started fresh for each run."""

import json
import shutil
import socket
import sys
import time

import measure
from measure import HELPERS, ROOT

sys.path.insert(0, str(ROOT / "Tests/Interop"))
from support.external import free_port  # noqa: E402
from support.tracker import Tracker  # noqa: E402


def find(name):
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")


class Duplex:
    done_by_line = True

    def __init__(self, torrent, format):
        self.torrent, self.name = torrent, f"duplex, {format}"
        self.missing = None if measure.DUPLEX.exists() else f"{measure.DUPLEX} does not exist: make release"

    def serve(self, place, source):
        self.place = place
        server = place.start(measure.DUPLEX, "share", source, "--torrent", self.torrent, "--listen", "127.0.0.1:0",
                             "--state", place.fresh("state-share"), "--json", ready=lambda line: '"sharing"' in line)
        self.peer = json.loads(server.wait_ready())["listen"][0]
        return server

    def fetch(self, place, to):
        return place.start(measure.DUPLEX, "get", self.torrent, "--to", to, "--peer", self.peer, "--listen", "127.0.0.1:0",
                           "--state", place.fresh("state-get"), "--json", ready=lambda line: '"event":"done"' in line)


class Libtorrent:
    done_by_line = True

    def __init__(self, python, torrent, format):
        self.python, self.torrent = python, torrent
        self.missing = None
        if python is None or not shutil.which(str(python)):
            self.name, self.missing = f"libtorrent of {python}, {format}", "not installed: scripts/setup bench"
        else:
            self.name = f"libtorrent {measure.version_of_libtorrent(python)}, {format}"

    def serve(self, place, source):
        server = place.start(self.python, "-B", HELPERS / "lt_seed.py", self.torrent, source.parent,
                             ready=lambda line: line.startswith("127."))
        self.peer = server.wait_ready()
        return server

    def fetch(self, place, to):
        return place.start(self.python, "-B", HELPERS / "lt_get.py", self.torrent, to, self.peer,
                           ready=lambda line: line == "done")


class Aria2:
    """Finds its peer by a tracker, since it can be told of one in no other way."""
    done_by_line = False
    OPTIONS = ("--no-conf=true", "--disable-ipv6=true", "--enable-dht=false", "--enable-dht6=false", "--bt-enable-lpd=false",
               "--enable-peer-exchange=false", "--summary-interval=0", "--file-allocation=none", "--allow-overwrite=true",
               "--console-log-level=notice", "--bt-require-crypto=false", "--bt-min-crypto-level=plain")

    def __init__(self, torrent):
        self.torrent, self.name = torrent, "aria2, v1"
        self.missing = None if find("aria2c") else "aria2c not found: scripts/setup test"

    def serve(self, place, source):
        self.tracker = Tracker(place)
        port = free_port()
        server = place.start(find("aria2c"), *self.OPTIONS, f"--dir={source.parent}", f"--listen-port={port}",
                             "--check-integrity=true", "--seed-ratio=0.0", self.torrent,
                             ready=lambda line: "Verification finished successfully" in line)
        server.wait_ready()
        self.tracker.peers = [f"127.0.0.1:{port}"]
        return server

    def fetch(self, place, to):
        return place.start(find("aria2c"), *self.OPTIONS, f"--dir={to}", f"--listen-port={free_port()}", "--seed-time=0",
                           f"--bt-tracker={self.tracker.url}", self.torrent)


def nginx(folder, address, root):
    """The command line of an nginx that serves `root` at `address`, and its configuration in `folder`."""
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n"
                        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(f"""
        daemon off; master_process off; pid {folder}/pid; error_log stderr;
        events {{ worker_connections 64; }}
        http {{ {temporary} access_log off; sendfile on; tcp_nopush on;
            server {{ listen {address}; root {root}; }} }}
    """)
    return find("nginx"), "-p", folder, "-c", folder / "nginx.conf"


class NginxAndCurl:
    """The client/server limit; it verifies nothing."""
    done_by_line = False
    name = "nginx with curl (unverified)"

    def __init__(self):
        self.missing = None if find("nginx") and find("curl") else "nginx or curl not found: scripts/setup bench"

    def serve(self, place, source):
        folder, port = place.fresh("nginx"), free_port()
        self.url = f"http://127.0.0.1:{port}/{source.name}"
        server = place.start(*nginx(folder, f"127.0.0.1:{port}", source.parent), ready=lambda line: False)
        wait_for_port(port)
        return server

    def fetch(self, place, to):
        return place.start(find("curl"), "-sSf", "-o", to / self.url.rsplit("/", 1)[1], self.url)


class Rsync:
    """A daemon and a client; for folders."""
    done_by_line = False
    name = "rsync daemon"

    def __init__(self):
        self.missing = None if find("rsync") else "rsync not found: scripts/setup bench"

    def serve(self, place, source):
        folder, self.port = place.fresh("rsync"), free_port()
        self.source = source
        (folder / "rsyncd.conf").write_text(
            f"use chroot = no\naddress = 127.0.0.1\nport = {self.port}\npid file = {folder}/pid\nlog file = {folder}/log\n"
            f"[files]\npath = {source.parent}\nread only = yes\nuid = 0\ngid = 0\n"
        )
        server = place.start(find("rsync"), "--daemon", "--no-detach", f"--config={folder}/rsyncd.conf",
                             ready=lambda line: False)
        wait_for_port(self.port)
        return server

    def fetch(self, place, to):
        return place.start(find("rsync"), "-a", f"rsync://127.0.0.1:{self.port}/files/{self.source.name}", f"{to}/")


def wait_for_port(port):
    for _ in range(400):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.025)
    raise RuntimeError(f"nothing listens on port {port}")


def run_once(place, contender, source, size, compare):
    """Server up, client timed, result compared; one run's figures."""
    to = place.fresh("to")
    server = contender.serve(place, source)
    try:
        server.forget_peak()
        before = server.cpu()
        client = contender.fetch(place, to)
        run = measure.transfer(measure.Figures(contender.name), server, client, size, contender.done_by_line)
        run["cpu_server"] = server.cpu() - before
        run["cpu"] = run["cpu_client"] + run["cpu_server"]
    finally:
        server.stop()
    compare(source, to / source.name)
    shutil.rmtree(to)
    return run
