import Metainfo

/// Pieces one after another, for a web seed: the longer a stretch, the fewer requests its server sees (BEP 19).
extension PiecePicker {
    /// Where in the longest gap a new row begins.
    enum RowStart {
        case begin, middle, random
    }

    /// Chooses up to `limit` blocks and marks them as asked for.
    ///
    /// - Parameters:
    ///   - next: the piece with which its row goes on.
    ///   - onlyRest: pieces that no counted peer has, and nothing else.
    /// - Returns: false if there was no further piece to start.
    mutating func pickInRow(
        for peer: PeerKey, having pieces: PieceSet, from next: inout PieceIndex?, start: RowStart, limit: Int,
        onlyRest: Bool, canStart: Bool, now: Instant, using generator: inout SeededGenerator,
        into requests: inout [BlockRequest]
    ) -> Bool {
        var room = limit
        let fits = { (piece: PieceIndex, rarity: RarityOrder) in
            pieces.contains(piece) && rarity.isStartable(piece) && (!onlyRest || rarity.availability(of: piece) == 0)
        }
        if hasOpenBlocks {
            room -= takeOpen(limit: room, now: now, into: &requests) { $0.starter == peer && pieces.contains($0.piece) }
        }
        while canStart, room > 0 {
            if next.map({ !fits($0, rarity) }) ?? true {
                next = rowStart(start, using: &generator) { [rarity] in fits($0, rarity) }
            }
            guard let piece = next else { break }
            next = PieceIndex(piece.rawValue + 1)
            room -= take(self.start(piece, by: peer), limit: room, now: now, into: &requests)
        }
        guard room > 0 else { return true }
        if hasOpenBlocks, !onlyRest {
            // What peers have begun and not asked for comes last: they are about to.
            _ = takeOpen(limit: room, now: now, into: &requests) { !$0.isExclusive && pieces.contains($0.piece) }
        }
        return false
    }

    private mutating func takeOpen(
        limit: Int, now: Instant, into requests: inout [BlockRequest], where fits: (PartialPiece) -> Bool
    ) -> Int {
        var taken = 0
        for slot in partials.indices where taken < limit && partials[slot].openCount > 0 && fits(partials[slot]) {
            taken += take(slot, limit: limit - taken, now: now, into: &requests)
        }
        return taken
    }

    private func rowStart(
        _ start: RowStart, using generator: inout SeededGenerator, where fits: (PieceIndex) -> Bool
    ) -> PieceIndex? {
        guard !rarity.isEmpty else { return nil }
        var longest = 0..<0
        var begin = 0
        for piece in 0...layout.pieceCount where piece == layout.pieceCount || !fits(PieceIndex(piece)) {
            if piece - begin > longest.count { longest = begin..<piece }
            begin = piece + 1
        }
        guard !longest.isEmpty else { return nil }
        switch start {
        case .begin: return PieceIndex(longest.lowerBound)
        case .middle: return PieceIndex(longest.lowerBound + longest.count / 2)
        case .random: return PieceIndex(Int.random(in: longest, using: &generator))
        }
    }
}
