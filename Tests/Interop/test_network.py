"""Hosts that find each other: real networks, Avahi and python-zeroconf beside them, cables pulled, names taken."""

import json
import signal
import subprocess
import sys
import time
import unittest

from support.case import MISSING_PROGRAM, InteropCase, eventually, need_program
from support.contents import files_below, make_file, make_tree
from support.lan import Avahi, Lan

GOODBYE = 4  # seconds for a host that says goodbye
GONE = 25  # seconds for one that is killed: missed polls, then a question that nobody answers


def need_zeroconf():
    for python in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([python, "-c", "import zeroconf"], capture_output=True).returncode == 0:
            return python
    raise unittest.SkipTest(f"{MISSING_PROGRAM}python3-zeroconf")


class NetworkCase(InteropCase):
    def setUp(self):
        super().setUp()
        self.lan = Lan(self)

    def gone_in(self, host, name, timeout):
        """Seconds until `host` does not list `name` any more."""
        began = time.monotonic()
        if not eventually(lambda: name not in host.seen(), timeout, every=0.2):
            self.fail(f"{name} is still listed after {timeout} s: {host.rows()}")
        return time.monotonic() - began


class Cable(NetworkCase):
    def test_two_computers_and_a_cable(self):
        """Nothing but link-local IPv6: seen, listed, fetched byte by byte, by name."""
        anna, bob = self.lan.cable("anna", "bob")
        tree = make_tree(self.dir("of-anna") / "Lectures")
        for host in (anna, bob):
            host.up()
        self.lan.all_see_all([anna, bob])
        anna.share(tree)
        self.assertTrue(eventually(lambda: [r["shares"] for r in bob.rows()] == [["Lectures"]], 10), bob.rows())
        [row] = bob.command("hosts")
        self.assertEqual(row["name"], "anna")
        self.assertTrue(all(address.startswith("[fe80:") and "%eth0]" in address for address in row["addresses"]), row)
        self.assertEqual([(e["name"], e["kind"]) for e in bob.command("ls", "anna")], [("Lectures", "folder")])
        names = {entry["name"]: entry["kind"] for entry in bob.command("ls", "anna/Lectures/deep/er")}
        self.assertEqual(names, {"still": "folder", "nothing": "file"})
        done = bob.get("anna/Lectures", self.dir("to"))
        self.assertEqual(done["path"], str(self.folder / "to/Lectures"))
        self.assert_same(tree, self.folder / "to/Lectures")
        bob.get("anna/Lectures/bin/tool", self.dir("one"))
        found = files_below(self.folder / "one")
        self.assertEqual([path.read_bytes() for path in found], [(tree / "bin/tool").read_bytes()])

    def test_with_no_host_running_the_command_looks_itself(self):
        anna, bob = self.lan.cable("anna", "bob")
        anna.up()
        anna.share(make_file(self.folder / "notes.txt", 50_000))
        self.assertEqual([row["name"] for row in bob.command("hosts")], ["anna"])
        self.assertEqual([entry["name"] for entry in bob.command("ls", "anna")], ["notes.txt"])
        bob.get("anna/notes.txt", self.dir("to"))
        self.assert_same(self.folder / "notes.txt", self.folder / "to/notes.txt")
        self.assertTrue(eventually(lambda: anna.rows() == [], GOODBYE), "a command that only looks is no host")

    def test_only_loopback(self):
        """`up` is ready on a computer without any network, and sees one that comes later."""
        anna, bob = self.lan.cable("anna", "bob")
        for host in (anna, bob):
            host.ip("link", "set", "eth0", "down")
            host.up()
        self.assertEqual(anna.rows(), [])
        for host in (anna, bob):
            host.ip("link", "set", "eth0", "up")
        self.lan.all_see_all([anna, bob], 15)


class Switch(NetworkCase):
    def test_eight_on_a_switch_beside_avahi(self):
        need_program("avahi-daemon")
        python = need_zeroconf()
        hosts = [self.lan.add(f"host{number}") for number in range(8)]
        avahis = [Avahi(host) for host in hosts[:2]]
        for host in hosts:
            host.up(wait=False)
        for host in hosts:
            host.ready = host.program.wait("ready", timeout=30)
        self.lan.all_see_all(hosts, 40)
        names = {host.called for host in hosts}

        for avahi in avahis:
            # The last probes may still be on their way to Avahi's cache.
            found = eventually(lambda: names <= {row[0] for row in avahi.browse()} and avahi.browse(), 15, every=0.5)
            self.assertTrue(found, avahi.browse())
            by_name = {row[0]: row for row in found}
            for host in hosts:
                port = int(host.ready["listen"][0].rsplit(":", 1)[1])
                self.assertEqual(by_name[host.called][3], port)
            addresses = {(row[0], row[2]) for row in found}
            self.assertLessEqual({(host.called, host.ipv4) for host in hosts}, addresses)

        answer = hosts[2].run(python, "-c", ZEROCONF, hosts[2].ipv4)
        self.assertEqual(set(json.loads(answer)), names)

        # What somebody else publishes is shown too, though it does not answer.
        avahis[0].publish("Somebody Else", "_duplex._tcp", "9999", "a=b")
        shown = eventually(lambda: all("Somebody Else" in host.seen() for host in hosts[2:4]), 15)
        self.assertTrue(shown, hosts[2].rows())
        row = [row for row in hosts[3].command("hosts") if row["name"] == "Somebody Else"][0]
        self.assertTrue(any(address.endswith(":9999") for address in row["addresses"]), row)
        self.assertIsNotNone(row["message"])

        # Goodbye is heard within seconds, by all.
        self.assertEqual(self.stop(hosts[7]), 0)
        for host in hosts[:7]:
            self.assertLess(self.gone_in(host, "host7", GOODBYE), GOODBYE)
        # One that is killed says nothing; it is missed soon.
        hosts[6].program.kill()
        for host in hosts[:6]:
            self.gone_in(host, "host6", GONE)

    def stop(self, host):
        host.program.process.send_signal(signal.SIGTERM)
        return host.program.finish(10)

    def test_cable_pulled_and_plugged(self):
        anna, bob, carl = (self.lan.add(name) for name in ("anna", "bob", "carl"))
        for host in (anna, bob, carl):
            host.up()
        self.lan.all_see_all([anna, bob, carl])
        self.lan.pull(bob)
        self.gone_in(anna, "bob", GONE)
        self.gone_in(bob, "anna", GONE)
        self.assertIn("carl", anna.seen())
        self.lan.plug(bob)
        self.assertLess(self.lan.all_see_all([anna, bob, carl], 20), 20)
        # In and out while somebody looks.
        for _ in range(4):
            self.lan.pull(bob)
            time.sleep(0.3)
            self.lan.plug(bob)
            time.sleep(0.2)
        self.lan.all_see_all([anna, bob, carl], 20)

    def test_two_hosts_of_one_name(self):
        anna, bob, carl = (self.lan.add(name) for name in ("anna", "bob", "carl"))
        for host in (anna, bob):
            host.up(name="desk", wait=False)
        carl.up()
        anna.program.wait("ready"), bob.program.wait("ready")
        two = eventually(lambda: len(carl.answering()) == 2 and len(set(carl.answering())) == 2 and carl.answering(), 20)
        self.assertTrue(two, carl.rows())
        self.assertIn("desk", two)
        other = (set(two) - {"desk"}).pop()
        self.assertTrue(other.startswith("desk"), two)
        # Each can be used by its name, and a later one gives way as well.
        self.assertEqual(carl.command("ls", other), [])
        dora = self.lan.add("dora")
        dora.up(name="desk")
        three = eventually(lambda: len(set(carl.answering())) == 3 and carl.answering(), 20)
        self.assertTrue(three, carl.rows())

    def test_a_port_in_place_of_the_usual_one_is_kept(self):
        anna = self.lan.add("anna")
        anna.up()
        self.assertTrue(anna.ready["web"][0].endswith(":27280"), anna.ready)
        ports = []
        for _ in range(2):
            second = anna.start("up", "--name", "second", "--state", self.dir("second"))
            page = second.wait("ready")["web"][0]
            ports.append(page.rsplit(":", 1)[1])
            self.assertEqual(second.interrupt(), 0, second.describe())
        self.assertEqual(len(set(ports)), 1, ports)
        self.assertNotEqual(ports[0], "27280")
        plain = anna.start("up", "--name", "second", "--state", self.dir("second"), json_output=False)
        self.assertTrue(eventually(lambda: any("Port 27280 is taken" in line for line in plain.output + plain.errors), 20))
        plain.interrupt()

    def test_renamed_by_its_settings_while_it_runs(self):
        anna, bob = self.lan.add("anna"), self.lan.add("bob")
        settings = self.folder / "settings"
        settings.write_text("name = first\n")
        bob.up()
        anna.called = "first"
        anna.program = anna.start("up", "--settings", settings)
        anna.ready = anna.program.wait("ready")
        self.assertEqual(anna.ready["name"], "first")
        self.lan.all_see_all([anna, bob])
        settings.write_text("name = second\n")
        anna.program.process.send_signal(signal.SIGHUP)
        anna.program.wait("reloaded")
        anna.called = "second"
        self.lan.all_see_all([anna, bob])
        self.gone_in(bob, "first", GOODBYE)
        self.assertEqual(anna.control("GET", "/status")[1]["name"], "second")
        # Nonsense leaves everything as it is.
        settings.write_text("nmae = third\n")
        anna.program.process.send_signal(signal.SIGHUP)
        self.assertTrue(eventually(lambda: any("nmae" in line or "line 1" in line for line in anna.program.errors), 10))
        self.assertEqual(bob.seen(), ["second"])

    def test_addresses_change(self):
        anna, bob = self.lan.add("anna", ipv6=False), self.lan.add("bob", ipv6=False)
        for host in (anna, bob):
            host.up()
        anna.share(make_file(self.folder / "data.bin", 300_000))
        self.lan.all_see_all([anna, bob])
        anna.ip("address", "flush", "dev", "eth0")
        anna.ip("address", "add", "10.78.200.9/16", "dev", "eth0")
        moved = eventually(lambda: any(a.startswith("10.78.200.9:") for row in bob.rows() for a in row["addresses"][:1]), 20)
        self.assertTrue(moved, bob.rows())
        bob.get("anna/data.bin", self.dir("to"))
        self.assert_same(self.folder / "data.bin", self.folder / "to/data.bin")

    def test_two_interfaces_on_one_network(self):
        anna, bob = self.lan.add("anna"), self.lan.add("bob")
        switch = self.lan._switch
        for index, host in enumerate((anna, bob)):
            subprocess.run(["ip", "-n", host.space, "link", "add", "eth1", "type", "veth", "peer", "name", f"q{index}",
                            "netns", switch], check=True)
            subprocess.run(["ip", "-n", switch, "link", "set", f"q{index}", "master", "bridge0", "up"], check=True)
            host.ip("address", "add", f"10.78.100.{index + 1}/16", "dev", "eth1")
            host.ip("link", "set", "eth1", "up")
            host.up()
        self.lan.all_see_all([anna, bob])
        time.sleep(3)
        self.assertEqual((anna.seen(), bob.seen()), (["bob"], ["anna"]), "a host on two cables is one host, and keeps its name")


class ByAddress(NetworkCase):
    def test_gossip_where_multicast_is_blocked(self):
        """A knows B, C knows B: they all see each other; what was given is remembered."""
        hosts = [self.lan.add(name, ipv6=False) for name in ("anna", "bob", "carl")]
        anna, bob, carl = hosts
        for host in hosts:
            # Not a word of multicast gets through.
            if host.run("sh", "-c", "command -v nft || true"):
                host.run("nft", "add table inet t; add chain inet t i { type filter hook input priority 0; };"
                                "add rule inet t i meta pkttype multicast drop")
        bob.up("--discovery", "off")
        place = f"{bob.ipv4}:{bob.ready['listen'][0].rsplit(':', 1)[1]}"
        anna.up("--discovery", "off", "--host", place)
        carl.up("--discovery", "off", "--host", place)
        took = self.lan.all_see_all(hosts, 60)
        print(f"    gossip: all see all after {took:.1f} s")
        make_file(self.folder / "data.bin", 200_000)
        carl.share(self.folder / "data.bin")
        self.assertTrue(eventually(lambda: any("data.bin" in row["shares"] for row in anna.rows()), 30), anna.rows())
        anna.get("carl/data.bin", self.dir("to"))
        self.assert_same(self.folder / "data.bin", self.folder / "to/data.bin")

    def test_an_address_given_to_the_running_host_is_remembered(self):
        anna, bob = self.lan.add("anna"), self.lan.add("bob")
        bob.up("--discovery", "off")
        anna.up("--discovery", "off")
        place = f"{bob.ipv4}:{bob.ready['listen'][0].rsplit(':', 1)[1]}"
        self.assertEqual(anna.control("POST", "/hosts", {"address": place})[0], 204)
        self.lan.all_see_all([anna], 10)
        self.assertTrue(eventually(lambda: anna.answering() == ["bob"], 10), anna.rows())
        anna.program.kill()
        anna.up("--discovery", "off")
        self.assertTrue(eventually(lambda: anna.answering() == ["bob"], 10), anna.rows())
        self.assertEqual(anna.control("DELETE", f"/hosts/{place}")[0], 204)
        self.assertEqual(anna.rows(), [])


ZEROCONF = """
import json, sys, time
from zeroconf import IPVersion, ServiceBrowser, Zeroconf
found = {}
class Listener:
    def add_service(self, zeroconf, type, name):
        info = zeroconf.get_service_info(type, name, 3000)
        if info and info.parsed_addresses() and info.port:
            found[name.removesuffix("." + type)] = info.port
    update_service = add_service
    def remove_service(self, *_): pass
zeroconf = Zeroconf(interfaces=[sys.argv[1]], ip_version=IPVersion.V4Only)
browser = ServiceBrowser(zeroconf, "_duplex._tcp.local.", Listener())
deadline = time.time() + 12
while time.time() < deadline and len(found) < 8: time.sleep(0.1)
print(json.dumps(found))
zeroconf.close()
"""
