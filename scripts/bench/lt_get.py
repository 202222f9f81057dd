"""lt_get.py TORRENT FOLDER HOST:PORT: fetches, prints `done` when everything is verified and written."""

import os
import sys

import lt_common

lt = lt_common.lt
host = lt_common.session()
handle = lt_common.add(host, sys.argv[1], sys.argv[2])
address, port = sys.argv[3].rsplit(":", 1)
handle.connect_peer((address, int(port)))
lt_common.wait_seeding(host, handle)
handle.flush_cache()
flushed = False
while not flushed:
    host.wait_for_alert(1000)
    flushed = any(isinstance(alert, lt.cache_flushed_alert) for alert in host.pop_alerts())
print("done", flush=True)
os._exit(0)
