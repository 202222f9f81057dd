/// Why a peer's bytes were refused. Every case means: close the connection, the peer is to blame.
public enum PeerWireError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The handshake differs from BEP 3 at this offset: TLS (first byte 0x16), MSE/PE or some other protocol.
    case notBitTorrent(offset: Int, byte: UInt8)
    /// A length field beyond ``MessageFramer/maximumMessageLength``.
    case messageTooLong(length: Int, limit: Int)
    /// A length field that the message with this id cannot have.
    case wrongLength(id: UInt8, length: Int)
    /// An extended message (BEP 10; our own id) with a length that it cannot have.
    case wrongExtendedLength(id: UInt8, length: Int)
    /// An extended message (BEP 10; our own id) whose body is not what its specification says.
    case malformedExtended(id: UInt8)
    /// A `hashes` message (BEP 52) whose number of hashes disagrees with its own header.
    case wrongHashCount(length: Int, proofLayers: Int, hashes: Int)

    public var description: String {
        switch self {
        case .notBitTorrent(let offset, let byte):
            "not a BitTorrent handshake: byte \(byte) at offset \(offset)"
        case .messageTooLong(let length, let limit):
            "message of \(length) bytes, the limit is \(limit)"
        case .wrongLength(let id, let length):
            "message \(id) cannot be \(length) bytes long"
        case .wrongExtendedLength(let id, let length):
            "extended message \(id) cannot be \(length) bytes long"
        case .malformedExtended(let id):
            "malformed extended message \(id)"
        case .wrongHashCount(let length, let proofLayers, let hashes):
            "\(hashes) hashes do not fit a range of \(length) with \(proofLayers) proof layers"
        }
    }
}
