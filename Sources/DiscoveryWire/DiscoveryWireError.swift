/// Why a datagram or a name was refused. Nothing of a refused datagram is used.
public enum DiscoveryWireError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The datagram ends in the middle of something.
    case truncated(offset: Int)
    /// Longer than any such datagram may be.
    case datagramTooLong(length: Int)
    /// A label that is empty, longer than 63 bytes, or of a kind that RFC 1035 does not have.
    case badLabel(offset: Int)
    /// A name of more than 255 bytes.
    case nameTooLong
    /// A compression pointer that does not point backwards, or too many of them for one name.
    case badPointer(offset: Int)
    /// Record data whose length or inside its type cannot have.
    case badRecordData(type: UInt16, offset: Int)
    /// A BEP 14 datagram that does not begin with its request line.
    case notLocalSearch
    /// A BEP 14 datagram without a usable port, without info-hashes, or with too many header lines.
    case badHeader(String)

    public var description: String {
        switch self {
        case .truncated(let offset): "the datagram ends at byte \(offset) in the middle of something"
        case .datagramTooLong(let length): "a datagram of \(length) bytes"
        case .badLabel(let offset): "no label at byte \(offset)"
        case .nameTooLong: "a name of more than 255 bytes"
        case .badPointer(let offset): "a bad compression pointer at byte \(offset)"
        case .badRecordData(let type, let offset): "bad data of a record of type \(type) at byte \(offset)"
        case .notLocalSearch: "not a BT-SEARCH datagram"
        case .badHeader(let name): "the header \(name) is missing or wrong"
        }
    }
}
