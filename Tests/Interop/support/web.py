"""A running host with pages, and what a browser would say to it, byte by byte where curl is too polite."""

import os
import socket
import subprocess
import urllib.parse

from .case import eventually


class WebHost:
    """`duplex up` with pages on 127.0.0.1."""

    def __init__(self, case, *args, name="anna"):
        self.case = case
        self.home = case.home()
        self.program = case.run_duplex(
            "up", "--name", name, "--listen", "127.0.0.1:0", "--web", "127.0.0.1:0", "--discovery", "off",
            *args, home=self.home)
        self.ready = self.program.wait("ready")
        self.root = self.ready["web"][0]
        self.port = int(self.root.rsplit(":", 1)[1])

    def share(self, path, *args, public=True):
        """Its name, once it is offered."""
        program = self.case.run_duplex(
            "share", path, *(["--public"] if public else []), *args, home=self.home)
        name = program.wait("sharing", timeout=60)["name"]
        if program.alive:
            program.finish(20)
        if public and not eventually(lambda: self.status("/s/" + quote(name)) in (200, 308), timeout=20):
            self.case.fail(f"{name} is not served")
        return name

    def url(self, *names, folder=False):
        return self.root + "/" + "/".join(map(quote, names)) + ("/" if folder else "")

    def status(self, path):
        return int(curl("-o", os.devnull, "-w", "%{http_code}", self.root + path)[1] or 0)

    def raw(self, request, timeout=5, more=None):
        """The bytes of the answer to these bytes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as connection:
            try:
                connection.sendall(request)
                answer = b""
                while part := connection.recv(65536):
                    answer += part
            except (ConnectionError, TimeoutError):
                pass
            return answer


def quote(name):
    return urllib.parse.quote(name, safe="")


def curl(*args, timeout=60):
    """(exit status, standard output as text)."""
    status, output = curl_bytes(*args, timeout=timeout)
    return status, output.decode("utf-8", "replace")


def curl_bytes(*args, timeout=60):
    answer = subprocess.run(
        ["curl", "-sS", "--path-as-is", *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        timeout=timeout)
    return answer.returncode, answer.stdout


def headers(*args):
    """(status, [(name in lower case, value)])."""
    _, text = curl("-o", os.devnull, "-D", "-", *args)
    # `100 Continue` and the like stand before it.
    lines = text.strip().replace("\r\n", "\n").split("\n\n")[-1].splitlines()
    fields = [line.split(":", 1) for line in lines[1:] if ":" in line]
    return int(lines[0].split()[1]), [(name.lower(), value.strip()) for name, value in fields]


def field(fields, name):
    values = [value for key, value in fields if key == name]
    return values[0] if values else None
