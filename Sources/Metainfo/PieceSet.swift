/// A set of the pieces of one torrent: what somebody has, or what is wanted.
///
/// Pieces outside of `0 ..< capacity` are never members; asking for them is harmless.
public struct PieceSet: Sendable, Equatable {
    /// Number of pieces of the torrent.
    public let capacity: Int
    /// Number of members.
    public private(set) var count: Int
    @usableFromInline var words: [UInt64]

    public init(capacity: Int) {
        self.capacity = max(0, capacity)
        count = 0
        words = [UInt64](repeating: 0, count: (self.capacity + 63) / 64)
    }

    /// The set of all pieces of a torrent.
    public init(fullWithCapacity capacity: Int) {
        self.init(capacity: capacity)
        for piece in 0..<self.capacity { insert(PieceIndex(piece)) }
    }

    /// Reads a `bitfield` message (BEP 3): most significant bit first.
    ///
    /// - Returns: nil if it has the wrong length or a spare bit is set.
    public init?(bitfield: [UInt8], capacity: Int) {
        self.init(capacity: capacity)
        guard bitfield.count == (self.capacity + 7) / 8 else { return nil }
        for (byteIndex, byte) in bitfield.enumerated() where byte != 0 {
            for bit in 0..<8 where byte & (0x80 >> UInt8(bit)) != 0 {
                let piece = byteIndex * 8 + bit
                guard piece < self.capacity else { return nil }
                insert(PieceIndex(piece))
            }
        }
    }

    /// The body of a `bitfield` message.
    public var bitfield: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: (capacity + 7) / 8)
        for piece in 0..<capacity where contains(PieceIndex(piece)) {
            bytes[piece / 8] |= 0x80 >> UInt8(piece % 8)
        }
        return bytes
    }

    public var isFull: Bool { count == capacity }
    public var isEmpty: Bool { count == 0 }

    @inlinable
    public func contains(_ piece: PieceIndex) -> Bool {
        let index = piece.rawValue
        guard index >= 0, index < capacity else { return false }
        return words[index >> 6] & (1 << UInt64(index & 63)) != 0
    }

    /// - Returns: whether the piece was new.
    @discardableResult
    public mutating func insert(_ piece: PieceIndex) -> Bool {
        let index = piece.rawValue
        guard index >= 0, index < capacity else { return false }
        let mask: UInt64 = 1 << UInt64(index & 63)
        guard words[index >> 6] & mask == 0 else { return false }
        words[index >> 6] |= mask
        count += 1
        return true
    }

    /// - Returns: whether the piece was there.
    @discardableResult
    public mutating func remove(_ piece: PieceIndex) -> Bool {
        let index = piece.rawValue
        guard index >= 0, index < capacity else { return false }
        let mask: UInt64 = 1 << UInt64(index & 63)
        guard words[index >> 6] & mask != 0 else { return false }
        words[index >> 6] &= ~mask
        count -= 1
        return true
    }

    /// How many pieces are in both sets.
    public func intersectionCount(_ other: PieceSet) -> Int {
        var total = 0
        for index in 0..<min(words.count, other.words.count) {
            total += (words[index] & other.words[index]).nonzeroBitCount
        }
        return total
    }

    /// The pieces that are in this set and not in the other.
    public func subtracting(_ other: PieceSet) -> PieceSet {
        var result = self
        for index in 0..<min(words.count, other.words.count) {
            result.words[index] &= ~other.words[index]
        }
        result.count = result.words.reduce(0) { $0 + $1.nonzeroBitCount }
        return result
    }

    /// Calls `body` with each member, in ascending order.
    public func forEach(_ body: (PieceIndex) -> Void) {
        for (wordIndex, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                body(PieceIndex(wordIndex << 6 + rest.trailingZeroBitCount))
                rest &= rest - 1
            }
        }
    }
}
