"""The metrics: Prometheus' own checker, who may read them, and that the status says the same."""

import json
import os
import subprocess

from support import contents
from support.case import InteropCase, eventually, need_program
from support.duplex import die_with_parent
from support.nginx import Nginx
from support.web import WebHost, curl, curl_bytes, headers


class Metrics(InteropCase):
    def test_promtool_finds_nothing(self):
        program = need_program("promtool")
        host = WebHost(self)
        host.share(contents.make_file(self.dir("source") / "a.bin", 1000))
        for _ in range(2):
            text = curl(host.root + "/metrics")[1]
        checked = subprocess.run([program, "check", "metrics"], input=text, capture_output=True, text=True, timeout=60)
        self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, ""), text)
        self.assertIn('duplex_http_responses_total{code="200"} ', text)
        self.assertIn("duplex_shares 1\n", text)
        # The same numbers, as the status command has them.
        status = self.run_duplex("status", home=host.home)
        self.assertEqual(status.finish(20), 0, status.describe())
        figures = {(figure["name"], tuple(label["value"] for label in figure["labels"])): figure["value"]
                   for figure in status.events[0]["figures"]}
        self.assertEqual(figures["duplex_shares", ()], 1)
        names = {line.split(" ")[2] for line in text.splitlines() if line.startswith("# TYPE")}
        self.assertEqual({name for name, _ in figures}, names)

    def test_the_owner_may_keep_them(self):
        host = WebHost(self, "--owner", "127.0.0.1:0", "--metrics", "owner")
        self.assertEqual(host.status("/metrics"), 404)
        owner = host.ready["owner"]
        self.assertEqual(headers(owner + "/metrics")[0], 401)
        opened = self.run_duplex("open", "--print", home=host.home)
        self.assertEqual(opened.finish(20), 0)
        token = opened.events[0]["url"].split("token=")[1]
        bearer = ("-H", f"Authorization: Bearer {token}")
        self.assertEqual(headers(*bearer, "-H", "Host: evil.example", owner + "/metrics")[0], 403)
        self.assertIn("\nduplex_shares 0\n", curl(*bearer, owner + "/metrics")[1])
        self.assertEqual(json.loads(curl(*bearer, owner + "/api/settings")[1])["metrics"], "owner")

    def test_nobody_may_read_them(self):
        host = WebHost(self, "--owner", "127.0.0.1:0", "--metrics", "off")
        self.assertEqual(host.status("/metrics"), 404)
        self.assertEqual(headers(host.ready["owner"] + "/metrics")[0], 404)
        shown = self.run_duplex("up", "--metrics", "owner", "--print-settings", home=host.home)
        self.assertEqual(shown.finish(20), 0)
        row = next(row for row in shown.events if row["name"] == "metrics")
        self.assertEqual((row["value"], row["default"], row["variable"]), ("owner", "web", "DUPLEX_METRICS"))
        wrong = self.run_duplex("up", "--metrics", "some", home=host.home, json_output=False)
        self.assertEqual(wrong.finish(20), 64)
        self.assertIn("neither web, owner nor off", " ".join(wrong.errors))


class Visitors(InteropCase):
    """Who uses the pages is seen as who uses the swarm is, and counted once."""

    def setUp(self):
        need_program("curl")
        super().setUp()
        self.host = WebHost(self)

    def status(self):
        status = self.run_duplex("status", home=self.host.home)
        self.assertEqual(status.finish(20), 0, status.describe())
        return status.events[0]

    def lines(self):
        status = self.run_duplex("status", home=self.host.home, json_output=False)
        self.assertEqual(status.finish(20), 0, status.describe())
        return status.output

    def quiet(self):
        """The status once nothing is under way, which is when all has been counted."""
        return eventually(lambda: (now := self.status())["web"]["transfers"] == 0 and now, every=0.2)

    def settled(self, before, sent=0, received=0):
        """The status once so much more has been counted, which is when the last part has left; never more than that."""
        def check():
            now = self.status()
            web = now["web"]
            return now if (web["uploaded"], web["downloaded"], web["transfers"]) == (
                before["web"]["uploaded"] + sent, before["web"]["downloaded"] + received, 0) else None
        now = eventually(check, timeout=20, every=0.2)
        self.assertIsNotNone(now, self.status()["web"])
        self.assertEqual(now["server"]["bytes"], before["server"]["bytes"] + sent + received)
        self.assertEqual(now["client"]["bytes"], before["client"]["bytes"])
        return now

    def test_downloads_are_counted_to_the_byte(self):
        size = 5_000_011
        tree = contents.make_tree(self.dir("source") / "tree")
        one = self.host.url("s", self.host.share(contents.make_file(self.dir("source") / "a.bin", size)))
        folder = self.host.share(tree)
        before = self.quiet()
        self.assertEqual(len(curl_bytes(one)[1]), size)
        now = self.settled(before, sent=size)
        self.assertEqual(now["roles"], ["server"])
        self.assertEqual([visitor["address"] for visitor in now["web"]["partners"]], ["127.0.0.1"])
        # Parts, other versions of HTTP, nothing but the head, a ZIP, somebody else.
        self.assertEqual(len(curl_bytes("-r", "10-1000009", one)[1]), 1_000_000)
        now = self.settled(now, sent=1_000_000)
        self.assertEqual(len(curl_bytes("--http2-prior-knowledge", one)[1]), size)
        now = self.settled(now, sent=size)
        curl_bytes("-I", one)
        curl_bytes(self.host.root + "/healthz")
        curl_bytes(self.host.root + "/metrics")
        curl_bytes(self.host.root + "/nothing")
        now = self.settled(now)
        archive = curl_bytes("--interface", "127.0.0.2", self.host.url("-", "zip", folder + ".zip"))[1]
        self.assertEqual(archive[:2], b"PK")
        now = self.settled(now, sent=len(archive))
        visitors = {visitor["address"]: visitor["uploaded"] for visitor in now["web"]["partners"]}
        self.assertEqual(visitors["127.0.0.2"], len(archive))
        self.assertEqual(now["server"]["partners"], 2)
        figures = {(figure["name"], *(label["value"] for label in figure["labels"])): figure["value"]
                   for figure in now["figures"]}
        self.assertEqual(figures["duplex_http_payload_bytes_total", "sent"], now["web"]["uploaded"])
        self.assertEqual(figures["duplex_payload_bytes_total", "server"], now["web"]["uploaded"])
        lines = self.lines()
        self.assertTrue(any("of it by HTTP: " in line and line.endswith(" sent, 0 B received, 2 visitors")
                            for line in lines), lines)
        self.assertTrue(any(line.startswith("http") and "127.0.0.2" in line for line in lines), lines)

    def test_a_download_is_seen_while_it_goes_on(self):
        size = 20_000_000
        one = self.host.url("s", self.host.share(contents.make_file(self.dir("source") / "a.bin", size)))
        before = self.quiet()
        self.assertEqual(before["server"]["transfers"], 0)
        process = subprocess.Popen(
            ["curl", "-s", "--limit-rate", "1M", "-o", os.devnull, one], preexec_fn=die_with_parent)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        seen = []

        def is_live():
            seen.append(self.status())
            now = seen[-1]
            return (now["server"]["transfers"] == 1 and now["server"]["rate"] > 0 and now["web"]["up"] > 0
                    and "server" in now["roles"])
        self.assertTrue(eventually(is_live, every=0.2), seen[-1:])
        self.assertEqual(process.wait(60), 0)
        self.settled(before, sent=size)
        self.assertTrue(eventually(lambda: self.status()["server"]["rate"] == 0, every=0.5))

    def test_uploads_are_counted_too(self):
        program = self.run_duplex("share", self.dir("box"), "--inbox", home=self.host.home)
        url = program.wait("sharing", timeout=60)["inbox"]
        self.assertEqual(program.finish(20), 0)
        before = self.quiet()
        source = contents.make_file(self.dir("source") / "a.bin", 3_000_017)
        self.assertEqual(headers("-H", "Expect:", "-T", source, url)[0], 201)
        now = self.settled(before, received=3_000_017)
        self.assertEqual(now["roles"], ["server"])
        self.assertEqual(now["web"]["partners"][0]["downloaded"], 3_000_017)
        self.assertTrue(any("as a server: " in line and " sent and received, 1 host" in line for line in self.lines()))

    def test_what_a_command_fetches_from_a_web_server_is_seen(self):
        size = 8_000_003
        contents.make_file(self.dir("root") / "a.bin", size)
        nginx = Nginx(self, self.folder / "root", "limit_rate 500k;")
        server = f"127.0.0.1:{nginx.port}"
        command = self.run_duplex("get", nginx.url("a.bin"), "--to", self.dir("to"), home=self.host.home)

        def is_live():
            now = self.status()
            partners = [(partner["address"], partner["downloaded"] > 0) for partner in now["downloads"]["partners"]]
            return (partners == [(server, True)] and now["client"]["transfers"] == 1 and now["client"]["rate"] > 0
                    and now["roles"] == ["client"])
        self.assertTrue(eventually(is_live, every=0.2), self.status())
        command.wait("done", timeout=60)
        self.assertEqual(command.finish(20), 0, command.describe())
        now = self.status()
        self.assertEqual((now["client"]["bytes"], now["client"]["transfers"], now["client"]["partners"]), (size, 0, 1))
        self.assertEqual(now["server"]["bytes"], 0)
        self.assertTrue(any(line.startswith("http") and server in line and "web server" in line for line in self.lines()))
