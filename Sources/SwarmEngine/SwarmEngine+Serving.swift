import Metainfo
import PeerWire

/// This host as a server: who is served, and what waits to be sent.
extension SwarmEngine {
    func requested(_ request: BlockRequest, by peer: Peer, now: Instant) {
        guard let transfer else { return refuse(request, of: peer, now: now) }
        let layout = transfer.info.layout
        guard request.piece.rawValue >= 0, request.piece.rawValue < layout.pieceCount,
            request.length > 0, request.length <= PieceLayout.blockLength,
            request.begin >= 0, request.begin <= layout.servableSize(request.piece) - request.length
        else {
            return drop(peer, .protocolViolation("a request beyond its piece"), now: now)
        }
        let isAllowed = !peer.isChoked || peer.offeredFast.contains(request.piece)
        guard isAllowed, transfer.picker.have.contains(request.piece),
            peer.incoming.count < configuration.incomingRequestLimit
        else { return refuse(request, of: peer, now: now) }
        peer.incoming.append(request)
    }

    private func refuse(_ request: BlockRequest, of peer: Peer, now: Instant) {
        if peer.introduction.supportsFast { send(.reject(request), to: peer, now: now) }
    }

    func cancelled(_ request: BlockRequest, by peer: Peer, now: Instant) {
        if peer.incoming.remove(request) { refuse(request, of: peer, now: now) }
    }

    /// Hands out waiting requests while the window to the peer has room, many at a time so that they are read together.
    func serve(_ peer: Peer) {
        let window = configuration.uploadWindow
        guard !peer.incoming.isEmpty, peer.bytesBeingServed <= window - min(window / 4, Self.batchBytes) else { return }
        while peer.bytesBeingServed < window {
            var batch: [BlockRequest] = []
            var bytes = 0
            while bytes < Self.batchBytes, peer.bytesBeingServed + bytes < window, let next = peer.incoming.popFirst() {
                batch.append(next)
                bytes += next.length
            }
            guard !batch.isEmpty else { return }
            peer.bytesBeingServed += bytes
            actions.append(.serve(peer.key, batch))
        }
    }

    func served(_ key: PeerKey, bytes: Int, now: Instant) {
        guard let peer = peers[key] else { return }
        peer.bytesBeingServed = max(0, peer.bytesBeingServed - bytes)
        peer.upload.add(bytes)
        peer.lastSentAt = now
        totals.uploaded += Int64(bytes)
        serve(peer)
    }

    func serveFailed(_ key: PeerKey, _ requests: [BlockRequest]) {
        guard let peer = peers[key] else { return }
        for request in requests {
            peer.bytesBeingServed = max(0, peer.bytesBeingServed - request.length)
            if peer.introduction.supportsFast { actions.append(.send(key, .reject(request))) }
        }
        serve(peer)
    }

    // MARK: Choking

    func choke(_ peer: Peer, now: Instant) {
        guard !peer.isChoked else { return }
        peer.isChoked = true
        peer.isOptimistic = false
        peer.chokeChangedAt = now
        send(.choke, to: peer, now: now)
        // Choke first, then a reject for each that will not be served (BEP 6).
        for request in peer.incoming.removeAll() {
            if peer.offeredFast.contains(request.piece) {
                peer.incoming.append(request)
            } else {
                refuse(request, of: peer, now: now)
            }
        }
    }

    func unchoke(_ peer: Peer, now: Instant) {
        guard peer.isChoked else { return }
        peer.isChoked = false
        peer.chokeChangedAt = now
        peer.uploadedAtUnchoke = peer.upload.total
        send(.unchoke, to: peer, now: now)
    }

    /// A free slot is given at once: waiting for the next round would only idle the link.
    func fillSlots(now: Instant) {
        guard transfer != nil else { return }
        var free = configuration.uploadSlots - peers.values.count { !$0.isChoked && $0.isInterested }
        guard free > 0 else { return }
        let waiting = orderedPeers.filter { $0.isChoked && $0.isInterested }
        for peer in waiting.sorted(by: { $0.chokeChangedAt < $1.chokeChangedAt }) where free > 0 {
            unchoke(peer, now: now)
            free -= 1
        }
    }

    func chokeRound(now: Instant) {
        guard let transfer, choker.isDue(now: now, interval: configuration.chokeInterval) else { return }
        let candidates = orderedPeers.filter(\.isInterested).map { peer in
            Choker.Candidate(
                key: peer.key, isUnchoked: !peer.isChoked, isOptimistic: peer.isOptimistic, since: peer.chokeChangedAt,
                givenRate: peer.download.rate, received: peer.upload.total - peer.uploadedAtUnchoke,
                isSnubbing: peer.isSnubbed)
        }
        let share = Int64(transfer.info.pieceLength) * 20
        let decision = choker.round(
            candidates, slots: configuration.uploadSlots, isSeeding: transfer.picker.isComplete, share: share,
            optimisticInterval: configuration.optimisticInterval, now: now)
        let unchoked = Set(decision.unchoked)
        for peer in orderedPeers where !unchoked.contains(peer.key) { choke(peer, now: now) }
        for peer in orderedPeers where unchoked.contains(peer.key) {
            unchoke(peer, now: now)
            peer.isOptimistic = peer.key == decision.optimistic
        }
    }

    /// Blocks that are read together, one read and one write to the socket: with their headers they fit 512 KiB.
    private static let batchBytes = 31 * PieceLayout.blockLength
}
