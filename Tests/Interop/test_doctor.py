"""`duplex doctor`: what it says of networks, firewalls, ports and disks that are really as they are."""

import os
import shlex
import shutil
import socket
import subprocess
import unittest

from support.case import InteropCase, eventually, need_program
from support.control import request
from support.duplex import BINARY
from support.lan import Lan

# A card with a usual address whose cable leads to another card; both end with the shell that makes them.
CARD = """
# Addresses are usable at once.
echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad
echo 0 > /proc/sys/net/ipv6/conf/all/accept_dad
ip link set lo up
ip link add eth0 type veth peer name far
ip link set eth0 up
ip link set far up
ip address add 192.168.77.1/24 dev eth0
"""
DROP = "nft add table inet home; nft 'add chain inet home input { type filter hook input priority 0; policy drop; }'\n"
MEMBERS = ["id", "severity", "title", "explanation", "remedy", "evidence"]


class DoctorCase(InteropCase):
    def doctor(self, *args, setup="", own_network=True, json_output=True, **options):
        """(exit status, findings by id) in a network and with mounts of its own, if asked, made by `setup`."""
        program = self.start(*args, setup=setup, own_network=own_network, json_output=json_output, **options)
        status = program.finish(20)
        self.assertEqual(program.errors, [], program.describe())
        for event in program.events:
            self.assertEqual([name for name in event if name != "_at"], MEMBERS)
        return status, {event["id"]: event for event in program.events}

    def start(self, *args, setup, own_network, **options):
        command = [BINARY, "doctor", "--state", self.dir("state"), *args]
        if not own_network:
            return self.run_duplex(*command[1:], **options)
        if os.geteuid() != 0:
            raise unittest.SkipTest("only root may make networks")
        unshare = need_program("unshare")
        script = "mount -t sysfs sysfs /sys\n" + setup + 'exec "$0" "$@"'
        return self.run_duplex("--net", "--mount", "sh", "-ec", script, *command, binary=unshare, **options)

    def severity(self, findings, name):
        self.assertIn(name, findings)
        return findings[name]["severity"]


class Networks(DoctorCase):
    def test_a_usual_network(self):
        status, findings = self.doctor(setup=CARD)
        self.assertEqual(status, 0, findings)
        self.assertEqual(self.severity(findings, "network.connected"), "ok")
        # Nobody else is there, and this computer hears itself.
        self.assertEqual(self.severity(findings, "multicast.heard"), "note")
        self.assertEqual(self.severity(findings, "vpn.route"), "ok")

    def test_only_loopback(self):
        status, findings = self.doctor(setup="ip link set lo up\n")
        self.assertEqual(status, 1)
        self.assertEqual(self.severity(findings, "network.none"), "problem")
        self.assertIn("there is no network", findings["multicast.unseen"]["title"])

    def test_a_cable_with_nothing_at_its_end(self):
        status, findings = self.doctor(setup=CARD + "ip link set far down\n")
        self.assertEqual(status, 1)
        self.assertEqual(self.severity(findings, "network.carrier"), "problem")

    def test_a_card_without_address(self):
        setup = CARD + "ip address flush dev eth0\necho 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6\n"
        status, findings = self.doctor(setup=setup + "ip address flush dev far\n" + "ip link set far name far0\n")
        self.assertEqual(self.severity(findings, "network.address"), "warning" if status == 0 else "problem")
        self.assertEqual(self.severity(findings, "ipv6.disabled"), "note")

    def test_multicast_switched_off_and_on_again(self):
        _, findings = self.doctor(setup=CARD + "ip link set dev eth0 multicast off\n")
        self.assertEqual(self.severity(findings, "network.multicast-flag"), "warning")
        remedy = findings["network.multicast-flag"]["remedy"].removeprefix("sudo ")
        _, findings = self.doctor(setup=CARD + "ip link set dev eth0 multicast off\n" + remedy + "\n")
        self.assertNotIn("network.multicast-flag", findings)

    def test_a_vpn(self):
        if not os.path.exists("/dev/net/tun"):
            self.skipTest("no /dev/net/tun")
        tunnel = CARD + "ip tuntap add tun0 mode tun\nip link set tun0 up\nip address add 10.8.0.2/24 dev tun0\n"
        halves = "ip route add 0.0.0.0/1 dev tun0\nip route add 128.0.0.0/1 dev tun0\n"
        status, findings = self.doctor(setup=tunnel + halves)
        self.assertEqual((status, self.severity(findings, "vpn.route")), (0, "warning"))
        rules = "ip route add default dev tun0 table 51820\nip rule add not fwmark 1 table 51820\n"
        _, findings = self.doctor(setup=tunnel + rules)
        self.assertIn("table 51820", findings["vpn.route"]["evidence"][0])
        status, findings = self.doctor(setup=tunnel + "ip route add 224.0.0.0/4 dev tun0\n")
        self.assertEqual((status, self.severity(findings, "vpn.neighbours")), (1, "problem"))


class Firewalls(DoctorCase):
    def check(self, setup, expected, *args):
        """The remedies, carried out, make all of it right."""
        status, findings = self.doctor(*args, setup=CARD + setup)
        found = {name: finding["severity"] for name, finding in findings.items() if name.startswith("firewall.")}
        self.assertEqual(found, expected)
        self.assertEqual(status, 1 if "problem" in expected.values() else 0, findings)
        remedies = [findings[name]["remedy"].split(";")[0].replace("sudo ", "") for name, severity in expected.items()
                    if severity != "ok"]
        _, findings = self.doctor(*args, setup=CARD + setup + "\n".join(remedies) + "\n")
        for name in expected:
            self.assertEqual(self.severity(findings, name), "ok", findings[name])
        if expected.get("firewall.mdns") == "problem":
            self.assertEqual(self.severity(findings, "multicast.heard"), "note")

    def test_none(self):
        need_program("nft")
        self.check("", {"firewall.port": "ok", "firewall.mdns": "ok", "firewall.local-discovery": "ok"})

    def test_nftables_that_drops_what_no_rule_lets_in(self):
        need_program("nft")
        self.check(DROP, {"firewall.port": "problem", "firewall.mdns": "problem", "firewall.local-discovery": "warning"})

    def test_nftables_lets_another_port_in(self):
        need_program("nft")
        self.check(
            DROP + "nft add rule inet home input tcp dport 4000 accept\nnft add rule inet home input udp dport '{5353, 6771}' accept\n",
            {"firewall.port": "ok", "firewall.mdns": "ok", "firewall.local-discovery": "ok"}, "--listen", "*:4000")

    def test_nftables_rejects_the_port_before_it_lets_it_in(self):
        need_program("nft")
        chain = DROP.replace("policy drop", "policy accept")
        rules = "nft add rule inet home input tcp dport 27272 reject\nnft add rule inet home input tcp dport 27272 accept\n"
        self.check(chain + rules, {"firewall.port": "problem", "firewall.mdns": "ok", "firewall.local-discovery": "ok"})

    def test_a_rule_that_depends(self):
        need_program("nft")
        _, findings = self.doctor(
            setup=CARD + DROP + "nft add rule inet home input tcp dport 27272 limit rate 5/second accept\n")
        self.assertEqual(self.severity(findings, "firewall.port"), "warning")

    def test_iptables_on_nftables(self):
        need_program("nft")
        need_program("iptables-nft")
        rules = "".join(f"{tool} -P INPUT DROP\n{tool} -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\n"
                        f"{tool} -A INPUT -p udp -m multiport --dports 5353,6771 -j ACCEPT\n"
                        for tool in ("iptables-nft", "ip6tables-nft"))
        self.check(rules, {"firewall.port": "problem", "firewall.mdns": "ok", "firewall.local-discovery": "ok"})

    def test_the_older_iptables(self):
        need_program("iptables-legacy")
        probe = subprocess.run(["unshare", "--net", "iptables-legacy", "-L"], capture_output=True, check=False)
        if probe.returncode:
            self.skipTest("this kernel has no tables for it")
        self.check("iptables-legacy -A INPUT -p tcp --dport 27272 -j DROP\n",
                   {"firewall.port": "problem", "firewall.mdns": "ok", "firewall.local-discovery": "ok"})

    def test_what_does_not_come_back(self):
        need_program("nft")
        # What is sent to a group comes back by the card that it left by.
        _, findings = self.doctor(setup=CARD + DROP)
        self.assertEqual(self.severity(findings, "multicast.loopback"), "problem")


class Places(DoctorCase):
    def test_a_taken_port(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            status, findings = self.doctor("--listen", f"*:{port}", own_network=False)
        self.assertEqual((status, self.severity(findings, "port.taken")), (1, "problem"))
        self.assertIn(f"(process {os.getpid()})", findings["port.taken"]["evidence"][0])
        self.assertIn(f"kill {os.getpid()}", findings["port.taken"]["remedy"])

    def test_duplex_itself_has_the_port(self):
        source = self.folder / "file"
        source.write_bytes(b"x")
        _, sharing = self.share(source)
        port = sharing["listen"][0].rsplit(":", 1)[1]
        _, findings = self.doctor("--listen", f"127.0.0.1:{port}", own_network=False)
        self.assertEqual(self.severity(findings, "port.taken"), "ok")

    def test_a_full_disk(self):
        state = shlex.quote(str(self.dir("state")))
        setup = f"mount -t tmpfs -o size=1M tmpfs {state}\n"
        status, findings = self.doctor(setup=CARD + setup + f"head -c 1048576 /dev/zero > {state}/all\n")
        self.assertEqual((status, self.severity(findings, "disk.state.full")), (1, "problem"))
        self.assertEqual(findings["disk.state.full"]["evidence"], ["0 B of 1.00 MiB free"])

    def test_no_more_files(self):
        state = shlex.quote(str(self.dir("state")))
        setup = f"mount -t tmpfs -o size=2G,nr_inodes=20 tmpfs {state}\ncd {state}\ntouch $(seq 17)\n"
        status, findings = self.doctor(setup=CARD + setup)
        self.assertEqual((status, self.severity(findings, "disk.state.files")), (1, "problem"))

    def test_a_disk_that_is_read_only(self):
        state = shlex.quote(str(self.dir("state")))
        status, findings = self.doctor(setup=CARD + f"mount -t tmpfs -o ro tmpfs {state}\n")
        self.assertEqual((status, self.severity(findings, "disk.state.read-only")), (1, "problem"))

    def test_few_open_files(self):
        status, findings = self.doctor(setup=CARD + "ulimit -Sn 64\n")
        self.assertEqual((status, self.severity(findings, "files.limit")), (1, "problem"))

    def test_nothing_is_made_or_left(self):
        self.doctor("--state", self.folder / "none" / "yet", own_network=False)
        self.assertFalse((self.folder / "none").exists())


class BesideAHost(DoctorCase):
    """What only a running host knows."""

    def beside(self, host):
        """Findings by id, with `host` running."""
        return {event["id"]: event for event in host.command("doctor", status=None)}

    def facts(self, control):
        status, facts = request(control, "GET", "/doctor/facts")
        self.assertEqual(status, 200)
        return facts

    def at_eth0(self, host):
        [hearing] = [row for row in self.facts(host.ready["control"])["multicast"] if row["interface"] == "eth0"]
        return hearing

    def test_others_are_heard(self):
        lan = Lan(self)
        anna, bob = lan.add("anna"), lan.add("bob")
        for host in (anna, bob):
            host.up()
        lan.all_see_all([anna, bob])
        # Who was asked by the other knows it, perhaps before it heard its multicast.
        self.assertTrue(eventually(lambda: self.at_eth0(anna)["recentHosts"] > 0), self.at_eth0(anna))
        hearing = self.at_eth0(anna)
        self.assertEqual(hearing["groups"], ["224.0.0.251", "ff02::fb"])
        self.assertEqual(hearing["recentHosts"], 1, hearing)
        for name in ("sent", "heardOwn", "heard"):
            self.assertGreater(hearing[name], 0, hearing)
        finding = self.beside(anna)["multicast.heard"]
        self.assertEqual((finding["severity"], finding["title"]), ("ok", "Other computers are heard (1)"), finding)
        self.assertIn("eth0, since Duplex started", finding["evidence"][1])

    def test_a_firewall_that_drops_multicast(self):
        need_program("nft")
        lan = Lan(self)
        anna, bob = lan.add("anna"), lan.add("bob")
        bob.run("sh", "-ec", DROP)
        for host in (anna, bob):
            host.up()
        self.assertTrue(eventually(lambda: self.at_eth0(bob)["sent"] > 5), self.at_eth0(bob))
        hearing = self.at_eth0(bob)
        self.assertEqual((hearing["heardOwn"], hearing["heard"], hearing.get("lastHeard")), (0, 0, None))
        self.assertEqual(self.severity(self.beside(bob), "multicast.loopback"), "problem")
        bob.run("nft", "flush", "ruleset")
        lan.all_see_all([anna, bob])
        # Asked by the other it knows it, perhaps before it heard its multicast, and hears that when somebody says something.
        heard = eventually(lambda: self.beside(bob).get("multicast.heard"), 60)
        self.assertTrue(heard, self.at_eth0(bob))
        self.assertEqual(heard["severity"], "ok", heard)

    def test_a_switch_that_keeps_others_silent(self):
        """It hears itself, and a host that is known by its address, but nobody by multicast."""
        need_program("nft")
        lan = Lan(self)
        anna, bob = lan.add("anna", ipv6=False), lan.add("bob", ipv6=False)
        anna.up()
        bob.run("nft", "add table ip t; add chain ip t i { type filter hook input priority 0; }; "
                       f"add rule ip t i ip saddr != {bob.ipv4} udp sport 5353 drop")
        bob.up("--host", f"{anna.ipv4}:{anna.ready['listen'][0].rsplit(':', 1)[1]}")
        lan.all_see_all([bob, anna])
        self.assertTrue(eventually(lambda: self.at_eth0(bob)["heardOwn"] > 0), self.at_eth0(bob))
        self.assertEqual(self.at_eth0(bob)["heard"], 0)
        self.assertEqual(self.severity(self.beside(bob), "multicast.heard"), "warning")

    def test_discovery_is_off(self):
        lan = Lan(self)
        anna = lan.add("anna")
        anna.up("--discovery", "off")
        self.assertNotIn("multicast", self.facts(anna.ready["control"]))
        self.assertEqual(self.severity(self.beside(anna), "multicast.off"), "note")

    def started(self, setup, *wrapper):
        """(control socket, home) of a host that a shell starts after `setup`."""
        home = self.home()
        quiet = ["--discovery", "off", *(word for name in ("listen", "web", "owner") for word in (f"--{name}", "127.0.0.1:0"))]
        program = self.run_duplex(*wrapper, "sh", "-ec", setup + '\nexec "$0" "$@"', BINARY, "up", "--name", "anna", *quiet,
                                  home=home, binary=need_program("env"))
        return program.wait("ready", timeout=20)["control"], home

    def with_host(self, home):
        program = self.run_duplex("doctor", home=home)
        return program.finish(20), {event["id"]: event for event in program.events}

    def test_more_folders_than_may_be_watched(self):
        probe = subprocess.run(["unshare", "--user", "--map-root-user", "true"], capture_output=True, check=False)
        if probe.returncode:
            self.skipTest("no user namespaces")
        for number in range(40):
            (self.dir(f"large/{number}") / "file").write_bytes(b"1")
        control, home = self.started("echo 20 > /proc/sys/user/max_inotify_watches", "unshare", "--user", "--map-root-user")
        self.assertEqual(self.severity(self.with_host(home)[1], "watches.folders"), "ok")
        status, _ = request(control, "POST", "/shares", {"path": str(self.folder / "large"), "scope": "public"})
        self.assertIn(status, (200, 201, 202))
        watching = eventually(lambda: (self.facts(control)["watching"] if self.facts(control)["watching"]["rescannedShares"]
                                       else None))
        self.assertEqual((watching["rescannedShares"], watching["limit"]), (1, "max_user_watches"))
        finding = self.with_host(home)[1]["watches.folders"]
        self.assertEqual(finding["severity"], "warning")
        self.assertIn("sudo sysctl fs.inotify.max_user_watches=", finding["remedy"])
        # It is as the finding says: a change is noticed, if later.
        share = lambda: request(control, "GET", "/shares")[1]["rows"][0]
        self.assertTrue(eventually(lambda: share()["state"] == "offered"), share())
        before = share()["version"]
        (self.folder / "large/39/file").write_bytes(b"22")
        self.assertTrue(eventually(lambda: share()["version"] > before, 90), share())

    def test_few_open_files(self):
        """The limit that counts is the one of the host, not that of whoever asks."""
        _, home = self.started("ulimit -n 150")
        status, findings = self.with_host(home)
        self.assertEqual((status, self.severity(findings, "files.limit")), (1, "problem"), findings)
        self.assertIn("Only 150 files", findings["files.limit"]["title"])


class Words(DoctorCase):
    def test_for_people(self):
        program = self.start(setup=CARD + "ulimit -Sn 64\n", own_network=True, json_output=False)
        self.assertEqual(program.finish(20), 1)
        text = "\n".join(program.output)
        self.assertIn("problem  Only 64 files and connections may be open at once", text)
        self.assertIn("         To do: ulimit -n ", text)
        self.assertRegex(program.output[-1], r"^1 problem")

    def test_names_of_others_are_made_visible(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            name = b"\x1b[31mred"
            old = open("/proc/self/comm", "rb").read().strip()
            open("/proc/self/comm", "wb").write(name)
            try:
                program = self.start("--listen", f"*:{taken.getsockname()[1]}", setup="", own_network=False,
                                     json_output=False)
                program.finish(20)
            finally:
                open("/proc/self/comm", "wb").write(old)
        text = "\n".join(program.output)
        self.assertIn("\\u{1B}[31mred", text)
        self.assertNotIn("\x1b", text)

    def test_an_ordinary_user_is_told_what_only_the_administrator_sees(self):
        if os.geteuid() != 0:
            self.skipTest("this user is one already, and has no folder to run the program from")
        self.folder.chmod(0o755)
        binary = self.folder / "duplex"
        shutil.copy(BINARY, binary)
        home = self.home()
        os.chown(home, 65534, 65534)
        program = self.run_duplex("doctor", "--state", home, home=home, binary=binary, user="nobody")
        program.finish(20)
        unseen = [event for event in program.events if event["id"] == "firewall.unseen"]
        self.assertEqual([event["remedy"] for event in unseen], ["sudo duplex doctor"], program.describe())


if __name__ == "__main__":
    unittest.main()
