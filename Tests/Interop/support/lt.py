"""libtorrent in this process: seeding, fetching and creating."""

import time
import unittest
from pathlib import Path

try:
    import libtorrent
except ImportError:
    libtorrent = None

from . import contents
from .case import MISSING_PROGRAM

HYBRID, V2_ONLY, V1_ONLY = 0, 32, 64  # create_torrent flags; Python has no name for v1_only in 2.0.8
FLAGS = {"hybrid": HYBRID, "v2": V2_ONLY, "v1": V1_ONLY}
# "v1 and v2 hashes do not describe the same data": on a busy machine libtorrent 2.0.8 stops hybrids with it now and then,
# between two of its own as well, when hashes arrive while blocks are written (arvidn/libtorrent#6394).
INCONSISTENT_HASHES = 217


def need_libtorrent():
    if libtorrent is None:
        raise unittest.SkipTest(f"{MISSING_PROGRAM}python3-libtorrent")


def create(path, out, format, piece_length=contents.PIECE, trackers=()):
    """Writes a .torrent made by libtorrent; its torrent_info."""
    lt = libtorrent
    path = Path(path)
    storage = lt.file_storage()
    if format == "v1" and path.is_dir():
        # v1 keeps the order in which files are added, and readdir has none: add them in the order of v2.
        storage.set_name(path.name)
        for relative in contents.tree_order(path):
            file = path / relative
            flag = lt.file_flags_t.flag_executable if file.stat().st_mode & 0o100 else 0
            storage.add_file(str(Path(path.name) / relative), file.stat().st_size, flag)
    else:
        lt.add_files(storage, str(path))
    torrent = lt.create_torrent(storage, piece_length, FLAGS[format])
    for tracker in trackers:
        torrent.add_tracker(tracker)
    lt.set_piece_hashes(torrent, str(path.parent))
    Path(out).write_bytes(lt.bencode(torrent.generate()))
    return lt.torrent_info(str(out))


class Session:
    """A libtorrent host on 127.0.0.1 with everything but the TCP peer wire switched off."""

    def __init__(self, case, listen="127.0.0.1:0"):
        lt = libtorrent
        self.session = lt.session({
            "listen_interfaces": listen,
            "enable_dht": False, "enable_lsd": False, "enable_upnp": False, "enable_natpmp": False,
            "enable_incoming_utp": False, "enable_outgoing_utp": False,
            "in_enc_policy": 2, "out_enc_policy": 2,
            "allow_multiple_connections_per_ip": True,
            "alert_mask": lt.alert.category_t.storage_notification,
        })
        self.handles = []
        self.fetching = {}
        case.addCleanup(self.close)
        deadline = time.monotonic() + 10
        while not self.session.listen_port() and time.monotonic() < deadline:
            time.sleep(0.02)

    @property
    def address(self):
        return f"127.0.0.1:{self.session.listen_port()}"

    def _add(self, params, folder, flags):
        params.save_path = str(folder)
        off = libtorrent.torrent_flags.auto_managed | libtorrent.torrent_flags.paused
        params.flags = (params.flags & ~off) | flags
        handle = self.session.add_torrent(params)
        self.handles.append(handle)
        return handle

    def seed(self, torrent_file, folder, upload_limit=None):
        """Serves complete data that lies in `folder`."""
        params = libtorrent.add_torrent_params()
        params.ti = libtorrent.torrent_info(str(torrent_file))
        handle = self._add(params, folder, libtorrent.torrent_flags.seed_mode)
        if upload_limit:
            handle.set_upload_limit(upload_limit)
        deadline = time.monotonic() + 10
        while not handle.status().is_seeding and time.monotonic() < deadline:
            time.sleep(0.02)
        return handle

    def fetch(self, source, folder, peers=()):
        """Starts fetching a .torrent or a magnet link."""
        if str(source).startswith("magnet:"):
            params = libtorrent.parse_magnet_uri(str(source))
        else:
            params = libtorrent.add_torrent_params()
            params.ti = libtorrent.torrent_info(str(source))
        handle = self._add(params, folder, 0)
        for peer in peers:
            host, port = peer.rsplit(":", 1)
            handle.connect_peer((host.strip("[]"), int(port)))
        self.fetching[handle.info_hash()] = (source, folder, peers)
        return handle

    def _again(self, handle):
        """Fetches anew what failed by libtorrent's own fault."""
        source, folder, peers = self.fetching[handle.info_hash()]
        self.handles.remove(handle)
        self.session.remove_torrent(handle, libtorrent.session.delete_files)
        time.sleep(0.5)  # a torrent that is being removed cannot be added
        return self.fetch(source, folder, peers)

    def wait_complete(self, case, handle, timeout=60):
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            status = handle.status()
            if status.errc.value() == INCONSISTENT_HASHES:
                handle = self._again(handle)
            elif status.errc.value():
                case.fail(f"libtorrent: {status.errc.message()}")
            if status.is_seeding:
                self._flushed(handle)
                return status
            time.sleep(0.05)
        case.fail(f"libtorrent did not finish in {timeout} s: {handle.status().state} "
                  f"{handle.status().total_done}/{handle.status().total_wanted} peers {handle.status().num_peers}")

    def _flushed(self, handle, timeout=20):
        """The last blocks may still be on their way to the disk."""
        self.session.pop_alerts()
        handle.flush_cache()
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if any(isinstance(alert, libtorrent.cache_flushed_alert) for alert in self.session.pop_alerts()):
                return
            time.sleep(0.02)

    def close(self):
        for handle in self.handles:
            if handle.is_valid():
                self.session.remove_torrent(handle)
        self.handles = []
        self.session.pause()
        del self.session
