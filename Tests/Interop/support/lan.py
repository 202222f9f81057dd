"""Hosts in network namespaces of their own, on a switch (a bridge) or at the two ends of a cable.

The namespaces bear the number of the process that made them; those whose maker is gone are removed before new ones are
made, and all of a test's go with the test.
"""

import json
import os
import re
import shutil
import subprocess
import time
import unittest
from pathlib import Path

from .case import MISSING_PROGRAM, eventually
from .duplex import BINARY, Duplex, die_with_parent

PREFIX = "dxi"
NAMES = Path("/run/netns")


def need_lan():
    if os.geteuid() != 0:
        raise unittest.SkipTest("network namespaces need root")
    for program in ("ip", "nsenter", "unshare"):
        if not (shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")):
            raise unittest.SkipTest(f"{MISSING_PROGRAM}{program}")


def sh(*command, check=True):
    answer = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if check and answer.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: {answer.stderr.strip()}")
    return answer.stdout


def remove_leftovers():
    for entry in sorted(NAMES.iterdir()) if NAMES.exists() else []:
        owner = re.match(rf"{PREFIX}(\d+)-", entry.name)
        if owner and not Path(f"/proc/{owner[1]}").exists():
            sh("ip", "netns", "delete", entry.name, check=False)


class Lan:
    """Namespaces of one test; `hosts` by name."""

    _count = 0

    def __init__(self, case):
        need_lan()
        remove_leftovers()
        Lan._count += 1
        self.case, self.own, self.hosts, self._switch = case, f"{PREFIX}{os.getpid()}-{Lan._count}", {}, None
        case.addCleanup(self.remove)

    def remove(self):
        for entry in list(NAMES.iterdir()) if NAMES.exists() else []:
            if entry.name.startswith(self.own + "-"):
                sh("ip", "netns", "delete", entry.name, check=False)

    def _namespace(self, name):
        space = f"{self.own}-{name}"
        sh("ip", "netns", "add", space)
        # Addresses are usable at once; no test is about waiting for duplicates.
        inside = "for f in all default; do echo 0 > /proc/sys/net/ipv6/conf/$f/accept_dad; done; ip link set lo up"
        sh("nsenter", f"--net={NAMES / space}", "sh", "-ec", inside)
        return space

    def _host(self, name):
        host = LanHost(self, name, self._namespace(name))
        self.hosts[name] = host
        return host

    def cable(self, one, other):
        """Two hosts and nothing between them but a cable: no address but the link-local ones of IPv6."""
        one, other = self._host(one), self._host(other)
        sh("ip", "-n", one.space, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", other.space)
        for host in (one, other):
            sh("ip", "-n", host.space, "link", "set", "eth0", "up")
        return one, other

    def add(self, name, ipv4=True, ipv6=True):
        """One more host on the switch."""
        if not self._switch:
            self._switch = self._namespace("switch")
            sh("ip", "-n", self._switch, "link", "add", "bridge0", "type", "bridge", "mcast_snooping", "0")
            sh("ip", "-n", self._switch, "link", "set", "bridge0", "up")
        host = self._host(name)
        number = len(self.hosts)
        port = f"p{number}"
        sh("ip", "-n", host.space, "link", "add", "eth0", "type", "veth", "peer", "name", port, "netns", self._switch)
        sh("ip", "-n", self._switch, "link", "set", port, "master", "bridge0", "up")
        if not ipv6:
            host.run("sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6")
        if ipv4:
            host.ipv4 = f"10.78.{number // 250}.{number % 250 + 1}"
            sh("ip", "-n", host.space, "address", "add", f"{host.ipv4}/16", "dev", "eth0")
        sh("ip", "-n", host.space, "link", "set", "eth0", "up")
        host.port = port
        return host

    def pull(self, host):
        """Takes the cable out of the switch; the host sees that too."""
        sh("ip", "-n", self._switch, "link", "set", host.port, "down")

    def plug(self, host):
        sh("ip", "-n", self._switch, "link", "set", host.port, "up")

    def all_see_all(self, hosts, timeout=30):
        """Seconds until each sees all the others."""
        began = time.monotonic()
        wanted = {host: {other.called for other in hosts} - {host.called} for host in hosts}
        left = eventually(lambda: not [h for h in hosts if not wanted[h] <= set(h.answering())], timeout, every=0.3)
        if not left:
            seen = "\n".join(f"{h.called} sees {h.rows()}" for h in hosts)
            self.case.fail(f"not all see all within {timeout} s:\n{seen}")
        return time.monotonic() - began


class LanHost:
    """One computer; `up` starts Duplex on it."""

    def __init__(self, lan, name, space):
        self.lan, self.case, self.name, self.space = lan, lan.case, name, space
        self.home = lan.case.dir(f"lan-{name}")
        self.called, self.ipv4, self.program, self.port = name, None, None, None

    def inside(self, *command):
        return ["nsenter", f"--net={NAMES / self.space}", *map(str, command)]

    def run(self, *command, check=True):
        return sh(*self.inside(*command), check=check)

    def popen(self, *command, **more):
        process = subprocess.Popen(self.inside(*command), preexec_fn=die_with_parent, **more)

        def end():
            process.kill()
            process.wait()

        self.case.addCleanup(end)
        return process

    def ip(self, *command):
        sh("ip", "-n", self.space, *command)

    @property
    def link_local(self):
        rows = json.loads(sh("ip", "-n", self.space, "-j", "-6", "address", "show", "dev", "eth0", "scope", "link"))
        return [info["local"] for row in rows for info in row.get("addr_info", [])][0]

    # What Duplex does there.

    def start(self, *args, json_output=True):
        """A command of Duplex on this host, running."""
        program = Duplex(*self.inside(BINARY, *args)[1:], home=self.home, json_output=json_output, binary="nsenter")
        self.case.addCleanup(self.case._end, program)
        return program

    def up(self, *args, name=None, wait=True):
        self.called = name or self.name
        self.program = self.start("up", "--name", self.called, *args)
        if wait:
            self.ready = self.program.wait("ready", timeout=20)
        return self.program

    def command(self, *args, timeout=60, status=0):
        """A command of Duplex to its end; the objects that it printed."""
        program = self.start(*args)
        ended = program.finish(timeout)
        if status is not None:
            self.case.assertEqual(ended, status, program.describe())
        return [{key: value for key, value in event.items() if key != "_at"} for event in program.events]

    def control(self, method, target, body=None):
        from .control import request
        return request(self.ready["control"], method, target, body)

    def rows(self):
        """What `duplex hosts --json` shows, without the time of starting a program."""
        return self.control("GET", "/hosts")[1]["rows"]

    def seen(self):
        return [row["name"] for row in self.rows()]

    def answering(self):
        """Names of hosts that were reached, too."""
        return [row["name"] for row in self.rows() if row.get("message") is None]

    def share(self, path, *args, name=None, timeout=60):
        events = self.command("share", "--public", path, *(["--name", name] if name else []), *args, timeout=timeout)
        return [event for event in events if event["event"] == "sharing"][0]

    def get(self, place, to, *args, timeout=60):
        events = self.command("get", place, "--to", to, *args, timeout=timeout)
        return [event for event in events if event["event"] == "done"][0]


class Avahi:
    """avahi-daemon on a host, with a bus and a /run of its own."""

    def __init__(self, host):
        from .case import need_program
        self.host = host
        programs = [need_program(name) for name in ("dbus-daemon", "avahi-daemon", "avahi-browse", "avahi-publish")]
        folder = host.case.dir(f"avahi-{host.name}")
        self.bus = folder / "bus"
        (folder / "conf").write_text(
            f"[server]\nhost-name=av-{host.name}\nuse-ipv4=yes\nuse-ipv6=yes\n[wide-area]\nenable-wide-area=no\n[publish]\n")
        log = open(folder / "log", "wb")
        self.log = folder / "log"
        self.environment = dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=f"unix:path={self.bus}")
        host.popen(programs[0], "--system", f"--address=unix:path={self.bus}", "--nofork", "--nopidfile",
                   stdout=log, stderr=log)
        if not eventually(self.bus.exists, 10):
            host.case.fail(f"dbus-daemon did not start: {self.log.read_text()}")
        script = ("mount --make-rprivate / && mount -t tmpfs tmpfs /run && mkdir /run/avahi-daemon && exec avahi-daemon "
                  f"-f {folder}/conf --no-drop-root --no-chroot --no-rlimits")
        host.popen("unshare", "--mount", "sh", "-ec", script, stdout=log, stderr=log, env=self.environment)
        if not eventually(lambda: b"Server startup complete" in self.log.read_bytes(), 15):
            host.case.fail(f"avahi-daemon did not start: {self.log.read_text()}")

    def browse(self, type="_duplex._tcp"):
        """Resolved rows: (name, host name, address, port, texts), from all interfaces and protocols."""
        answer = subprocess.run(self.host.inside("avahi-browse", "-rpt", type), capture_output=True, text=True,
                                env=self.environment, timeout=30)
        rows = [line.split(";") for line in answer.stdout.splitlines() if line.startswith("=")]
        return [(unescaped(row[3]), row[6], row[7], int(row[8]), row[9]) for row in rows]

    def publish(self, name, type, port, *texts):
        return self.host.popen("avahi-publish", "-s", name, type, port, *texts, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, env=self.environment)


def unescaped(text):
    """avahi-browse -p writes \\DDD for a byte."""
    raw = re.sub(rb"\\(\d{3})", lambda match: bytes([int(match[1])]), text.encode())
    return re.sub(rb"\\(.)", rb"\1", raw).decode("utf-8", "replace")
