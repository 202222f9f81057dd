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
        guard peer.suggestedByUs.removeValue(forKey: piece) != nil else { return }
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

    /// A peer is not served any longer.
    func takeBackSuggestions(from peer: Peer) {
        peer.suggestedByUs.removeAll()
        transfer?.firstCopy?.takeBack(from: peer.key)
    }

    /// Nobody holds up the first copy: neither who takes no suggestions, nor who is too slow with the last ones.
    func checkSuggestions(now: Instant) {
        guard let transfer, transfer.firstCopy != nil else { return }
        let rate = orderedPeers.reduce(0) { $0 + $1.upload.rate }
        let served = peers.values.count { !$0.isChoked && $0.isInterested }
        // Seconds that a piece takes as long as all are served.
        let usual = rate > 0 ? min(Double(transfer.info.pieceLength) * Double(served) / rate, 600) : 0
        // It asks for the second of two when it has the first, which takes a while where pieces are large. Small ones are
        // slow only where packets are lost, and there it is better to let peers choose.
        let extra = transfer.info.pieceLength > Self.largePiece ? min(2 * usual, Self.longestExtra) : 0
        let turn = TimeSpan(nanoseconds: Int64(extra * 1e9) + Self.ignoredTime.nanoseconds)
        for peer in orderedPeers where !peer.suggestedByUs.isEmpty {
            let ignored = peer.suggestedByUs.filter { now - $0.value > turn }.keys.sorted()
            // While it still takes others it is only slow.
            guard !ignored.isEmpty, peer.incoming.isEmpty, peer.bytesBeingServed == 0 else { continue }
            peer.ignoresSuggestions = true
            for piece in ignored {
                peer.suggestedByUs[piece] = nil
                transfer.firstCopy?.takeBack(piece, from: peer.key)
            }
        }
        guard rate > 0 else { return }
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
    private static let largePiece = 256 << 10
    private static let longestExtra = 15.0
    private static let ignoredTime = TimeSpan.seconds(2)
    private static let lateTime = TimeSpan.seconds(1)
}
