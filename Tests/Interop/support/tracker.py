"""A small HTTP tracker (BEP 3, 23) for partners that can be told of a peer in no other way."""

import http.server
import threading
import urllib.parse

from . import bencode


class Tracker:
    """Answers every announce with the peers it was given, and remembers who announced."""

    def __init__(self, case, peers=()):
        self.peers = list(peers)
        self.announces = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query, encoding="latin-1")
                outer.announces.append({key: values[0] for key, values in query.items()})
                compact = b"".join(
                    bytes(map(int, host.split("."))) + int(port).to_bytes(2, "big")
                    for host, port in (peer.rsplit(":", 1) for peer in outer.peers)
                )
                body = bencode.encode({"interval": 2, "min interval": 1, "complete": 1, "incomplete": 1, "peers": compact})
                self.send_response(200)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except ConnectionError:
                    pass  # a partner that was told to stop does not wait for its answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/announce"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        case.addCleanup(self.server.server_close)
        case.addCleanup(self.server.shutdown)
