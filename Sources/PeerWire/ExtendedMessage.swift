import Metainfo

/// A message of BEP 10: id 20, then an id that the receiver chose.
public enum ExtendedMessage: Equatable, Sendable {
    case handshake(ExtendedHandshake)
    case metadata(MetadataMessage)
    case pex(PexMessage)
    /// BEP 54: the sender no longer has this piece.
    case dontHave(PieceIndex)
    /// libtorrent's run-time form of BEP 21.
    case uploadOnly(Bool)
    /// An id that we never gave out, or a kind of metadata message that we do not know.
    case unknown(id: UInt8)
}

extension ExtendedMessage {
    /// Longest body of an extended message with this id of ours, checked before it is buffered.
    static func allowedBodyLengths(_ id: ExtensionID) -> ClosedRange<Int> {
        switch id {
        case .handshake: 2...65536
        // A 16 KiB block and its dictionary; libtorrent closes beyond the same 17 KiB.
        case .metadata: 2...17 * 1024
        case .pex: 2...65536
        case .dontHave: 4...4
        case .uploadOnly: 1...1
        }
    }

    /// Reads the body behind the extended id.
    static func decode(_ id: ExtensionID, _ body: UnsafeRawBufferPointer) throws(PeerWireError) -> ExtendedMessage {
        switch id {
        case .handshake:
            guard let handshake = ExtendedHandshake(decoding: [UInt8](body)) else {
                throw .malformedExtended(id: id.rawValue)
            }
            return .handshake(handshake)
        case .metadata:
            return try MetadataMessage.decode([UInt8](body))
        case .pex:
            guard let pex = PexMessage(decoding: [UInt8](body)) else { throw .malformedExtended(id: id.rawValue) }
            return .pex(pex)
        case .dontHave:
            return .dontHave(PieceIndex(body.wireInteger(at: 0)))
        case .uploadOnly:
            return .uploadOnly(body[0] != 0)
        }
    }

    /// The id to send with and the body, nil when the peer does not want such messages.
    func encoded(for peer: ExtensionIDs) -> (id: UInt8, body: [UInt8])? {
        func with(_ id: ExtensionID, _ body: @autoclosure () -> [UInt8]) -> (id: UInt8, body: [UInt8])? {
            peer.id(for: id).map { ($0, body()) }
        }
        switch self {
        case .handshake(let handshake): return with(.handshake, handshake.encoded())
        case .metadata(let message): return with(.metadata, message.encoded())
        case .pex(let message): return with(.pex, message.encoded())
        case .dontHave(let piece):
            let number = UInt32(clamping: piece.rawValue)
            return with(.dontHave, (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) })
        case .uploadOnly(let value): return with(.uploadOnly, [value ? 1 : 0])
        case .unknown(let id): return (id, [])
        }
    }
}
