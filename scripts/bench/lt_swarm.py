"""lt_swarm.py seed|get TORRENT FOLDER HOST:PORT [PEER…]: a libtorrent host of a swarm.

`seed` prints `ready` when it has checked its data. `get` prints it at once, waits for a line, then fetches, prints `done`
when everything is verified and written, and serves on. When standard input ends, both print the payload bytes they sent.
"""

import os
import sys

import lt_common

lt = lt_common.lt
role, torrent, folder, listen = sys.argv[1:5]
peers = [(host, int(port)) for host, port in (text.rsplit(":", 1) for text in sys.argv[5:])]
host = lt_common.session(listen)
if role == "seed":
    handle = lt_common.add(host, torrent, folder)
    lt_common.wait_seeding(host, handle)
    print("ready", flush=True)
else:
    print("ready", flush=True)
    sys.stdin.readline()
    handle = lt_common.add(host, torrent, folder)
    for peer in peers:
        handle.connect_peer(peer)
    lt_common.wait_seeding(host, handle, 1000)
    handle.flush_cache()
    while not any(isinstance(alert, lt.cache_flushed_alert) for alert in host.pop_alerts()):
        host.wait_for_alert(1000)
    print("done", flush=True)
sys.stdin.read()
print(f"uploaded {handle.status().total_payload_upload}", flush=True)
os._exit(0)
