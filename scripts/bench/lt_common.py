"""A libtorrent session for the benchmarks: its defaults, but encryption, uTP and everything that looks for peers off.
Runs with Debian's 2.0.8 and with 2.1.1 from PyPI."""

import time

import libtorrent as lt


def session(listen="127.0.0.1:0"):
    host = lt.session({
        "listen_interfaces": listen,
        "enable_dht": False, "enable_lsd": False, "enable_upnp": False, "enable_natpmp": False,
        "enable_incoming_utp": False, "enable_outgoing_utp": False,
        "in_enc_policy": 2, "out_enc_policy": 2,
        "allow_multiple_connections_per_ip": True,
        "alert_mask": lt.alert.category_t.status_notification | lt.alert.category_t.storage_notification
        | lt.alert.category_t.error_notification,
    })
    while not host.listen_port():
        time.sleep(0.005)
    return host


def add(host, torrent, folder):
    params = lt.load_torrent_file(torrent) if hasattr(lt, "load_torrent_file") else lt.add_torrent_params()
    if not hasattr(lt, "load_torrent_file"):
        params.ti = lt.torrent_info(torrent)
    params.save_path = folder
    params.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
    return host.add_torrent(params)


def wait_seeding(host, handle, interval=50):
    """Until everything is there and checked. An alert says so; without one it looks every `interval` milliseconds."""
    while True:
        host.wait_for_alert(interval)
        for alert in host.pop_alerts():
            if isinstance(alert, (lt.torrent_error_alert, lt.file_error_alert)):
                raise SystemExit(f"libtorrent: {alert.message()}")
        if handle.status().is_seeding:
            return
