import Metainfo
import PeerWire

/// The first copy of a torrent leaves the source once: how a seeder says which pieces to ask of it, and how a peer
/// takes that advice (`suggest`, BEP 6).
extension SwarmEngine {
    // MARK: As the source

    /// Keeps a few pieces ahead of what each served peer asks for.
    func suggestPieces(now: Instant) {
        guard let transfer, let copy = transfer.firstCopy, !copy.isOut, transfer.picker.isComplete else { return }
        let clients = orderedPeers.filter { !$0.isChoked && $0.isInterested && !$0.hasEverything }
        // A lone peer has nobody to trade with: it asks for what it likes, in whatever order is quickest.
        guard clients.count > 1 else { return }
        for peer in clients where peer.introduction.supportsFast && !peer.ignoresSuggestions {
            suggest(to: peer, transfer, now: now)
        }
    }

    private func suggest(to peer: Peer, _ transfer: Transfer, now: Instant) {
        let lead = max(Self.leadBytes, Int(peer.upload.rate * Self.leadTime))
        while peer.suggestedByUs.count < 2 || peer.suggestedByUs.count * transfer.info.pieceLength < lead {
            guard let piece = transfer.firstCopy?.promiseNext(to: peer.key, now: now) else { return }
            peer.suggestedByUs[piece] = now
            send(.suggest(piece), to: peer, now: now)
        }
    }

    /// A peer asked for a block: its piece is on its way, by this host's advice or not.
    func firstCopyRequested(_ piece: PieceIndex, by peer: Peer, now: Instant) {
        guard let transfer, transfer.firstCopy != nil else { return }
        transfer.firstCopy?.requested(piece, by: peer.key, now: now)
        let isNew = peer.suggestedByUs.removeValue(forKey: piece) != nil
        if isNew { peer.takenSuggestion = piece }
        if peer.takenSuggestion == piece { peer.followedAt = now }
        guard isNew else { return }
        let clients = peers.values.count { !$0.isChoked && $0.isInterested && !$0.hasEverything }
        if clients > 1 { suggest(to: peer, transfer, now: now) }
    }

    /// A peer says that it has a piece.
    func firstCopyAppeared(_ piece: PieceIndex, at peer: Peer) {
        guard let transfer, transfer.firstCopy != nil else { return }
        transfer.firstCopy?.appeared(piece)
        if !peer.suggestedByUs.isEmpty { peer.suggestedByUs[piece] = nil }
        // It has served its purpose.
        if transfer.firstCopy?.isOut ?? false { transfer.firstCopy = nil }
    }

    /// A peer is not served any longer. The piece that it is getting it still gets (`allowed fast`, BEP 6): half of it
    /// would be sent for nothing.
    func takeBackSuggestions(from peer: Peer, now: Instant) {
        let unasked = peer.suggestedByUs
        peer.suggestedByUs.removeAll()
        guard peer.introduction.supportsFast, !peer.isGone else {
            transfer?.firstCopy?.takeBack(from: peer.key)
            return
        }
        for piece in unasked.keys.sorted() { transfer?.firstCopy?.takeBack(piece, from: peer.key) }
        for piece in transfer?.firstCopy?.promised(to: peer.key) ?? [] where peer.offeredFast.insert(piece).inserted {
            send(.allowedFast(piece), to: peer, now: now)
        }
    }

    /// Nobody holds up the first copy: neither who takes no suggestions, nor who is too slow with the last ones.
    func checkSuggestions(now: Instant) {
        guard let transfer, transfer.firstCopy != nil else { return }
        for peer in orderedPeers where !peer.suggestedByUs.isEmpty {
            // One that still gets another is only slow: with large pieces and many peers the next one's turn is long in coming.
            guard now - peer.followedAt > Self.ignoredTime, peer.bytesBeingServed == 0,
                !peer.incoming.all.contains(where: { $0.piece == peer.takenSuggestion })
            else { continue }
            let ignored = peer.suggestedByUs.filter { now - $0.value > Self.ignoredTime }.keys.sorted()
            guard !ignored.isEmpty else { continue }
            peer.ignoresSuggestions = true
            for piece in ignored {
                peer.suggestedByUs[piece] = nil
                transfer.firstCopy?.takeBack(piece, from: peer.key)
            }
        }
        let rate = servingRate.rate
        guard rate > 0 else { return }
        // Seconds that a piece takes as long as all are served.
        let served = peers.values.count { !$0.isChoked && $0.isInterested }
        let usual = min(Double(transfer.info.pieceLength) * Double(served) / rate, 600)
        let patience = Self.lateTime.inSeconds + 3 * usual
        transfer.firstCopy?.takeBackLate(before: now + TimeSpan(nanoseconds: -Int64(patience * 1e9)))
    }

    // MARK: As a peer of it

    func suggested(_ piece: PieceIndex, by peer: Peer, now: Instant) {
        guard let transfer, transfer.picker.needs(piece), peer.has(piece) else { return }
        peer.suggestedAt = now
        // Bounded: nobody needs more of these ahead than a second's worth.
        guard peer.suggestions.count < 256, !peer.suggestions.contains(piece) else { return }
        peer.suggestions.append(piece)
    }

    /// Whether a peer is to be asked only for what it suggests, because it is giving out the first copy.
    ///
    /// One that ran out of suggestions while nothing is on its way has given out all; from then on it is a peer like
    /// any other.
    func followsSuggestions(of peer: Peer, now: Instant) -> Bool {
        guard let since = peer.suggestedAt else { return false }
        if peer.suggestions.isEmpty, peer.outstanding.isEmpty, now - max(since, peer.lastBlockAt) > Self.patience {
            peer.suggestedAt = nil
            return false
        }
        return true
    }

    private static let leadBytes = 128 << 10
    /// Seconds' worth of suggestions ahead of the requests.
    private static let leadTime = 0.25
    private static let patience = TimeSpan.milliseconds(300)
    private static let ignoredTime = TimeSpan.seconds(2)
    private static let lateTime = TimeSpan.seconds(1)
}
