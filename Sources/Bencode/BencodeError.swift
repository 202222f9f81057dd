/// Why bytes are not the bencoding that was asked for. Every case names the byte offset at which that was found.
public enum BencodeError: Error, Equatable, Sendable {
    /// The input ends inside a value.
    case truncated(offset: Int)
    /// A byte that cannot stand here.
    case unexpectedByte(UInt8, offset: Int)
    /// An integer that is empty, has leading zeros, is minus zero, or does not fit 64 bits.
    case invalidInteger(offset: Int)
    /// A string length with leading zeros or too many digits, or one that reaches past the end of the input.
    case invalidLength(offset: Int)
    /// A dictionary key that does not come after the one before it (strict mode).
    case unsortedKey(offset: Int)
    /// More nesting than the limit allows.
    case tooDeep(offset: Int)
    /// More values than the limit allows.
    case tooManyNodes(offset: Int)
    /// An input longer than the limit allows.
    case tooLong(offset: Int)
    /// Bytes after the value.
    case trailingBytes(offset: Int)
}

extension BencodeError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .truncated(let offset): "the data ends too early, at byte \(offset)"
        case .unexpectedByte(let byte, let offset): "unexpected byte \(byte) at byte \(offset)"
        case .invalidInteger(let offset): "invalid integer at byte \(offset)"
        case .invalidLength(let offset): "invalid string length at byte \(offset)"
        case .unsortedKey(let offset): "dictionary keys out of order at byte \(offset)"
        case .tooDeep(let offset): "nested too deeply at byte \(offset)"
        case .tooManyNodes(let offset): "too many values at byte \(offset)"
        case .tooLong(let offset): "longer than the allowed \(offset) bytes"
        case .trailingBytes(let offset): "unexpected data after the end, at byte \(offset)"
        }
    }
}
