import Metainfo

extension PeerMessage {
    /// Reads the body behind the id. Its length was checked with the head.
    static func decode(id: UInt8, _ body: UnsafeRawBufferPointer) throws(PeerWireError) -> PeerMessage {
        switch id {
        case MessageID.choke: return .choke
        case MessageID.unchoke: return .unchoke
        case MessageID.interested: return .interested
        case MessageID.notInterested: return .notInterested
        case MessageID.have: return .have(PieceIndex(body.wireInteger(at: 0)))
        case MessageID.bitfield: return .bitfield([UInt8](body))
        case MessageID.request: return .request(BlockRequest(wire: body))
        case MessageID.cancel: return .cancel(BlockRequest(wire: body))
        case MessageID.port: return .port(UInt16(body[0]) << 8 | UInt16(body[1]))
        case MessageID.suggest: return .suggest(PieceIndex(body.wireInteger(at: 0)))
        case MessageID.haveAll: return .haveAll
        case MessageID.haveNone: return .haveNone
        case MessageID.reject: return .reject(BlockRequest(wire: body))
        case MessageID.allowedFast: return .allowedFast(PieceIndex(body.wireInteger(at: 0)))
        case MessageID.hashRequest, MessageID.hashes, MessageID.hashReject:
            return try decodeHashes(id: id, body)
        default: return .unknown(id: id)
        }
    }

    private static func decodeHashes(
        id: UInt8, _ body: UnsafeRawBufferPointer
    ) throws(PeerWireError) -> PeerMessage {
        guard let request = HashRequest(wire: body) else { throw .wrongLength(id: id, length: body.count + 1) }
        if id == MessageID.hashRequest { return .hashRequest(request) }
        if id == MessageID.hashReject { return .hashReject(request) }
        let count = (body.count - HashRequest.wireLength) / 32
        guard count == request.hashCount else {
            throw .wrongHashCount(length: request.length, proofLayers: request.proofLayers, hashes: count)
        }
        var hashes: [MerkleHash] = []
        hashes.reserveCapacity(count)
        for offset in stride(from: HashRequest.wireLength, to: body.count, by: 32) {
            if let hash = MerkleHash(body[offset..<(offset + 32)]) { hashes.append(hash) }
        }
        return .hashes(request, hashes)
    }
}

extension BlockRequest {
    /// From the 12 bytes of a request.
    init(wire body: UnsafeRawBufferPointer) {
        self.init(
            piece: PieceIndex(body.wireInteger(at: 0)), begin: body.wireInteger(at: 4), length: body.wireInteger(at: 8))
    }
}

extension HashRequest {
    /// Bytes behind the id.
    static let wireLength = 48

    init?(wire body: UnsafeRawBufferPointer) {
        guard body.count >= Self.wireLength, let root = MerkleHash(body[0..<32]) else { return nil }
        self.init(
            root: root, baseLayer: body.wireInteger(at: 32), index: body.wireInteger(at: 36),
            length: body.wireInteger(at: 40), proofLayers: body.wireInteger(at: 44))
    }
}

extension UnsafeRawBufferPointer {
    /// An unsigned 32-bit number in network order.
    func wireInteger(at offset: Int) -> Int {
        Int(UInt32(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }
}
