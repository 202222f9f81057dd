import Metainfo
import PeerWire

extension SwarmEngine {
    func connect(_ key: PeerKey, _ introduction: PeerIntroduction, now: Instant) {
        if introduction.isOutgoing { directory.connected(introduction.address) }
        if let reason = refusal(of: introduction, now: now) {
            actions.append(.disconnect(key, reason))
            guard introduction.isOutgoing else { return }
            if reason == .ownConnection { directory.avoid(introduction.address) }
            if reason == .duplicate, let other = peer(named: introduction.id) {
                // The same peer at another address: not dialed again as long as it is connected.
                other.addListenAddress(introduction.address)
                if other.listenAddresses.contains(introduction.address) { return }
            }
            directory.disconnected(introduction.address, wasUseful: false, now: now)
            return
        }
        // A connection that this one replaces may have left its address free to dial.
        if introduction.isOutgoing { directory.connected(introduction.address) }
        let peer = Peer(key: key, introduction: introduction, pieces: .unsaid, now: now)
        peers.append(peer)
        guard !peer.isWebSeed else { return }
        sendOwnPieces(to: peer, now: now)
        if introduction.supportsExtensions { send(ownExtendedHandshake(for: peer), to: peer, now: now) }
        offerAllowedFast(to: peer, now: now)
    }

    private func refusal(of introduction: PeerIntroduction, now: Instant) -> DisconnectReason? {
        if introduction.id == ownID { return .ownConnection }
        if directory.isBanned(introduction.id) { return .banned }
        // A web server may be one of many at its address.
        if introduction.webSeed == nil, directory.isBanned(introduction.address) { return .banned }
        if let other = peer(named: introduction.id) {
            guard replaces(introduction, other, now: now) else { return .duplicate }
            drop(other, .duplicate, now: now)
        }
        if peers.count >= configuration.maximumPeers {
            // A full house makes room for a newcomer at the cost of whoever is of no use to either side.
            guard let idle = orderedPeers.first(where: { !$0.weAreInterested && !$0.isInterested }),
                introduction.webSeed == nil
            else {
                return .tooManyPeers
            }
            drop(idle, .tooManyPeers, now: now)
        }
        return nil
    }

    private func peer(named id: PeerID) -> Peer? {
        orderedPeers.first { $0.introduction.id == id }
    }

    /// Two hosts that dial each other at once get two connections. Both keep the one that the greater id opened.
    private func replaces(_ new: PeerIntroduction, _ other: Peer, now: Instant) -> Bool {
        if now - other.lastReceivedAt > .seconds(15) { return true }
        guard new.isOutgoing != other.introduction.isOutgoing else { return false }
        return new.isOutgoing == other.introduction.id.bytes.lexicographicallyPrecedes(ownID.bytes)
    }

    /// Closes a connection. The driver confirms nothing: the peer is gone for the engine at once.
    func drop(_ peer: Peer, _ reason: DisconnectReason, now: Instant) {
        guard !peer.isGone else { return }
        actions.append(.disconnect(peer.key, reason))
        if reason.isMisbehaviour {
            directory.ban(peer.introduction, listeningAt: peer.listenAddress)
        }
        removePeer(peer.key, now: now)
    }

    func removePeer(_ key: PeerKey, now: Instant) {
        guard let peer = peers.remove(key) else { return }
        peer.isGone = true
        takeBackSuggestions(from: peer, now: now)
        uploadTurns.end(key, again: false, now: now)
        uploadLoad -= peer.bytesBeingServed + peer.incoming.all.reduce(0) { $0 + $1.length }
        if !peer.introduction.isOwnHost { departedTraffic.add(peer.traffic) }
        let wasUseful = peer.download.total > 0 || peer.upload.total > 0
        for address in peer.listenAddresses {
            directory.disconnected(address, wasUseful: wasUseful, now: now)
        }
        blame.departed(key, peer.introduction)
        metadata?.forget(peer: key)
        hashExchange.release(peer: key)
        releaseRequests(of: peer)
        if let transfer {
            if case .known(let pieces) = peer.pieces, peer.countsInRarity {
                pieces.forEach { transfer.picker.peerLost($0) }
            }
            transfer.picker.liftExclusiveness(of: key)
        }
        abandonLeafTraces(of: key, now: now)
        fillSlots(now: now)
        isRequestRoundDue = true
    }

    /// Opens connections to known addresses while there is something to fetch, or somebody may want what is here.
    func dial(now: Instant) {
        let room = configuration.maximumPeers - peers.count
        guard room > 0, !isPaused, !(transfer?.picker.isComplete ?? false) else { return }
        for address in directory.dialable(limit: room, own: seenAddress, now: now) {
            actions.append(.dial(address))
        }
    }

    /// Two hosts that have everything have nothing for each other (both stay reachable for newcomers).
    func dropIfRedundant(_ peer: Peer, now: Instant) {
        guard let transfer, transfer.picker.isComplete, peer.hasEverything || peer.isUploadOnly else { return }
        guard peer.incoming.isEmpty, !peer.isInterested else { return }
        drop(peer, .redundant, now: now)
    }

    func send(_ message: PeerMessage, to peer: Peer, now: Instant) {
        actions.append(.send(peer.key, message))
        peer.lastSentAt = now
    }

    // MARK: Helpers

    private func sendOwnPieces(to peer: Peer, now: Instant) {
        let have = transfer?.picker.have
        if peer.introduction.supportsFast {
            switch have {
            case .some(let set) where set.isFull: send(.haveAll, to: peer, now: now)
            case .some(let set) where !set.isEmpty: send(.bitfield(set.bitfield), to: peer, now: now)
            default: send(.haveNone, to: peer, now: now)
            }
        } else if let have, !have.isEmpty {
            send(.bitfield(have.bitfield), to: peer, now: now)
        }
    }

    /// Lets a newcomer fetch its first pieces before it is unchoked (BEP 6). All computers of one network would get the
    /// same ones: not from a source that is giving out its first copy.
    private func offerAllowedFast(to peer: Peer, now: Instant) {
        guard peer.introduction.supportsFast, let transfer, transfer.firstCopy == nil,
            let hash = hashes.wireHashes.first
        else { return }
        let set = AllowedFastSet.pieces(
            count: 5, pieceCount: transfer.info.layout.pieceCount, address: peer.introduction.address, hash: hash)
        for piece in set where transfer.picker.have.contains(piece) {
            peer.offeredFast.insert(piece)
            send(.allowedFast(piece), to: peer, now: now)
        }
    }
}
