"""Headless Chromium, driven over a pipe (Chrome DevTools Protocol); needs nothing but the browser."""

import base64
import fcntl
import json
import os
import select
import subprocess
import time

from .case import need_program
from .duplex import die_with_parent


class Browser:
    def __init__(self, case):
        program = need_program("chromium")
        profile = case.dir("chromium")
        to_child, from_child = [tuple(fcntl.fcntl(end, fcntl.F_DUPFD, 20) for end in os.pipe()) for _ in range(2)]

        def child():
            die_with_parent()
            os.dup2(to_child[0], 3)
            os.dup2(from_child[1], 4)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage",
             "--remote-debugging-pipe", f"--user-data-dir={profile}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            pass_fds=(3, 4), preexec_fn=child, env=dict(os.environ, HOME=str(profile)))
        os.close(to_child[0])
        os.close(from_child[1])
        self._out, self._in = to_child[1], from_child[0]
        case.addCleanup(self.close)
        self._number, self._rest, self.messages = 0, b"", []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = None
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(domain + ".enable")

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self._out)
        os.close(self._in)

    def call(self, method, **parameters):
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if getattr(self, "session", None):
            message["sessionId"] = self.session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        answer = self._read(lambda m: m.get("id") == self._number)
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']}")
        return answer["result"]

    def _read(self, wanted, timeout=30):
        deadline = time.monotonic() + timeout
        while True:
            while b"\0" in self._rest:
                raw, self._rest = self._rest.split(b"\0", 1)
                message = json.loads(raw)
                if "method" in message:
                    self.messages.append(message)
                if wanted(message):
                    return message
            if not select.select([self._in], [], [], max(0, deadline - time.monotonic()))[0]:
                raise AssertionError("the browser did not answer")
            part = os.read(self._in, 1 << 20)
            if not part:
                raise AssertionError("the browser ended")
            self._rest += part

    def open(self, url):
        self.call("Page.navigate", url=url)
        self.wait("document.readyState === 'complete'")

    def run(self, script):
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait(self, script, timeout=20):
        """Until the expression is true; its value."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                value = self.run(script)
            except AssertionError:
                # Between two pages there is nothing that could be looked at.
                if time.monotonic() > deadline:
                    raise
                value = None
            if value:
                return value
            if time.monotonic() > deadline:
                raise AssertionError(f"not in {timeout} s: {script}\n{self.run('document.body.innerText')}")
            time.sleep(0.05)

    def size(self, width, height=900, dark=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500)
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def picture(self, path):
        data = self.call("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as out:
            out.write(base64.b64decode(data))

    @property
    def complaints(self):
        """Errors on the console and exceptions nobody caught."""
        return [
            message["params"] for message in self.messages
            if message["method"] == "Runtime.exceptionThrown"
            or message["method"] == "Log.entryAdded" and message["params"]["entry"]["level"] == "error"
            or message["method"] == "Runtime.consoleAPICalled" and message["params"]["type"] == "error"]
