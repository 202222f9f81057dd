"""aria2 and Transmission as partners."""

import json
import socket
import subprocess
import urllib.error
import urllib.request

from .case import eventually, need_program
from .duplex import die_with_parent


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def outside_address():
    """An address of this machine that is not loopback, or None. (No packet is sent.)"""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            address = probe.getsockname()[0]
        except OSError:
            return None
    return None if address.startswith("127.") else address


def start(case, arguments, folder):
    log = open(folder / "log", "wb")
    process = subprocess.Popen(
        list(map(str, arguments)), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        cwd=folder, env={"HOME": str(folder), "PATH": "/usr/bin:/bin"}, preexec_fn=die_with_parent,
    )

    def end():
        process.kill()
        process.wait()
        log.close()

    case.addCleanup(end)
    process.log = folder / "log"
    return process


def aria2(case, torrent, folder, tracker=None, seed=False):
    """aria2 on a .torrent or magnet; ends when complete unless it seeds. (process, port)."""
    port = free_port()
    arguments = [
        need_program("aria2c"), f"--dir={folder}", f"--listen-port={port}", "--no-conf=true", "--disable-ipv6=true",
        "--enable-dht=false", "--enable-dht6=false", "--bt-enable-lpd=false", "--enable-peer-exchange=false",
        "--summary-interval=0", "--console-log-level=notice", "--file-allocation=none", "--allow-overwrite=true",
    ]
    if tracker:
        arguments.append(f"--bt-tracker={tracker}")
    arguments += ["--check-integrity=true", "--seed-ratio=0.0"] if seed else ["--seed-time=0"]
    work = case.dir(f"aria2-{port}")
    return start(case, arguments + [torrent], work), port


class Transmission:
    """transmission-daemon with a configuration of its own, driven over its RPC."""

    def __init__(self, case, downloads, bind="127.0.0.1"):
        program = need_program("transmission-daemon")
        self.rpc_port, self.peer_port = free_port(), free_port()
        work = case.dir(f"transmission-{self.rpc_port}")
        (work / "settings.json").write_text(json.dumps({
            "rpc-enabled": True, "rpc-port": self.rpc_port, "rpc-bind-address": "127.0.0.1",
            "rpc-authentication-required": False, "rpc-whitelist-enabled": False, "rpc-host-whitelist-enabled": False,
            "peer-port": self.peer_port, "peer-port-random-on-start": False, "bind-address-ipv4": bind,
            "port-forwarding-enabled": False, "dht-enabled": False, "lpd-enabled": False, "pex-enabled": False,
            "utp-enabled": False, "encryption": 0, "download-dir": str(downloads), "incomplete-dir-enabled": False,
            "rename-partial-files": False, "start-added-torrents": True, "preallocation": 0, "umask": 18,
        }))
        self.process = start(case, [program, "--foreground", "--config-dir", work, "--log-error"], work)
        self.session = ""
        ready = eventually(lambda: self._ready(), timeout=20)
        if not ready:
            case.fail(f"transmission-daemon did not answer: {self.process.log.read_text()[-500:]}")

    def _ready(self):
        try:
            return self.call("session-get")
        except OSError:
            return None

    def call(self, method, **arguments):
        body = json.dumps({"method": method, "arguments": arguments}).encode()
        for _ in range(2):
            request = urllib.request.Request(
                f"http://127.0.0.1:{self.rpc_port}/transmission/rpc", body, {"X-Transmission-Session-Id": self.session}
            )
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    return json.loads(answer.read())
            except urllib.error.HTTPError as error:
                if error.code != 409:
                    raise
                self.session = error.headers["X-Transmission-Session-Id"]
        raise OSError("no session id")

    def add(self, source, folder):
        answer = self.call("torrent-add", filename=str(source), **{"download-dir": str(folder)})
        if answer["result"] != "success" or "torrent-added" not in answer["arguments"]:
            raise AssertionError(f"Transmission refused {source}: {answer}")
        return answer["arguments"]["torrent-added"]["id"]

    def status(self, number):
        fields = ["percentDone", "status", "errorString", "leftUntilDone", "metadataPercentComplete", "recheckProgress"]
        return self.call("torrent-get", ids=[number], fields=fields)["arguments"]["torrents"][0]

    def wait_complete(self, case, number, timeout=90):
        def complete():
            status = self.status(number)
            return status["metadataPercentComplete"] == 1 and status["leftUntilDone"] == 0 and status["status"] in (0, 5, 6)

        if not eventually(complete, timeout, every=0.2):
            case.fail(f"Transmission did not finish in {timeout} s: {self.status(number)}")
