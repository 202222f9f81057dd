"""Clients that are as slow as they can be: slowhttptest, for a while, beside others that want to be served."""

import re
import socket
import subprocess
import threading
import time

from support import contents
from support.case import InteropCase, need_program
from support.web import WebHost, curl_bytes

SECONDS = 12
CONNECTIONS = 400


def resident(program):
    """KiB."""
    with open(f"/proc/{program.process.pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1])


class SlowClients(InteropCase):
    def attack(self, *way):
        program = need_program("slowhttptest")
        host = WebHost(self)
        file = contents.make_file(self.dir("source") / "file.bin", 4 << 20)
        url = host.url("s", host.share(file))
        curl_bytes(url)
        before = resident(host.program)
        most, longest, done = before, 0.0, threading.Event()

        def watch():
            nonlocal most
            while not done.wait(0.2):
                most = max(most, resident(host.program))

        watcher = threading.Thread(target=watch)
        watcher.start()
        attacker = subprocess.Popen(
            [program, "-c", str(CONNECTIONS), "-r", "200", "-l", str(SECONDS), "-p", "3", *way, "-u", url],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(lambda: attacker.poll() is None and attacker.kill())
        try:
            end = time.monotonic() + SECONDS - 2
            while time.monotonic() < end:
                began = time.monotonic()
                self.assertEqual(curl_bytes("-m", "8", url), (0, file.read_bytes()))
                longest = max(longest, time.monotonic() - began)
                time.sleep(0.3)
            attacker.wait(60)
        finally:
            done.set()
            watcher.join()
        self.assertTrue(host.program.alive)
        self.assertLess(most - before, 64 << 10)
        self.assertEqual(curl_bytes(url), (0, file.read_bytes()))
        # What was held is given back.
        time.sleep(1)
        self.assertLess(resident(host.program) - before, 48 << 10)

    def test_heads_that_never_end(self):
        self.attack("-H", "-i", "3", "-t", "GET", "-x", "24")

    def test_bodies_that_never_end(self):
        self.attack("-B", "-i", "3", "-t", "POST", "-s", "8192", "-x", "10")

    def test_answers_that_are_hardly_read(self):
        self.attack("-X", "-w", "64", "-y", "256", "-n", "3", "-z", "16", "-k", "3")

    def test_ranges_that_overlap(self):
        self.attack("-R", "-a", "5", "-b", "3000", "-t", "HEAD")

    def test_little_waits_in_the_system(self):
        """Megabytes for each client that reads nothing would be all the memory that the computer has for TCP."""
        program = need_program("ss")
        host = WebHost(self)
        url = host.url("s", host.share(contents.make_file(self.dir("source") / "file.bin", 32 << 20)))
        curl_bytes(url)
        address, path = url.removeprefix("http://").split("/", 1)
        port = int(address.rsplit(":", 1)[1])
        for _ in range(20):
            client = socket.socket()
            self.addCleanup(client.close)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", port))
            client.sendall(f"GET /{path} HTTP/1.1\r\nHost: {address}\r\n\r\n".encode())
            client.recv(12, socket.MSG_PEEK | socket.MSG_WAITALL)
        # More would have come by now.
        time.sleep(2)
        found = subprocess.run(
            [program, "-tmnO", "state", "established", f"sport = :{port}"], capture_output=True, text=True, check=True)
        waiting = [int(queued) for queued in re.findall(r"skmem:\([^)]*?,w(\d+),", found.stdout)]
        self.assertEqual(len(waiting), 20, found.stdout)
        self.assertLess(max(waiting), 512 << 10)
