"""The control API over its Unix-domain socket."""

import http.client
import json
import socket


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout=30):
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def request(path, method, target, body=None, timeout=30):
    """(status, what the JSON says; None without a body)."""
    connection = UnixConnection(path, timeout)
    try:
        content = None if body is None else json.dumps(body).encode()
        connection.request(method, target, content, {"content-type": "application/json"} if content else {})
        answer = connection.getresponse()
        data = answer.read()
        return answer.status, json.loads(data) if data else None
    finally:
        connection.close()
