import PeerWire

extension Tracker {
    mutating func answer(
        _ request: AnnounceRequest, from source: PeerAddress, local: PeerAddress, now: Duration
    ) -> [UInt8] {
        sweep(request.infoHash, now: now)
        guard var torrent = torrents.removeValue(forKey: request.infoHash) else {
            return TrackerFailure.encoded(reason: "this torrent is not tracked here", retry: .never)
        }
        defer { torrents[request.infoHash] = torrent }
        let asker = source.withPort(request.port)
        let before = torrent.swarm.peers.count
        note(request, from: asker, in: &torrent.swarm, now: now)
        peerCount += torrent.swarm.peers.count - before

        let (seeders, leechers) = torrent.counts
        var response = AnnounceResponse(
            interval: configuration.interval, minimumInterval: configuration.minimumInterval, peers: [],
            seederCount: seeders, leecherCount: leechers, externalAddress: source.withPort(0))
        if request.event != .stopped { response.peers = peers(for: request, asker, local, in: &torrent) }
        return response.encoded(isCompact: request.isCompact, omitsPeerIDs: request.omitsPeerIDs)
    }

    /// Takes down what a peer says of itself. One for whom there is no room is answered like any other.
    private func note(
        _ request: AnnounceRequest, from asker: PeerAddress, in swarm: inout TrackedSwarm, now: Duration
    ) {
        guard request.event != .stopped else { return swarm.remove(asker) }
        if request.event == .completed, request.left == 0, swarm.isLeecher(asker) { swarm.completedCount += 1 }
        let hasRoom =
            swarm.peers.count < configuration.maximumPeersOfTorrent && peerCount < configuration.maximumPeers
            && swarm.count(at: asker) < configuration.maximumPeersOfAddress
        guard hasRoom || swarm.contains(asker), asker.isUsablePeer else { return }
        swarm.set(
            TrackedSwarm.Peer(
                address: asker, id: request.peerID, isSeeder: request.left == 0, isPaused: request.event == .paused,
                lastSeen: now))
    }

    /// Whom the asker may connect to: this host first, then others. Never the asker itself, under whatever address, and for
    /// a seeder no seeders, since they have nothing to say to each other. But with its first announcement a program may
    /// only seem to be one: who has nothing but a magnet link cannot say how much it lacks (aria2 says 0).
    private func peers(
        for request: AnnounceRequest, _ asker: PeerAddress, _ local: PeerAddress, in torrent: inout Torrent
    ) -> [AnnounceResponse.Peer] {
        let limit = min(max(0, request.wanted ?? configuration.defaultWanted), configuration.maximumWanted)
        guard limit > 0 else { return [] }
        let isSeeder = request.left == 0 && request.event != .started
        var found: [AnnounceResponse.Peer] = []
        if let own = torrent.own, !(isSeeder && own.isSeeder) {
            found.append(AnnounceResponse.Peer(address: local.withPort(own.port), id: own.id))
        }
        let chosen = torrent.swarm.select(limit - found.count) { peer in
            peer.address != asker && peer.id != request.peerID && !(isSeeder && peer.isSeeder)
                && Self.canReach(peer.address, from: asker, local: local)
        }
        return found
            + chosen.map { peer in
                // A peer on this very computer is, for others, where this computer is.
                let isHere = peer.address.isLoopback && !asker.isLoopback
                let address = isHere ? local.withPort(peer.address.port) : peer.address
                return AnnounceResponse.Peer(address: address, id: peer.id)
            }
    }

    /// A link-local address means something on its own network only, and its zone cannot be told. Whoever asks from this
    /// computer or by a link-local address may be on that network.
    private static func canReach(_ peer: PeerAddress, from asker: PeerAddress, local: PeerAddress) -> Bool {
        !peer.isLinkLocal || asker.isLinkLocal && asker.isIPv6 == peer.isIPv6 || asker.isLoopback
    }
}
