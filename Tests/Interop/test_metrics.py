"""The metrics: Prometheus' own checker, who may read them, and that the status says the same."""

import json
import subprocess

from support import contents
from support.case import InteropCase, need_program
from support.web import WebHost, curl, headers


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
