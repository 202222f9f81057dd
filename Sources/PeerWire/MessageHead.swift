import Metainfo

/// The first bytes of a message: enough to refuse, to skip, or to know what to wait for.
struct MessageHead {
    enum Kind {
        case message(id: UInt8)
        case extended(ExtensionID)
        case block(BlockRequest)
        /// To be skipped; the message to tell in its place.
        case skipped(PeerMessage)
    }

    /// Bytes of the longest head, that of `piece`.
    static let maximumLength = 13

    let kind: Kind
    /// Bytes from the length field to where the body begins.
    let length: Int
    let bodyLength: Int
}

extension MessageHead {
    /// Nil when more bytes are needed to tell. Refuses as soon as the bytes so far allow it.
    static func decode(_ bytes: UnsafeRawBufferPointer, limits: MessageLimits) throws(PeerWireError) -> MessageHead? {
        guard bytes.count >= 4 else { return nil }
        let length = bytes.wireInteger(at: 0)
        if length == 0 { return MessageHead(kind: .skipped(.keepAlive), length: 4, bodyLength: 0) }
        guard length <= limits.message else { throw .messageTooLong(length: length, limit: limits.message) }
        guard bytes.count >= 5 else { return nil }
        let id = bytes[4]
        guard let allowed = limits.allowedLengths(id) else {
            return MessageHead(kind: .skipped(.unknown(id: id)), length: 5, bodyLength: length - 1)
        }
        guard allowed.contains(length) else { throw .wrongLength(id: id, length: length) }
        switch id {
        case MessageID.piece:
            guard bytes.count >= maximumLength else { return nil }
            let request = BlockRequest(
                piece: PieceIndex(bytes.wireInteger(at: 5)), begin: bytes.wireInteger(at: 9), length: length - 9)
            return MessageHead(kind: .block(request), length: maximumLength, bodyLength: length - 9)
        case MessageID.extended:
            guard bytes.count >= 6 else { return nil }
            return try extended(id: bytes[5], bodyLength: length - 2)
        case MessageID.hashes:
            guard (length - HashRequest.wireLength - 1).isMultiple(of: 32) else {
                throw .wrongLength(id: id, length: length)
            }
            return MessageHead(kind: .message(id: id), length: 5, bodyLength: length - 1)
        default:
            return MessageHead(kind: .message(id: id), length: 5, bodyLength: length - 1)
        }
    }

    private static func extended(id: UInt8, bodyLength: Int) throws(PeerWireError) -> MessageHead {
        guard let known = ExtensionID(rawValue: id) else {
            return MessageHead(kind: .skipped(.extended(.unknown(id: id))), length: 6, bodyLength: bodyLength)
        }
        guard ExtendedMessage.allowedBodyLengths(known).contains(bodyLength) else {
            throw .wrongExtendedLength(id: id, length: bodyLength)
        }
        return MessageHead(kind: .extended(known), length: 6, bodyLength: bodyLength)
    }
}

/// Lengths that messages may have.
struct MessageLimits: Sendable {
    /// Of any message, unknown ones included.
    var message = 1 << 20
    /// Of a bitfield: 2^21 pieces at first.
    var bitfield = 1 << 18
    /// Of a block. We ask for 16 KiB and never more, so nobody has a reason to send more.
    static let block = 16384

    /// What the length field may say for this id; nil for ids that we do not know.
    func allowedLengths(_ id: UInt8) -> ClosedRange<Int>? {
        switch id {
        case MessageID.choke, MessageID.unchoke, MessageID.interested, MessageID.notInterested,
            MessageID.haveAll, MessageID.haveNone:
            1...1
        case MessageID.have, MessageID.suggest, MessageID.allowedFast: 5...5
        case MessageID.bitfield: 1...1 + max(0, bitfield)
        case MessageID.request, MessageID.cancel, MessageID.reject: 13...13
        case MessageID.piece: 10...9 + Self.block
        case MessageID.port: 3...3
        case MessageID.extended: 2...max(2, message)
        case MessageID.hashRequest, MessageID.hashReject: 1 + HashRequest.wireLength...1 + HashRequest.wireLength
        // The range and at most 64 uncles.
        case MessageID.hashes:
            (1 + HashRequest.wireLength)...(1 + HashRequest.wireLength + 32 * (HashRequest.maximumLength + 64))
        default: nil
        }
    }
}
