"""A TCP relay with a rate limit that counts what the far side sent: a slow link on loopback."""

import socket
import struct
import threading
import time


class SlowLink:
    def __init__(self, case, target, rate, upward=False):
        """`rate` is in bytes a second, from `target` ("HOST:PORT") to whoever connects, or `upward`; the other way is
        not limited."""
        self.upward, self.is_down = upward, False
        host, port = target.rsplit(":", 1)
        self.target, self.rate = (host.strip("[]"), int(port)), rate
        self.carried = 0
        self._lock = threading.Lock()
        self._ready_at = time.monotonic()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self._open = []
        case.addCleanup(self.close)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
                if self.is_down:
                    near.close()
                    continue
                # What lies in the link's own buffers when a side is killed must stay small against a piece.
                near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 32768)
                far = socket.socket()
                far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32768)
                far.connect(self.target)
            except OSError:
                return
            self._open += [near, far]
            threading.Thread(target=self._pump, args=(far, near, not self.upward), daemon=True).start()
            threading.Thread(target=self._pump, args=(near, far, self.upward), daemon=True).start()

    def _pump(self, source, sink, limited):
        try:
            while data := source.recv(16384):
                if limited:
                    with self._lock:
                        now = time.monotonic()
                        self._ready_at = max(self._ready_at, now - 0.02) + len(data) / self.rate
                        pause = self._ready_at - now
                    if pause > 0:
                        time.sleep(pause)
                sink.sendall(data)
                if limited:
                    with self._lock:
                        self.carried += len(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        """All connections are lost, and there are no new ones until `is_down` is false."""
        self.is_down = True
        for end in self._open:
            try:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RDWR)
                end.close()
            except OSError:
                pass
        self._open = []

    def close(self):
        for end in [self.listener, *self._open]:
            try:
                end.close()
            except OSError:
                pass
