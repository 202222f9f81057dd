import Metainfo

/// The pieces that nobody but this seeder has, each to be given to one peer only, so that the first copy of a torrent
/// leaves its source once and the peers pass it on among themselves.
///
/// BEP 16 (super-seeding) reaches that by hiding pieces and waiting for proof that each was passed on, which leaves the
/// uplink idle and harms peers that do not play along. Here nothing is hidden: each peer is only told, by the `suggest`
/// of BEP 6, which pieces to ask for here. Whoever ignores that is served all the same, and what it asks for counts.
struct FirstCopy {
    private enum Place {
        /// Nobody else has it and nobody is getting it.
        case here
        case promised(to: PeerKey, at: Instant)
        /// Somebody else has said that it has it.
        case out
    }

    private var places: [Place]
    private var remaining: Int
    /// Pieces that may be `here`, the next one last; in an order of chance, so that several seeders do not give out the
    /// same ones first.
    private var order: [PieceIndex]
    private var promises: [PeerKey: Set<PieceIndex>] = [:]

    init(pieceCount: Int, using generator: inout SeededGenerator) {
        places = [Place](repeating: .here, count: pieceCount)
        remaining = pieceCount
        order = (0..<pieceCount).map { PieceIndex($0) }.shuffled(using: &generator)
    }

    /// Whether somebody else has each piece.
    var isOut: Bool { remaining == 0 }

    func isOut(_ piece: PieceIndex) -> Bool {
        if case .out = places[piece.rawValue] { true } else { false }
    }

    /// Gives the next piece that is only here to a peer.
    mutating func promiseNext(to peer: PeerKey, now: Instant) -> PieceIndex? {
        while let piece = order.popLast() {
            guard case .here = places[piece.rawValue] else { continue }
            promise(piece, to: peer, now: now)
            return piece
        }
        return nil
    }

    /// A peer asks for a piece, by its own choice or because it was promised.
    mutating func requested(_ piece: PieceIndex, by peer: PeerKey, now: Instant) {
        guard places.indices.contains(piece.rawValue), case .here = places[piece.rawValue] else { return }
        promise(piece, to: peer, now: now)
    }

    /// What is on its way to a peer, or promised to it.
    func promised(to peer: PeerKey) -> [PieceIndex] { promises[peer]?.sorted() ?? [] }

    /// Somebody else has a piece.
    mutating func appeared(_ piece: PieceIndex) {
        guard places.indices.contains(piece.rawValue) else { return }
        switch places[piece.rawValue] {
        case .out: return
        case .promised(let peer, _): promises[peer]?.remove(piece)
        case .here: break
        }
        places[piece.rawValue] = .out
        remaining -= 1
    }

    /// A peer is gone or not served any longer: what it was promised and nobody has is here again.
    mutating func takeBack(from peer: PeerKey) {
        for piece in promises.removeValue(forKey: peer)?.sorted() ?? [] { putBack(piece) }
    }

    /// The same for one piece that the peer does not ask for.
    mutating func takeBack(_ piece: PieceIndex, from peer: PeerKey) {
        guard promises[peer]?.remove(piece) != nil else { return }
        putBack(piece)
    }

    /// When nothing else is left to give: what was promised so long ago that whoever has it holds up the others is given
    /// to somebody else too.
    mutating func takeBackLate(before deadline: Instant) {
        guard order.isEmpty, !isOut else { return }
        for peer in promises.keys.sorted() {
            for piece in promises[peer, default: []].sorted() {
                guard case .promised(_, let since) = places[piece.rawValue], since < deadline else { continue }
                takeBack(piece, from: peer)
            }
        }
    }

    private mutating func promise(_ piece: PieceIndex, to peer: PeerKey, now: Instant) {
        places[piece.rawValue] = .promised(to: peer, at: now)
        promises[peer, default: []].insert(piece)
    }

    private mutating func putBack(_ piece: PieceIndex) {
        places[piece.rawValue] = .here
        order.append(piece)
    }
}
