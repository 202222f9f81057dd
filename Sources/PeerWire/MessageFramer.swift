import NIOCore

/// Cuts a peer's byte stream, behind the handshake, into messages and blocks.
///
/// Lengths are checked at a message's head, before any of its body is kept (PROTOCOLS: BEP 3, 6, 9, 10, 11, 52 each name
/// theirs), and bodies that mean nothing to us are skipped as they arrive, so memory is bounded by the longest message
/// that we understand. A block that lies whole in one read comes out as a slice of it, without a copy; one that straddles
/// reads is copied once, and what follows it is sliced again.
///
/// After an error the stream is lost: every further call throws the same.
public struct MessageFramer: Sendable {
    private enum Stage {
        case head
        case body(MessageHead)
        case skip(Int)
    }

    private var limits = MessageLimits()
    private var stage = Stage.head
    /// What was read last and is not consumed yet.
    private var fresh = ByteBuffer()
    /// The beginning of a head that straddles reads.
    private var head: [UInt8] = []
    /// The beginning of a body that straddles reads.
    private var body = ByteBuffer()
    private var failure: PeerWireError?

    public init() {}

    /// Longest length field that is accepted, bytes. 1 MiB unless set.
    public var maximumMessageLength: Int {
        get { limits.message }
        set { limits.message = newValue }
    }

    /// Longest bitfield that is accepted, bytes. 256 KiB (2^21 pieces) unless set; to be lowered once the torrent's number
    /// of pieces is known.
    public var maximumBitfieldLength: Int {
        get { limits.bitfield }
        set { limits.bitfield = newValue }
    }

    /// Bytes held: what was appended and not taken yet, and the beginning of an incomplete message.
    public var bufferedBytes: Int {
        fresh.readableBytes + head.count + body.readableBytes
    }

    /// Bytes that the rest of the block at hand still takes; 0 when what comes next may be anything else. Nothing that comes
    /// before them is of use to anybody.
    public var missingBlockBytes: Int {
        guard case .body(let head) = stage, case .block = head.kind else { return 0 }
        return head.bodyLength - body.readableBytes
    }

    /// Takes over what was read. Cheap when ``next()`` has returned nil since the last time.
    public mutating func append(_ buffer: ByteBuffer) {
        guard failure == nil else { return }
        if fresh.readableBytes == 0 {
            fresh = buffer
        } else {
            fresh.writeImmutableBuffer(buffer)
        }
    }

    /// The next whole message or block, nil when more bytes are needed.
    public mutating func next() throws(PeerWireError) -> WireItem? {
        if let failure { throw failure }
        do throws(PeerWireError) {
            if let item = try step() { return item }
        } catch {
            failure = error
            (fresh, head, body) = (ByteBuffer(), [], ByteBuffer())
            throw error
        }
        // Let go of the storage, so that whoever reads from the socket can use it again.
        fresh = ByteBuffer()
        return nil
    }

    private mutating func step() throws(PeerWireError) -> WireItem? {
        while true {
            switch stage {
            case .head:
                guard let found = try readHead() else { return nil }
                if case .skipped(let message) = found.kind {
                    if found.bodyLength > 0 { stage = .skip(found.bodyLength) }
                    return .message(message)
                }
                if found.bodyLength <= fresh.readableBytes { return try Self.take(found, from: &fresh) }
                // Bodies longer than a block grow as they arrive: a length field alone does not get them memory.
                body = ByteBufferAllocator().buffer(capacity: min(found.bodyLength, MessageLimits.block))
                stage = .body(found)
            case .body(let found):
                let missing = found.bodyLength - body.readableBytes
                guard let part = fresh.readSlice(length: min(missing, fresh.readableBytes)) else { return nil }
                body.writeImmutableBuffer(part)
                guard part.readableBytes == missing else { return nil }
                var whole = body
                body = ByteBuffer()
                stage = .head
                return try Self.take(found, from: &whole)
            case .skip(let remaining):
                let count = min(remaining, fresh.readableBytes)
                fresh.moveReaderIndex(forwardBy: count)
                guard count == remaining else {
                    stage = .skip(remaining - count)
                    return nil
                }
                stage = .head
            }
        }
    }

    /// Consumes a head, or stashes its beginning.
    private mutating func readHead() throws(PeerWireError) -> MessageHead? {
        guard head.isEmpty else { return try readStraddlingHead() }
        let limits = limits
        let result = fresh.withUnsafeReadableBytes { bytes in
            Result { () throws(PeerWireError) in try MessageHead.decode(bytes, limits: limits) }
        }
        guard let found = try result.get() else {
            head.append(contentsOf: fresh.readableBytesView)
            return nil
        }
        fresh.moveReaderIndex(forwardBy: found.length)
        return found
    }

    private mutating func readStraddlingHead() throws(PeerWireError) -> MessageHead? {
        let stashed = head.count
        head.append(contentsOf: fresh.readableBytesView.prefix(MessageHead.maximumLength - stashed))
        let limits = limits
        let result = head.withUnsafeBytes { bytes in
            Result { () throws(PeerWireError) in try MessageHead.decode(bytes, limits: limits) }
        }
        guard let found = try result.get() else { return nil }
        head.removeAll(keepingCapacity: true)
        // The stash alone was too short for a head, so the head ends behind it.
        fresh.moveReaderIndex(forwardBy: found.length - stashed)
        return found
    }

    /// Consumes a body that is there as a whole.
    private static func take(
        _ head: MessageHead, from buffer: inout ByteBuffer
    ) throws(PeerWireError) -> WireItem? {
        guard let body = buffer.readSlice(length: head.bodyLength) else { return nil }
        if case .block(let request) = head.kind { return .block(request, body) }
        let result = body.withUnsafeReadableBytes { bytes in
            Result { () throws(PeerWireError) -> PeerMessage in
                switch head.kind {
                case .message(let id): try PeerMessage.decode(id: id, bytes)
                case .extended(let id): .extended(try ExtendedMessage.decode(id, bytes))
                case .skipped(let message): message
                case .block: .keepAlive
                }
            }
        }
        return .message(try result.get())
    }
}
