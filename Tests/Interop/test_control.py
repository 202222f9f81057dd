"""The control API held to its own OpenAPI document; settings and signals of `duplex up`."""

import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import unittest
from pathlib import Path

from support.case import MISSING_PROGRAM, InteropCase, eventually
from support.contents import make_file, make_tree
from support.control import UnixConnection, request
from support.duplex import ROOT, Duplex, die_with_parent

try:
    import jsonschema
except ImportError:
    jsonschema = None


def schemathesis():
    """scripts/setup puts it into an environment of its own."""
    own = ROOT / ".build/test-python/bin/schemathesis"
    found = str(own) if own.exists() else shutil.which("schemathesis")
    if not found:
        raise unittest.SkipTest(f"{MISSING_PROGRAM}schemathesis")
    return found


class Bridge:
    """TCP on loopback to the control socket, for programs that cannot use such sockets."""

    def __init__(self, case, path):
        self.path, self.listener = path, socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        case.addCleanup(self.listener.close)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.path)
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=self._copy, args=(source, target), daemon=True).start()

    @staticmethod
    def _copy(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class ControlAPI(InteropCase):
    def up(self, *args, home=None):
        program = self.run_duplex("up", "--listen", "127.0.0.1:0", "--discovery", "off", *args, home=home)
        return program, program.wait("ready")["control"]

    def populated(self, *args, home=None):
        """Two hosts that know each other, one with shares, the other with a transfer."""
        server, one = self.up("--name", "server", *args, home=home)
        make_tree(self.folder / "Tree")
        make_file(self.folder / "plain.bin", 100_000)
        for path, scope in (("Tree", "public"), ("plain.bin", "link")):
            self.assertEqual(request(one, "POST", "/shares", {"path": str(self.folder / path), "scope": scope})[0], 201)
        place = server.of("ready")[0]["listen"][0]
        client, two = self.up("--name", "client", "--host", place)
        self.assertTrue(eventually(lambda: request(one, "GET", "/shares/Tree")[1]["state"] == "offered", 20))
        self.assertTrue(eventually(lambda: any(h["shares"] for h in request(two, "GET", "/hosts")[1]["rows"]), 20))
        order = {"to": str(self.dir("to")), "host": "server", "share": "Tree"}
        self.assertEqual(request(two, "POST", "/transfers", order)[0], 201)
        return server, one, client, two

    def test_every_answer_fits_the_document(self):
        if jsonschema is None:
            self.skipTest(f"{MISSING_PROGRAM}python3-jsonschema")
        _, one, client, two = self.populated()
        client.wait("done")
        document = request(one, "GET", "/openapi.json")[1]
        self.assertTrue(document["openapi"].startswith("3.1"))
        checked = set()
        for path in (one, two):
            names = {"/shares/{name}": "/shares/Tree", "/transfers/{id}": "/transfers/1",
                     "/hosts/{name}/entries": "/hosts/server/entries"}
            for template, operations in document["paths"].items():
                if "get" not in operations or template == "/events":
                    continue
                # (The one does not know the other, and waits for it for five seconds.)
                queries = ["", "?share=Tree", "?share=Tree&path=deep/er", "?share=no"]
                for query in queries if "entries" in template and path == two else [""]:
                    status, body = request(path, "GET", names.get(template, template) + query)
                    answers = operations["get"]["responses"]
                    self.assertIn(str(status), answers, f"{template}{query}: {body}")
                    schema = answers[str(status)].get("content", {}).get("application/json", {}).get("schema")
                    if schema:
                        jsonschema.validate(body, {**schema, "components": document["components"]})
                        checked.add((template, status))
        self.assertGreater(len(checked), 8, checked)

    def test_schemathesis(self):
        program = schemathesis()
        server, one, client, two = self.populated()
        client.wait("done")
        bridge = Bridge(self, one)
        report = subprocess.run(
            [program, "run", f"{bridge.url}/openapi.json", "--url", bridge.url, "--max-examples",
             os.environ.get("DUPLEX_EXAMPLES", "6"), "--exclude-path", "/events", "--request-timeout", "10", "--seed", "1",
             "--phases", "examples,coverage,fuzzing", "--checks",
             "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
             "--generation-deterministic", "--no-color"],
            capture_output=True, text=True, timeout=300, cwd=self.dir("schemathesis"), preexec_fn=die_with_parent)
        self.assertEqual(report.returncode, 0, report.stdout[-6000:] + report.stderr[-2000:])
        # Everything but the stream of events, which does not end, and the document, which schemathesis reads and leaves out.
        paths = request(one, "GET", "/openapi.json")[1]["paths"]
        operations = sum(len(methods) for path, methods in paths.items() if path not in ("/events", "/openapi.json"))
        self.assertIn(f"Tested: {operations}\n", report.stdout)
        self.assertTrue(server.alive)
        self.assertEqual(request(one, "GET", "/status")[0], 200)

    def test_schemathesis_by_the_owners_page(self):
        program = schemathesis()
        home = self.home()
        server, one, client, two = self.populated("--owner", "127.0.0.1:0", home=home)
        client.wait("done")
        opened = self.run_duplex("open", "--print", home=home)
        self.assertEqual(opened.finish(20), 0, opened.describe())
        root, token = opened.events[0]["url"].split("/?token=")
        header = ["--header", f"Authorization: Bearer {token}"]
        report = subprocess.run(
            [program, "run", f"{root}/api/openapi.json", "--url", f"{root}/api", *header, "--max-examples",
             os.environ.get("DUPLEX_EXAMPLES", "4"), "--exclude-path", "/events", "--request-timeout", "10", "--seed", "2",
             "--phases", "examples,coverage,fuzzing", "--checks",
             "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
             "--generation-deterministic", "--no-color"],
            capture_output=True, text=True, timeout=300, cwd=self.dir("schemathesis"), preexec_fn=die_with_parent)
        self.assertEqual(report.returncode, 0, report.stdout[-6000:] + report.stderr[-2000:])
        self.assertTrue(server.alive)
        self.assertEqual(request(one, "GET", "/status")[0], 200)

    def test_the_stream_of_events(self):
        _, one, *_ = self.populated()
        connection = UnixConnection(one, 10)
        self.addCleanup(connection.close)
        connection.request("GET", "/events")
        answer = connection.getresponse()
        self.assertEqual((answer.status, answer.getheader("content-type").split(";")[0]), (200, "text/event-stream"))
        names = set()
        make_file(self.folder / "new.bin", 1000)
        request(one, "POST", "/shares", {"path": str(self.folder / "new.bin")})
        while not {"share", "status"} <= names:
            line = answer.readline().decode().rstrip("\n")
            if line.startswith("event: "):
                names.add(line.removeprefix("event: "))
            if line.startswith("data: "):
                json.loads(line.removeprefix("data: "))


class Settings(InteropCase):
    def printed(self, *args, home, **environment):
        for name, value in environment.items():
            os.environ[name] = value
        try:
            program = self.run_duplex("up", "--print-settings", *args, home=home)
        finally:
            for name in environment:
                del os.environ[name]
        self.assertEqual(program.finish(10), 0, program.describe())
        return {row["name"]: (row["value"], row["origin"]) for row in program.events}

    def test_flags_over_environment_over_file_over_defaults(self):
        home = self.home()
        usual = self.printed(home=home)
        self.assertEqual({origin for _, origin in usual.values()}, {"default"})
        self.assertEqual(usual["discovery"], ("on", "default"))
        (home / "config/duplex").mkdir(parents=True)
        (home / "config/duplex/settings").write_text(
            "# mine\nname = from-file\nlisten = 127.0.0.1:4001\nhost = 10.0.0.1\nhost = 10.0.0.2:99\ndiscovery = off\n")
        rows = self.printed(home=home)
        self.assertEqual(rows["name"], ("from-file", "file"))
        self.assertEqual(rows["host"][0].split(", ")[1], "10.0.0.2:99")
        rows = self.printed(home=home, DUPLEX_NAME="from-environment", DUPLEX_HOST="10.0.0.3,10.0.0.4")
        self.assertEqual(rows["name"], ("from-environment", "environment"))
        self.assertEqual(rows["listen"], ("127.0.0.1:4001", "file"))
        self.assertEqual(len(rows["host"][0].split(", ")), 2)
        rows = self.printed("--name", "from-flag", home=home, DUPLEX_NAME="from-environment")
        self.assertEqual(rows["name"], ("from-flag", "flag"))
        for wrong in (["--discovery", "maybe"], ["--listen", "nonsense"], ["--host", "a b"], ["--name", "a/b"],
                      ["--settings", str(home / "nowhere")]):
            program = self.run_duplex("up", *wrong, home=home)
            # A file that is not there is no wrong setting.
            self.assertEqual(program.finish(10), 1 if wrong[0] == "--settings" else 64, program.describe())
            self.assertTrue(program.errors and program.errors[0].startswith(("duplex: ", "Error: ")), program.errors)

    def test_a_name_that_is_not_known_keeps_no_host_from_starting(self):
        program = self.run_duplex("up", "--name", "anna", "--listen", "127.0.0.1:0", "--discovery", "off",
                                  "--host", "nobody.invalid")
        control = program.wait("ready", timeout=60)["control"]
        # A name server may take its time to say so.
        self.assertTrue(eventually(lambda: any("nobody.invalid" in line for line in program.errors), timeout=60),
                        program.describe())
        troubles = request(control, "GET", "/status")[1]["troubles"]
        self.assertEqual([trouble for trouble in troubles if "nobody.invalid" not in trouble], [])
        self.assertEqual(len(troubles), 1)
        program.process.send_signal(signal.SIGTERM)
        self.assertEqual(program.finish(20), 0)

    def test_signals(self):
        home = self.home()
        settings = self.folder / "settings"
        settings.write_text("name = one\n")
        arguments = ["up", "--listen", "127.0.0.1:0", "--discovery", "off", "--settings", settings]
        program = self.run_duplex(*arguments, home=home)
        control = program.wait("ready")["control"]
        settings.write_text("name = two\nhost = 127.0.0.1:9\n")
        program.process.send_signal(signal.SIGHUP)
        program.wait("reloaded")
        self.assertEqual(request(control, "GET", "/settings")[1]["name"], "two")
        for number in (signal.SIGTERM, signal.SIGINT):
            program.process.send_signal(number)
            self.assertEqual(program.finish(10), 0, program.describe())
            self.assertFalse(Path(control).exists())
            program = self.run_duplex(*arguments, home=home)
            self.assertEqual(program.wait("ready")["name"], "two")
        # Terminated while it starts and while it is busy.
        program.process.send_signal(signal.SIGTERM)
        program.finish(10)
        for delay in range(6):
            program = Duplex(*arguments, home=home)
            self.addCleanup(self._end, program)
            try:
                program.process.wait(0.02 + delay * 0.04)
            except subprocess.TimeoutExpired:
                program.process.send_signal(signal.SIGTERM)
            self.assertIn(program.finish(10), (0, -15), program.describe())

    def test_one_host_a_state_folder(self):
        home = self.home()
        first = self.run_duplex("up", "--listen", "127.0.0.1:0", "--discovery", "off", home=home)
        control = first.wait("ready")["control"]
        second = self.run_duplex("up", "--listen", "127.0.0.1:0", "--discovery", "off", home=home)
        self.assertEqual(second.finish(10), 1)
        self.assertIn("another", " ".join(second.errors))
        self.assertEqual(request(control, "GET", "/status")[0], 200)
        # A command finds the host by its state, and says so where none runs.
        command = self.run_duplex("shares", home=self.home())
        self.assertEqual(command.finish(10), 1)
        self.assertIn("duplex up", " ".join(command.errors))
        first.process.kill()
        first.process.wait()
        third = self.run_duplex("up", "--listen", "127.0.0.1:0", "--discovery", "off", home=home)
        third.wait("ready")
