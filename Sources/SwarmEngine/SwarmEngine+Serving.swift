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
        uploadLoad += request.length
        firstCopyRequested(request.piece, by: peer, now: now)
    }

    private func refuse(_ request: BlockRequest, of peer: Peer, now: Instant) {
        if peer.introduction.supportsFast { send(.reject(request), to: peer, now: now) }
    }

    /// What a peer asked for is not here any more.
    func withdraw(_ piece: PieceIndex, from peer: Peer, now: Instant) {
        for request in peer.incoming.all where request.piece == piece {
            cancelled(request, by: peer, now: now)
        }
    }

    func cancelled(_ request: BlockRequest, by peer: Peer, now: Instant) {
        guard peer.incoming.remove(request) else { return }
        uploadLoad -= request.length
        refuse(request, of: peer, now: now)
    }

    /// A peer asked for something: it is served when its turn comes, at once if few others are.
    func serve(_ peer: Peer, now: Instant) {
        guard !peer.incoming.isEmpty else { return }
        uploadTurns.enter(peer.key, now: now)
        if uploadTurns.isServing(peer.key) { handOut(to: peer, now: now) }
        beginTurns(now: now)
    }

    func beginTurns(now: Instant) {
        guard !uploadTurns.isIdle, let transfer else { return }
        let isAmongMany = isAmongMany && transfer.info.pieceLength < Self.largePiece
        while let next = uploadTurns.beginNext(
            now: now, isAmongMany: isAmongMany, pieces: { peers[$0]?.pieceCount ?? 0 }, isUrgent: isGettingFirstCopy)
        {
            guard let peer = peers[next], !peer.incoming.isEmpty else {
                uploadTurns.end(next, again: false, now: now)
                continue
            }
            handOut(to: peer, now: now)
        }
    }

    /// Whether the next block that a peer waits for is of a piece that nobody else has.
    private func isGettingFirstCopy(_ key: PeerKey) -> Bool {
        guard let copy = transfer?.firstCopy, let next = peers[key]?.incoming.all.first else { return false }
        return !copy.isOut(next.piece)
    }

    /// Hands out waiting requests while the window to the peer has room, many at a time so that they are read together.
    private func handOut(to peer: Peer, now: Instant) {
        guard let transfer else { return }
        let window = min(peer.uploadWindow.bytes, configuration.uploadWindow)
        let share = min(max(transfer.info.pieceLength, Self.smallestShare), Self.largestShare)
        guard peer.bytesBeingServed <= window - min(window / 4, Self.batchBytes) else { return }
        while peer.bytesBeingServed < window, !uploadTurns.isOver(peer.key, share: share) {
            var batch: [BlockRequest] = []
            var bytes = 0
            while bytes < Self.batchBytes, peer.bytesBeingServed + bytes < window, let next = peer.incoming.popFirst() {
                batch.append(next)
                bytes += next.length
            }
            guard !batch.isEmpty else { return }
            peer.bytesBeingServed += bytes
            peer.uploadWindow.handedOut(now: now)
            uploadTurns.moved(peer.key, handedOut: bytes, now: now)
            actions.append(.serve(peer.key, batch))
        }
        if uploadTurns.isOver(peer.key, share: share) {
            uploadTurns.end(peer.key, again: !peer.incoming.isEmpty, now: now)
        }
    }

    /// Something of what was handed out has left, or never will.
    private func goOn(serving peer: Peer, now: Instant) {
        uploadTurns.moved(peer.key, handedOut: 0, now: now)
        if uploadTurns.isServing(peer.key) {
            handOut(to: peer, now: now)
            if peer.incoming.isEmpty, peer.bytesBeingServed == 0 { uploadTurns.end(peer.key, again: false, now: now) }
        }
        beginTurns(now: now)
    }

    func served(_ key: PeerKey, bytes: Int, now: Instant) {
        guard let peer = peers[key] else { return }
        let bytes = min(bytes, peer.bytesBeingServed)
        peer.bytesBeingServed -= bytes
        uploadLoad -= bytes
        peer.uploadWindow.left(now: now, limit: configuration.uploadWindow)
        peer.upload.add(bytes)
        servingRate.add(bytes)
        peer.lastSentAt = now
        if !peer.introduction.isOwnHost {
            uploadRate.add(bytes)
            totals.uploaded += Int64(bytes)
        }
        goOn(serving: peer, now: now)
        if uploadLoad == 0 { serveMore(now: now) }
    }

    func serveFailed(_ key: PeerKey, _ requests: [BlockRequest], now: Instant) {
        guard let peer = peers[key] else { return }
        peer.uploadWindow.left(now: now, limit: configuration.uploadWindow)
        for request in requests {
            let bytes = min(request.length, peer.bytesBeingServed)
            peer.bytesBeingServed -= bytes
            uploadLoad -= bytes
            if peer.introduction.supportsFast { actions.append(.send(key, .reject(request))) }
        }
        goOn(serving: peer, now: now)
    }

    // MARK: Choking

    func choke(_ peer: Peer, now: Instant) {
        guard !peer.isChoked else { return }
        peer.isChoked = true
        peer.isOptimistic = false
        peer.chokeChangedAt = now
        takeBackSuggestions(from: peer, now: now)
        send(.choke, to: peer, now: now)
        // Choke first, then a reject for each that will not be served (BEP 6).
        for request in peer.incoming.removeAll() {
            if peer.offeredFast.contains(request.piece) {
                peer.incoming.append(request)
            } else {
                uploadLoad -= request.length
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
        suggestPieces(now: now)
    }

    private var freeSlots: Int {
        configuration.uploadSlots + extraSlots - orderedPeers.count { !$0.isChoked && $0.isInterested }
    }

    /// A free slot is given at once: waiting for the next round would only idle the link.
    func fillSlots(now: Instant) {
        guard transfer != nil else { return }
        var free = freeSlots
        guard free > 0 else { return }
        let waiting = orderedPeers.filter { $0.isChoked && $0.isInterested }
        for peer in waiting.sorted(by: { $0.chokeChangedAt < $1.chokeChangedAt }) where free > 0 {
            unchoke(peer, now: now)
            free -= 1
        }
    }

    /// A peer that kept its slot while it wanted nothing wants something again. If others got all slots meanwhile, it
    /// waits like them.
    func resumeService(of peer: Peer, now: Instant) {
        guard freeSlots >= 0 else { return choke(peer, now: now) }
        suggestPieces(now: now)
    }

    /// A newcomer has nothing to trade with: its first pieces come at once, whoever else is served.
    func welcome(_ peer: Peer, now: Instant) {
        guard transfer != nil, peer.isChoked, peer.isInterested, extraSlots < configuration.uploadSlots else { return }
        if case .known(let pieces) = peer.pieces, !pieces.isEmpty { return }
        extraSlots += 1
        unchoke(peer, now: now)
    }

    /// Those that are served want nothing at the moment: the link would idle while others wait for a slot.
    func serveMore(now: Instant) {
        guard uploadLoad == 0, let transfer, !transfer.picker.have.isEmpty else { return }
        wasIdle = true
        guard freeSlots <= 0, peers.count > configuration.uploadSlots else { return }
        extraSlots = min(extraSlots + Self.slotsAtATime, peers.count)
        fillSlots(now: now)
    }

    func chokeRound(now: Instant) {
        guard let transfer, choker.isDue(now: now, interval: configuration.chokeInterval) else { return }
        if !wasIdle { extraSlots -= (extraSlots + 3) / 4 }
        wasIdle = false
        let candidates = orderedPeers.filter(\.isInterested).map { peer in
            Choker.Candidate(
                key: peer.key, isUnchoked: !peer.isChoked, isOptimistic: peer.isOptimistic, since: peer.chokeChangedAt,
                givenRate: peer.download.rate, received: peer.upload.total - peer.uploadedAtUnchoke,
                isSnubbing: peer.isSnubbed)
        }
        let share = Int64(transfer.info.pieceLength) * 20
        let decision = choker.round(
            candidates, slots: configuration.uploadSlots + extraSlots, isSeeding: transfer.picker.isComplete,
            share: share,
            optimisticInterval: configuration.optimisticInterval, now: now)
        let unchoked = Set(decision.unchoked)
        for peer in orderedPeers where !unchoked.contains(peer.key) { choke(peer, now: now) }
        for peer in orderedPeers where unchoked.contains(peer.key) {
            unchoke(peer, now: now)
            peer.isOptimistic = peer.key == decision.optimistic
        }
    }

    private static let slotsAtATime = 2
    private static let largePiece = 256 << 10
    /// Bytes that a peer gets in its turn: a piece, within these limits.
    private static let smallestShare = 64 << 10
    private static let largestShare = 1 << 20
    /// Blocks that are read together, one read and one write to the socket: with their headers they fit 512 KiB.
    private static let batchBytes = 31 * PieceLayout.blockLength
}
