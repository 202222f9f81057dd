import Metainfo
import NIOCore

/// Reads a ``Handshake`` as its bytes arrive.
///
/// The info-hash is told apart, before the peer id: a listener with many torrents answers at that point, and some peers
/// send their id only after the answer. A wrong byte is an error at once, so peers that begin with encryption (MSE/PE,
/// TLS) see the close early and fall back.
public struct HandshakeDecoder: Sendable {
    /// What the bytes so far amount to.
    public enum Step: Hashable, Sendable {
        case needMore
        /// Told once, after 48 bytes; call again with the rest.
        case infoHash(ReservedBits, WireInfoHash)
        /// All 68 bytes were there; what follows in the buffer are messages.
        case complete(Handshake)
    }

    private var bytes: [UInt8] = []
    private var toldInfoHash = false

    public init() {}

    /// Whether nothing was read yet.
    public var isFresh: Bool { bytes.isEmpty }

    /// Consumes bytes of the handshake, and none behind it. Call until it returns ``Step/needMore`` or
    /// ``Step/complete(_:)``.
    public mutating func decode(_ buffer: inout ByteBuffer) throws(PeerWireError) -> Step {
        let goal = toldInfoHash ? Handshake.length : Handshake.lengthToInfoHash
        let start = bytes.count
        if start < goal, let more = buffer.readBytes(length: min(goal - start, buffer.readableBytes)) {
            bytes += more
        }
        try checkProtocol(from: start)
        guard bytes.count == goal, let infoHash = WireInfoHash(bytes[28..<48]) else { return .needMore }
        let reserved = ReservedBits(rawValue: bytes[20..<28].reduce(0) { $0 << 8 | UInt64($1) })
        guard toldInfoHash else {
            toldInfoHash = true
            return .infoHash(reserved, infoHash)
        }
        guard let peerID = PeerID(bytes[48..<68]) else { return .needMore }
        return .complete(Handshake(reserved: reserved, infoHash: infoHash, peerID: peerID))
    }

    private func checkProtocol(from start: Int) throws(PeerWireError) {
        let expected = Handshake.protocolHeader
        var offset = start
        while offset < min(bytes.count, expected.count) {
            guard bytes[offset] == expected[offset] else {
                throw .notBitTorrent(offset: offset, byte: bytes[offset])
            }
            offset += 1
        }
    }
}
