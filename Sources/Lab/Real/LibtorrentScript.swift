/// A host that runs libtorrent and speaks as `duplex … --json` does.
///
/// Arguments: torrent, folder with the file or for it, address to listen on, and the peers to fetch from; without any it
/// serves what is there. It ends when its output is read no more.
///
/// (No line begins with the word `import`: what reads this file for Swift's imports would take it for one.)
enum LibtorrentScript {
    static let text = """
        json, sys, time, lt = map(__import__, ("json", "sys", "time", "libtorrent"))

        torrent, folder, listen, *peers = sys.argv[1:]
        session = lt.session({
            "listen_interfaces": listen, "outgoing_interfaces": listen.rsplit(":", 1)[0],
            "enable_dht": False, "enable_lsd": False, "enable_upnp": False, "enable_natpmp": False,
            "enable_incoming_utp": False, "enable_outgoing_utp": False, "in_enc_policy": 2, "out_enc_policy": 2,
            "allow_multiple_connections_per_ip": True, "alert_mask": 0,
        })
        params = lt.add_torrent_params()
        params.ti = lt.torrent_info(torrent)
        params.save_path = folder
        params.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
        if not peers:
            params.flags |= lt.torrent_flags.seed_mode
        handle = session.add_torrent(params)
        for peer in peers:
            host, port = peer.rsplit(":", 1)
            handle.connect_peer((host, int(port)))

        def say(**event):
            print(json.dumps(event), flush=True)

        partners, finished, reported = {}, False, 0.0
        if not peers:
            say(event="sharing")
        while True:
            status = handle.status()
            if status.errc.value():
                say(event="error", message=status.errc.message())
                sys.exit(1)
            for peer in handle.get_peer_info():
                partners[peer.ip] = (peer.total_download, peer.total_upload)
            now = time.monotonic()
            complete = bool(peers) and not finished and status.is_seeding
            if complete or now - reported >= 0.25:
                reported = now
                say(event="progress", done=status.total_wanted_done, total=status.total_wanted, partners=[
                    {"address": "%s:%d" % ip, "downloaded": down, "uploaded": up}
                    for ip, (down, up) in partners.items()])
            if complete:
                finished = True
                handle.flush_cache()
                say(event="done")
            time.sleep(0.02)
        """
}
