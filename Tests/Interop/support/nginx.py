"""A real nginx that serves a folder."""

import subprocess

from .case import eventually, need_program
from .duplex import die_with_parent
from .external import free_port


class Nginx:
    """`extra` goes into the location, such as `limit_rate 2m;`."""

    def __init__(self, case, root, extra="", port=None):
        self.program = need_program("nginx")
        self.port = port or free_port()
        self.folder = case.dir(f"nginx-{self.port}")
        (self.folder / "nginx.conf").write_text(
            f"daemon off; master_process off; pid {self.folder}/pid; error_log {self.folder}/error.log;\n"
            "events {}\nhttp { default_type application/octet-stream; access_log "
            f"{self.folder}/access.log;\n"
            + "".join(f"{kind}_temp_path {self.folder}/{kind};\n" for kind in
                      ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
            + f"server {{ listen 127.0.0.1:{self.port}; root {root}; location / {{ {extra} }} }} }}\n")
        case.addCleanup(self.stop)
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [self.program, "-c", str(self.folder / "nginx.conf"), "-p", str(self.folder), "-e",
             str(self.folder / "error.log")], preexec_fn=die_with_parent,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        import socket

        def up():
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
                return True
            except OSError:
                return False
        assert eventually(up, 10), (self.folder / "error.log").read_text()

    def stop(self):
        self.process.kill()
        self.process.wait()

    def url(self, path):
        return f"http://127.0.0.1:{self.port}/{path}"

    @property
    def log(self):
        return (self.folder / "access.log").read_text()
