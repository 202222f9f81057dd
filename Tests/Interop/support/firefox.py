"""Headless Firefox, driven by WebDriver BiDi over a WebSocket (RFC 6455) of its own: needs nothing but the browser."""

import base64
import json
import os
import re
import socket
import struct
import subprocess
import time

from .case import eventually, need_program
from .duplex import die_with_parent


class WebSocket:
    def __init__(self, host, port, path):
        self.socket = socket.create_connection((host, port), timeout=30)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((
            f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
        self._rest = b""
        while b"\r\n\r\n" not in self._rest:
            self._rest += self._more()
        head, self._rest = self._rest.split(b"\r\n\r\n", 1)
        assert b" 101 " in head, head

    def _more(self):
        part = self.socket.recv(65536)
        if not part:
            raise AssertionError("the browser ended")
        return part

    def _take(self, count):
        while len(self._rest) < count:
            self._rest += self._more()
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken

    def send(self, text):
        data, mask = text.encode(), os.urandom(4)
        size = struct.pack(">BH", 0x80 | 126, len(data)) if len(data) >= 126 else bytes([0x80 | len(data)])
        if len(data) > 65535:
            size = struct.pack(">BQ", 0x80 | 127, len(data))
        self.socket.sendall(b"\x81" + size + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(data)))

    def receive(self):
        whole = b""
        while True:
            first, length = self._take(2)
            if length == 126:
                length = struct.unpack(">H", self._take(2))[0]
            elif length == 127:
                length = struct.unpack(">Q", self._take(8))[0]
            data = self._take(length)
            if first & 15 in (0, 1):
                whole += data
                if first & 0x80:
                    return whole.decode()


class Firefox:
    def __init__(self, case, downloads):
        program = need_program("firefox-esr")
        profile = case.dir("firefox")
        (profile / "user.js").write_text("".join(
            f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in {
                "browser.download.folderList": 2, "browser.download.dir": str(downloads),
                "browser.download.useDownloadDir": True, "browser.download.always_ask_before_handling_new_types": False,
                "browser.helperApps.neverAsk.saveToDisk": "application/octet-stream,application/zip",
                "datareporting.policy.dataSubmissionEnabled": False, "app.update.enabled": False,
                "browser.shell.checkDefaultBrowser": False, "network.captive-portal-service.enabled": False,
                "network.connectivity-service.enabled": False, "remote.active-protocols": 1,
            }.items()))
        log = open(profile / "log", "wb")
        self.process = subprocess.Popen(
            [program, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=die_with_parent,
            env=dict(os.environ, HOME=str(profile), MOZ_CRASHREPORTER_DISABLE="1"))

        def end():
            self.process.kill()
            self.process.wait()
            log.close()

        case.addCleanup(end)
        place = eventually(
            lambda: re.search(r"BiDi listening on ws://([\d.]+):(\d+)", (profile / "log").read_text("utf-8", "replace")),
            timeout=60)
        if not place:
            raise AssertionError((profile / "log").read_text("utf-8", "replace")[-1500:])
        self._socket = WebSocket(place[1], int(place[2]), "/session")
        self._number, self.complaints = 0, []
        self.call("session.new", capabilities={})
        self.call("session.subscribe", events=["log.entryAdded"])
        self.tab = self.call("browsingContext.getTree")["contexts"][0]["context"]

    def call(self, method, **parameters):
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.receive())
            if message.get("method") == "log.entryAdded" and message["params"]["level"] == "error":
                self.complaints.append(message["params"])
            if message.get("id") == self._number:
                if "error" in message:
                    raise AssertionError(f"{method}: {message['error']}, {message.get('message')}")
                return message["result"]

    def open(self, url):
        self.call("browsingContext.navigate", context=self.tab, url=url, wait="complete")

    def run(self, script):
        answer = self.call(
            "script.evaluate", expression=script, target={"context": self.tab}, awaitPromise=True)
        if answer["type"] != "success":
            raise AssertionError(f"{script}: {answer['exceptionDetails']['text']}")
        return answer["result"].get("value")

    def wait(self, script, timeout=30):
        deadline = time.monotonic() + timeout
        while not (value := self.run(script)):
            if time.monotonic() > deadline:
                raise AssertionError(f"not in {timeout} s: {script}\n{self.run('document.body.innerText')}")
            time.sleep(0.1)
        return value
