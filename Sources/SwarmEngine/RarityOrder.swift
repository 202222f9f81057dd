import Metainfo

/// The pieces that may be started, kept sorted by how many peers have them, so that the rarest is found at once.
///
/// One array in ascending order of availability, with the end of each group of equal availability. A piece moves to the
/// neighbouring group by a single swap at their common border, so a `have` costs the same in a torrent of a hundred
/// thousand pieces. Hidden pieces (had, unwanted, already started) keep their count but are not in the array.
struct RarityOrder {
    private var order: [Int32] = []
    /// Of each piece, beside each other since one is never needed without the other.
    private struct Entry {
        /// Place in `order`, or -1 while hidden.
        var place: Int32 = -1
        var availability: Int32 = 0
    }
    private var entries: [Entry]
    /// `groupEnd[a]`: one past the last place of a piece that `a` peers or fewer have.
    private var groupEnd: [Int] = [0]

    init(pieceCount: Int) {
        entries = [Entry](repeating: Entry(), count: pieceCount)
    }

    var isEmpty: Bool { order.isEmpty }
    var count: Int { order.count }

    func availability(of piece: PieceIndex) -> Int {
        entries.indices.contains(piece.rawValue) ? Int(entries[piece.rawValue].availability) : 0
    }

    func isStartable(_ piece: PieceIndex) -> Bool {
        entries.indices.contains(piece.rawValue) && entries[piece.rawValue].place >= 0
    }

    mutating func increment(_ piece: PieceIndex) {
        let index = piece.rawValue
        guard entries.indices.contains(index) else { return }
        let level = Int(entries[index].availability)
        entries[index].availability += 1
        extendGroups(through: level + 1)
        guard entries[index].place >= 0 else { return }
        swap(Int(entries[index].place), groupEnd[level] - 1)
        groupEnd[level] -= 1
    }

    mutating func decrement(_ piece: PieceIndex) {
        let index = piece.rawValue
        guard entries.indices.contains(index), entries[index].availability > 0 else { return }
        let level = Int(entries[index].availability)
        entries[index].availability -= 1
        guard entries[index].place >= 0 else { return }
        swap(Int(entries[index].place), groupEnd[level - 1])
        groupEnd[level - 1] += 1
    }

    /// Makes a piece startable.
    mutating func show(_ piece: PieceIndex) {
        let index = piece.rawValue
        guard entries.indices.contains(index), entries[index].place < 0 else { return }
        let level = Int(entries[index].availability)
        extendGroups(through: level)
        order.append(Int32(index))
        entries[index].place = Int32(order.count - 1)
        // From the last group down: the piece takes the first place of each group above its own.
        for group in stride(from: groupEnd.count - 1, to: level, by: -1) {
            swap(Int(entries[index].place), groupEnd[group - 1])
            groupEnd[group] += 1
        }
        groupEnd[level] += 1
    }

    /// Takes a piece out of those that may be started.
    mutating func hide(_ piece: PieceIndex) {
        let index = piece.rawValue
        guard entries.indices.contains(index), entries[index].place >= 0 else { return }
        for group in Int(entries[index].availability)..<groupEnd.count {
            swap(Int(entries[index].place), groupEnd[group] - 1)
            groupEnd[group] -= 1
        }
        order.removeLast()
        entries[index].place = -1
    }

    /// The rarest startable piece that fits and that at least so many peers have, ties broken by chance.
    func rarest(
        atLeast availability: Int = 0, using generator: inout SeededGenerator, where fits: (PieceIndex) -> Bool
    ) -> PieceIndex? {
        guard availability < groupEnd.count else { return nil }
        var start = availability > 0 ? groupEnd[availability - 1] : 0
        for end in groupEnd[availability...] where end > start {
            if let found = anyPiece(in: start..<end, using: &generator, where: fits) { return found }
            start = end
        }
        return nil
    }

    /// Any startable piece that fits, by chance: for a host's first pieces, which should be had soon and differ
    /// from those of its neighbours.
    func random(
        using generator: inout SeededGenerator, where fits: (PieceIndex) -> Bool
    ) -> PieceIndex? {
        anyPiece(in: order.indices, using: &generator, where: fits)
    }

    private func anyPiece(
        in range: Range<Int>, using generator: inout SeededGenerator, where fits: (PieceIndex) -> Bool
    ) -> PieceIndex? {
        guard !range.isEmpty else { return nil }
        let first = Int.random(in: range, using: &generator)
        for position in first..<range.upperBound where fits(PieceIndex(Int(order[position]))) {
            return PieceIndex(Int(order[position]))
        }
        for position in range.lowerBound..<first where fits(PieceIndex(Int(order[position]))) {
            return PieceIndex(Int(order[position]))
        }
        return nil
    }

    private mutating func extendGroups(through level: Int) {
        while groupEnd.count <= level { groupEnd.append(order.count) }
    }

    private mutating func swap(_ first: Int, _ second: Int) {
        guard first != second else { return }
        order.swapAt(first, second)
        entries[Int(order[first])].place = Int32(first)
        entries[Int(order[second])].place = Int32(second)
    }
}
