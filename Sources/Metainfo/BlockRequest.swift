/// A range of one piece: what peers ask each other for, as `request`, `cancel`, `reject` and `piece` name it (BEP 3, BEP 6),
/// and what is read from disk for them.
///
/// From the wire each number is any unsigned 32-bit value; whether the range exists is for the engine to judge.
public struct BlockRequest: Hashable, Sendable {
    public var piece: PieceIndex
    /// Offset in the piece, bytes.
    public var begin: Int
    /// Bytes.
    public var length: Int

    public init(piece: PieceIndex, begin: Int, length: Int) {
        self.piece = piece
        self.begin = begin
        self.length = length
    }
}
