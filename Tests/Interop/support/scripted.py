"""A web server that misbehaves as a test wants it."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Scripted:
    """A web server that does what `answer(handler)` does; `seen` has (method, path, Range)."""

    def __init__(self, case, answer):
        self.seen = []
        seen = self.seen

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                seen.append((self.command, self.path, self.headers.get("Range")))
                try:
                    answer(self)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            do_GET = do_HEAD = handle_any

            def log_message(self, *_):
                pass

            def send(self, status, body=b"", length=None, **fields):
                self.send_response(status)
                for name, value in fields.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(body) if length is None else length))
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(body)

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_):
                pass  # clients that are sent nonsense go

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        case.addCleanup(self.server.server_close)
        case.addCleanup(self.server.shutdown)

    def url(self, path):
        return f"http://127.0.0.1:{self.server.server_port}/{path}"
