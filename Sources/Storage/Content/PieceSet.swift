import Metainfo

/// Which pieces of one torrent, one bit each. Numbers outside of the torrent are never in it.
struct PieceSet: Sendable {
    private var words: [UInt64]
    private let count: Int

    init(count: Int) {
        self.count = max(0, count)
        words = Array(repeating: 0, count: (self.count + 63) / 64)
    }

    func contains(_ piece: PieceIndex) -> Bool {
        guard piece.rawValue >= 0, piece.rawValue < count else { return false }
        return words[piece.rawValue / 64] & 1 << UInt64(piece.rawValue % 64) != 0
    }

    mutating func insert(_ piece: PieceIndex) {
        guard piece.rawValue >= 0, piece.rawValue < count else { return }
        words[piece.rawValue / 64] |= 1 << UInt64(piece.rawValue % 64)
    }

    mutating func remove(_ piece: PieceIndex) {
        guard piece.rawValue >= 0, piece.rawValue < count else { return }
        words[piece.rawValue / 64] &= ~(1 << UInt64(piece.rawValue % 64))
    }
}
