import Metainfo
import NIOCore
import Storage

/// Blocks of one transfer that wait for the rest of their piece before they go to storage together.
///
/// The way to a disk worker and back wakes two threads. On a slow link, where blocks come one by one, that costs more
/// than hashing and writing them. On a fast one many come in one read, and nothing is gained by waiting. What waits is
/// bounded here for each piece, and by whoever owns this over all pieces.
struct BlockGathering {
    private struct Part {
        var blocks: [IncomingBlock] = []
        var bytes = 0
        /// Whether it was there at the last ``takeOld()``.
        var isOld = false
    }

    private var parts: [PieceIndex: Part] = [:]

    /// Bytes of one piece that wait at most: hashing and writing them at its end takes a fraction of a millisecond.
    private static let most = 8 * PieceLayout.blockLength
    /// A block in memory much larger than itself came together with others, and keeps that memory.
    private static let largestMemory = 4 * PieceLayout.blockLength

    var isEmpty: Bool { parts.isEmpty }

    /// Takes a block.
    ///
    /// - Returns: whether its piece's blocks should go to storage now, however many are still to come.
    mutating func add(_ block: IncomingBlock) -> Bool {
        var part = parts.removeValue(forKey: block.piece) ?? Part()
        part.blocks.append(block)
        part.bytes += block.data.readableBytes
        part.isOld = false
        defer { parts[block.piece] = part }
        return part.bytes >= Self.most || block.data.storageCapacity > Self.largestMemory
    }

    /// The blocks of a piece, which wait no longer.
    mutating func take(_ piece: PieceIndex) -> [IncomingBlock] {
        parts.removeValue(forKey: piece)?.blocks ?? []
    }

    /// Those that nothing was added to since the last call.
    mutating func takeOld() -> [IncomingBlock] {
        let old = parts.keys.filter { parts[$0]?.isOld == true }.sorted()
        for piece in parts.keys { parts[piece]?.isOld = true }
        return old.flatMap { take($0) }
    }

    mutating func takeAll() -> [IncomingBlock] {
        let all = parts.keys.sorted()
        return all.flatMap { take($0) }
    }

    /// Blocks, by their number, that will come again.
    ///
    /// - Returns: bytes that do not wait any longer.
    mutating func drop(_ blocks: [Int], of piece: PieceIndex) -> Int {
        guard var part = parts.removeValue(forKey: piece) else { return 0 }
        let before = part.bytes
        part.blocks.removeAll { blocks.contains($0.begin / PieceLayout.blockLength) }
        part.bytes = part.blocks.reduce(0) { $0 + $1.data.readableBytes }
        if !part.blocks.isEmpty { parts[piece] = part }
        return before - part.bytes
    }
}
