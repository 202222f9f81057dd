/// A range of one piece: what peers ask each other for, as `request`, `cancel`, `reject` and `piece` name it (BEP 3, BEP 6),
/// and what is read from disk for them.
///
/// From the wire each number is any unsigned 32-bit value; whether the range exists is for the engine to judge.
public struct BlockRequest: Hashable, Sendable {
    // As on the wire: thousands of them wait in queues, and queues of half the length stay in the processor's cache.
    @usableFromInline let pieceNumber: UInt32
    @usableFromInline let offset: UInt32
    @usableFromInline let byteCount: UInt32

    @inlinable
    public var piece: PieceIndex { PieceIndex(Int(pieceNumber)) }
    /// Offset in the piece, bytes.
    @inlinable
    public var begin: Int { Int(offset) }
    /// Bytes.
    @inlinable
    public var length: Int { Int(byteCount) }

    /// Numbers that the wire cannot carry become others that no torrent has.
    @inlinable
    public init(piece: PieceIndex, begin: Int, length: Int) {
        pieceNumber = Self.wire(piece.rawValue)
        offset = Self.wire(begin)
        byteCount = Self.wire(length)
    }

    @inlinable
    static func wire(_ number: Int) -> UInt32 { UInt32(exactly: number) ?? .max }
}
