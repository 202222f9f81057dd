"""lt_seed.py TORRENT FOLDER: checks the data, prints its address, serves until standard input ends."""

import os
import sys

import lt_common

host = lt_common.session()
handle = lt_common.add(host, sys.argv[1], sys.argv[2])
lt_common.wait_seeding(host, handle)
print(f"127.0.0.1:{host.listen_port()}", flush=True)
sys.stdin.read()
os._exit(0)
