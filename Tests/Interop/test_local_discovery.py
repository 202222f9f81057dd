"""BEP 14: libtorrent and Transmission find our public shares, and we find their torrents, by local discovery alone."""

import filecmp
import json
import os
import subprocess
import sys

from support import lt
from support.case import InteropCase, eventually, need_program
from support.contents import files_below, make_file, make_tree
from support.lan import Lan


class LocalDiscovery(InteropCase):
    def setUp(self):
        super().setUp()
        self.lan = Lan(self)
        self.anna, self.bob = self.lan.add("anna"), self.lan.add("bob")
        for host in (self.anna, self.bob):
            # Programs that leave the choice of the interface to the system need a route.
            host.ip("route", "add", "default", "dev", "eth0")

    def libtorrent(self, *arguments):
        lt.need_libtorrent()
        return self.bob.popen(sys.executable, "-c", LIBTORRENT, self.bob.ipv4, *arguments,
                              stdout=subprocess.PIPE, text=True)

    def offer(self, *args):
        self.anna.up()
        sharing = self.anna.share(make_tree(self.dir("of-anna") / "Tree"), *args)
        return f"magnet:?xt=urn:btih:{sharing['infoHashV1']}"

    def test_libtorrent_finds_a_public_share(self):
        magnet = self.offer("--format", "v1")
        partner = self.libtorrent("get", magnet, self.dir("to"))
        self.assertEqual(partner.wait(60), 0, "libtorrent did not get it in time")
        self.assert_same(self.folder / "of-anna/Tree", self.folder / "to/Tree", executable=False)

    def test_libtorrent_finds_a_hybrid_share(self):
        magnet = self.offer()
        partner = self.libtorrent("get", magnet, self.dir("to"))
        self.assertEqual(partner.wait(60), 0, "libtorrent did not get it in time")
        found = self.folder / "to/Tree"
        names = [str(p.relative_to(found)) for p in files_below(found) if ".pad" not in p.parts]
        self.assertEqual(filecmp.cmpfiles(self.folder / "of-anna/Tree", found, names, shallow=False), (names, [], []))
        self.assertEqual(len(names), 14)

    def test_a_share_for_those_with_the_link_is_told_to_nobody(self):
        self.anna.up()
        make_file(self.folder / "secret.bin", 100_000)
        [sharing] = [e for e in self.anna.command("share", self.folder / "secret.bin") if e["event"] == "sharing"]
        partner = self.libtorrent("get", f"magnet:?xt=urn:btih:{sharing['infoHashV1']}", self.dir("to"))
        with self.assertRaises(subprocess.TimeoutExpired):
            partner.wait(10)
        self.assertEqual(self.bob.command("hosts")[0]["shares"], [])

    def test_transmission_finds_a_public_share(self):
        daemon, remote = need_program("transmission-daemon"), need_program("transmission-remote")
        magnet = self.offer("--format", "v1")
        work = self.dir("transmission")
        (work / "settings.json").write_text(json.dumps({
            "rpc-enabled": True, "rpc-port": 9091, "rpc-bind-address": "127.0.0.1", "rpc-authentication-required": False,
            "rpc-whitelist-enabled": False, "peer-port": 51413, "bind-address-ipv4": self.bob.ipv4,
            "port-forwarding-enabled": False, "dht-enabled": False, "lpd-enabled": True, "pex-enabled": False,
            "utp-enabled": False, "encryption": 0, "download-dir": str(self.dir("to")), "umask": 18,
            "rename-partial-files": False, "preallocation": 0,
        }))
        log = open(work / "log", "wb")
        self.addCleanup(log.close)
        self.bob.popen(daemon, "--foreground", "--config-dir", work, stdout=log, stderr=log,
                       env={"HOME": str(work), "PATH": os.environ["PATH"]})
        added = eventually(lambda: "success" in self.bob.run(remote, "9091", "-a", magnet, check=False), 20, every=0.3)
        self.assertTrue(added, (work / "log").read_text())
        # It asks every 4 to 38 s, and waits before it connects.
        done = eventually(lambda: "Percent Done: 100%" in self.bob.run(remote, "9091", "-t", "1", "-i"), 90, every=0.5)
        self.assertTrue(done, self.bob.run(remote, "9091", "-t", "1", "-i"))
        self.assertTrue(eventually(lambda: "Seeding" in self.bob.run(remote, "9091", "-t", "1", "-i")
                                   or "Idle" in self.bob.run(remote, "9091", "-t", "1", "-i"), 10))
        # Transmission makes no empty files.
        self.assert_same(self.folder / "of-anna/Tree", self.folder / "to/Tree", executable=False, empty=False)

    def test_we_find_a_libtorrent_seeder(self):
        lt.need_libtorrent()
        make_file(self.folder / "seed/movie.bin", 700_000)
        info = lt.create(self.folder / "seed/movie.bin", self.folder / "movie.torrent", "v1")
        partner = self.libtorrent("seed", self.folder / "movie.torrent", self.folder / "seed")
        self.assertEqual(partner.stdout.readline().strip(), "seeding")
        self.anna.up()
        self.anna.command("get", f"magnet:?xt=urn:btih:{info.info_hash()}", "--to", self.dir("to"), timeout=60)
        self.assert_same(self.folder / "seed/movie.bin", self.folder / "to/movie.bin")


LIBTORRENT = """
import sys, time
import libtorrent as lt
address, what, source, folder = sys.argv[1:]
session = lt.session({"listen_interfaces": address + ":6999", "enable_lsd": True, "enable_dht": False, "enable_upnp": False,
                      "enable_natpmp": False, "enable_incoming_utp": False, "enable_outgoing_utp": False, "alert_mask": 0})
if what == "get":
    params = lt.parse_magnet_uri(source)
else:
    params = lt.add_torrent_params()
    params.ti = lt.torrent_info(source)
params.save_path = folder
handle = session.add_torrent(params)
while not handle.status().is_seeding:
    if handle.status().errc.value() == 217:  # INCONSISTENT_HASHES of support/lt.py
        session.remove_torrent(handle, lt.session.delete_files)
        time.sleep(0.5)
        handle = session.add_torrent(params)
    time.sleep(0.05)
if what == "seed":
    print("seeding", flush=True)
    time.sleep(1000)
handle.flush_cache()
time.sleep(0.5)
"""
