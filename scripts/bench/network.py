"""Hosts on this machine, each in a network namespace of its own, on one bridge, each link as fast as said both ways.

A link is a pair of virtual Ethernet devices with a token bucket at either end: the host's end limits what it sends, the
bridge's end what it receives. The namespaces have a private network and no way out of it. They bear the number of the
process that made them; those whose maker is gone are removed before new ones are made.
"""

import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

PREFIX = "dxb"
PROGRAM = "bench-swarm"
NAMES = Path("/run/netns")
NETWORK = "10.77.0.0/16"
QUEUE = "50ms"  # what a link holds back before it drops
# No chatter of IPv6, and no firewall between the ports of the bridge, which costs processor time.
QUIET = {"ipv6/conf/all/disable_ipv6": 1, "ipv6/conf/default/disable_ipv6": 1, "bridge/bridge-nf-call-iptables": 0,
         "bridge/bridge-nf-call-arptables": 0}


def why_not():
    """What keeps this machine from having such a network, or None."""
    if os.geteuid() != 0:
        return "network namespaces need root: sudo make bench-swarm"
    missing = [name for name in ("ip", "tc", "nsenter") if not shutil.which(name)]
    if missing:
        return f"not found: {', '.join(missing)} (scripts/setup bench)"
    return None


class Network:
    """Host 0 is the source, 1 to `receivers` are the others. `remove` takes everything down.

    What TCP hands down in one go is kept so small that a bucket holds it. Otherwise the bucket would cut it into single
    packets and set a timer for each, and those interrupts count as CPU time of whichever process is running.
    """

    def __init__(self, receivers, rate, burst, congestion):
        self.hosts, self.rate, self.burst, self.congestion = range(receivers + 1), rate, burst, congestion
        self.own = f"{PREFIX}{os.getpid()}-"

    def make(self):
        remove_leftovers()
        switch = f"{self.own}switch"
        _ip(["netns add " + name for name in [switch, *map(self.name, self.hosts)]])
        _set(switch, QUIET)
        _ip(["link add name bridge0 type bridge mcast_snooping 0", "link set dev bridge0 up"], switch)
        # What one run learned of the links must not help the next.
        settings = {**QUIET, "ipv4/tcp_no_metrics_save": 1}
        for host in self.hosts:
            name, port = self.name(host), f"port{host}"
            _set(name, settings)
            _ip([f"link add name link0 type veth peer name {port} netns {switch}", "link set dev lo up",
                 f"address add {self.address(host)}/16 dev link0 noprefixroute", "link set dev link0 up",
                 f"link set dev link0 gso_max_size {self.burst * 1024 - 1000}",
                 f"route add {NETWORK} dev link0 scope link src {self.address(host)} congctl {self.congestion}"], name)
            _ip([f"link set dev {port} master bridge0", f"link set dev {port} up"], switch)
            for namespace, device in ((name, "link0"), (switch, port)):
                _run("tc", "-n", namespace, "qdisc", "add", "dev", device, "root", "tbf", "rate", f"{self.rate}mbit",
                     "burst", f"{self.burst}kb", "latency", QUEUE)

    def remove(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        for name in _namespaces():
            if name.startswith(self.own):
                _remove(name)

    def name(self, host):
        return f"{self.own}host{host}"

    def address(self, host, port=None):
        return f"10.77.{(host + 1) // 256}.{(host + 1) % 256}" + (f":{port}" if port else "")

    def inside(self, host, *command):
        """The command line that runs `command` on that host; the process is the command's own."""
        return ["nsenter", f"--net={NAMES / self.name(host)}", *command]

    def sent(self, host):
        """Bytes that the host's link has carried up, with headers and acknowledgements."""
        link = json.loads(_run("ip", "-n", self.name(host), "-s", "-j", "link", "show", "dev", "link0"))[0]
        return link["stats64"]["tx"]["bytes"]


def remove_leftovers():
    for name in _namespaces():
        owner = re.match(rf"{PREFIX}(\d+)-", name)
        if owner and not _is_running(owner[1]):
            _remove(name)


def _is_running(pid):
    """Is that process there, and this program? Numbers are used again."""
    try:
        return PROGRAM.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _namespaces():
    return sorted(entry.name for entry in NAMES.iterdir()) if NAMES.exists() else []


def _remove(name):
    subprocess.run(["ip", "netns", "delete", name], stderr=subprocess.DEVNULL)


def _set(name, settings):
    """/proc/sys/net shows whoever reads it its own namespace, so a shell in there writes."""
    script = "; ".join(f"[ ! -e {path} ] || echo {value} > {path}"
                       for path, value in ((f"/proc/sys/net/{key}", value) for key, value in settings.items()))
    _run("nsenter", f"--net={NAMES / name}", "sh", "-ec", script)


def _ip(lines, namespace=None):
    _run("ip", *(["-n", namespace] if namespace else []), "-batch", "-", text="\n".join(lines) + "\n")


def _run(*command, text=None):
    ended = subprocess.run(command, input=text, capture_output=True, text=True)
    if ended.returncode:
        raise RuntimeError(f"{' '.join(command)}: {ended.stderr.strip() or ended.returncode}")
    return ended.stdout
