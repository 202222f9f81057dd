"""`kill -9` of `duplex up` at random moments: what was acknowledged is there afterwards.

DUPLEX_KILLS=50 is the long version.
"""

import http.client
import os
import random
import threading
import time

from support import contents
from support.case import InteropCase, eventually
from support.control import request

KILLS = int(os.environ.get("DUPLEX_KILLS", "12"))


class Ledger:
    """What the host has acknowledged, and the one order whose answer the kill cut off."""

    def __init__(self):
        self.shares, self.transfers, self.hosts, self.uncertain = {}, {}, set(), None


class Crashes(InteropCase):
    def test_nothing_that_was_acknowledged_is_lost(self):
        chance = random.Random(11)
        home, to = self.home(), self.dir("to")
        sources = [contents.make_file(self.folder / f"files/{number}.bin", 1 + 3_000 * (number % 40), seed=number)
                   for number in range(60)]
        server = self.run_duplex("up", "--listen", "127.0.0.1:0", "--discovery", "off", "--name", "server")
        place = server.wait("ready")
        for number in range(30):
            path = contents.make_file(self.folder / f"served/s{number}.bin", 200_000 + number, seed=1000 + number)
            request(place["control"], "POST", "/shares", {"path": str(path)})
        self.assertTrue(eventually(lambda: all(s["state"] == "offered" for s in self.rows(place, "/shares")), 30))
        magnets = {share["infoHashV2"]: share["magnet"] for share in self.rows(place, "/shares")}

        ledger, starts = Ledger(), []
        for kill in range(KILLS + 1):
            program = self.run_duplex("up", "--listen", "127.0.0.1:0", "--discovery", "off", "--name", "crashing", home=home)
            ready = program.wait("ready", timeout=20)
            starts.append(time.monotonic() - program.started)
            self.compare(ready, ledger, kill, program)
            if kill == KILLS:
                break
            stop = threading.Event()
            worker = threading.Thread(target=self.work, args=(ready, ledger, chance, sources, magnets, to, stop))
            worker.start()
            time.sleep(chance.uniform(0.01, 0.9))
            program.process.kill()
            program.process.wait()
            stop.set()
            worker.join()
        print(f"    {KILLS} kills, {len(ledger.shares)} shares and {len(ledger.transfers)} transfers at the end, "
              f"slowest start {max(starts):.2f} s")
        # And in the end everything is fetched.
        done = eventually(lambda: all(t["phase"] == "complete" for t in self.rows(ready, "/transfers")), 60)
        self.assertTrue(done, self.rows(ready, "/transfers"))
        for hash in ledger.transfers.values():
            name = next(s["name"] for s in self.rows(place, "/shares") if s["infoHashV2"] == hash)
            self.assert_same(self.folder / "served" / name, to / name)
        offered = eventually(lambda: all(s["state"] == "offered" for s in self.rows(ready, "/shares")), 60)
        self.assertTrue(offered, self.rows(ready, "/shares"))

    def rows(self, ready, target):
        return request(ready["control"], "GET", target)[1]["rows"]

    def compare(self, ready, ledger, kill, program):
        """What is there is what was acknowledged, and perhaps the order that was under way."""
        shares = {share["name"]: share["path"] for share in self.rows(ready, "/shares")}
        transfers = {row["id"] for row in self.rows(ready, "/transfers")}
        status = request(ready["control"], "GET", "/status")[1]
        self.assertFalse([line for line in status["troubles"] if "damaged" in line], status["troubles"])
        kind, name, value = ledger.uncertain or (None, None, None)
        expected = dict(ledger.shares)
        if kind in ("share", "unshare") and (name in shares) != (name in expected):
            expected = {**expected, name: value} if kind == "share" else {n: p for n, p in expected.items() if n != name}
        self.assertEqual(shares, expected, f"after kill {kill}, under way: {ledger.uncertain}{program.describe()}")
        ledger.shares = expected
        known = set(ledger.transfers)
        if kind == "fetch":
            for new in transfers - known:
                ledger.transfers[new] = value
        if kind == "end" and name not in transfers:
            ledger.transfers.pop(name, None)
        self.assertEqual(transfers, set(ledger.transfers), f"after kill {kill}, under way: {ledger.uncertain}")
        hosts = set(ledger.hosts)
        for address in hosts:
            # That it can be forgotten shows that it was remembered.
            self.assertEqual(request(ready["control"], "DELETE", f"/hosts/{address}")[0], 204, f"{address} is lost")
            self.assertEqual(request(ready["control"], "POST", "/hosts", {"address": address})[0], 204)
        ledger.uncertain = None

    def work(self, ready, ledger, chance, sources, magnets, to, stop):
        """One order after the other until the host is killed."""
        while not stop.is_set():
            kind = chance.choice(["share", "share", "unshare", "fetch", "fetch", "end", "host"])
            try:
                if kind == "share":
                    path = chance.choice(sources)
                    ledger.uncertain = ("share", path.name, str(path))
                    status, share = request(ready["control"], "POST", "/shares", {"path": str(path), "scope": "public"})
                    if status == 201:
                        ledger.shares[share["name"]] = share["path"]
                elif kind == "unshare" and ledger.shares:
                    name = chance.choice(sorted(ledger.shares))
                    ledger.uncertain = ("unshare", name, None)
                    if request(ready["control"], "DELETE", f"/shares/{name}")[0] == 204:
                        del ledger.shares[name]
                elif kind == "fetch":
                    hash = chance.choice(sorted(magnets))
                    ledger.uncertain = ("fetch", None, hash)
                    order = {"to": str(to), "magnet": magnets[hash]}
                    status, transfer = request(ready["control"], "POST", "/transfers", order)
                    if status == 201:
                        ledger.transfers[transfer["id"]] = hash
                elif kind == "end" and len(ledger.transfers) > 6:
                    name = chance.choice(sorted(ledger.transfers))
                    ledger.uncertain = ("end", name, None)
                    if request(ready["control"], "DELETE", f"/transfers/{name}")[0] == 204:
                        del ledger.transfers[name]
                elif kind == "host":
                    address = f"127.0.0.1:{chance.randrange(1000, 1040)}"
                    ledger.uncertain = ("host", address, None)
                    if request(ready["control"], "POST", "/hosts", {"address": address})[0] == 204:
                        ledger.hosts.add(address)
                ledger.uncertain = None
            except (OSError, ValueError, http.client.HTTPException):
                return
