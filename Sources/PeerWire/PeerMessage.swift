import Metainfo

/// A message of the peer protocol (BEP 3, 5, 6, 10, 52), all but `piece`.
///
/// Block bytes are never part of a message value: they travel as ``WireItem/block(_:_:)`` inwards, and behind a header
/// from ``PeerMessage/writePieceHeader(_:into:)`` outwards.
public enum PeerMessage: Equatable, Sendable {
    case keepAlive
    case choke
    case unchoke
    case interested
    case notInterested
    case have(PieceIndex)
    /// Piece 0 is the highest bit of byte 0; the length and the spare bits are not checked here.
    case bitfield([UInt8])
    case request(BlockRequest)
    case cancel(BlockRequest)
    /// UDP port of the sender's DHT node.
    case port(UInt16)
    case suggest(PieceIndex)
    case haveAll
    case haveNone
    case reject(BlockRequest)
    case allowedFast(PieceIndex)
    indirect case extended(ExtendedMessage)
    indirect case hashRequest(HashRequest)
    /// The range, then its uncles, lowest first. Their number agrees with ``HashRequest/hashCount``.
    indirect case hashes(HashRequest, [MerkleHash])
    indirect case hashReject(HashRequest)
    /// A message that we do not know; its body was skipped.
    case unknown(id: UInt8)
}

/// The first byte of a message's body.
enum MessageID {
    static let choke: UInt8 = 0
    static let unchoke: UInt8 = 1
    static let interested: UInt8 = 2
    static let notInterested: UInt8 = 3
    static let have: UInt8 = 4
    static let bitfield: UInt8 = 5
    static let request: UInt8 = 6
    static let piece: UInt8 = 7
    static let cancel: UInt8 = 8
    static let port: UInt8 = 9
    static let suggest: UInt8 = 13
    static let haveAll: UInt8 = 14
    static let haveNone: UInt8 = 15
    static let reject: UInt8 = 16
    static let allowedFast: UInt8 = 17
    static let extended: UInt8 = 20
    static let hashRequest: UInt8 = 21
    static let hashes: UInt8 = 22
    static let hashReject: UInt8 = 23
}
