import NIOCore

import Metainfo

extension PeerMessage {
    /// Appends the message, length field included.
    ///
    /// - Parameter peerExtensions: the ids from the peer's extended handshakes.
    /// - Returns: false when nothing was written, since the peer does not want that extension.
    @discardableResult
    public func encode(into buffer: inout ByteBuffer, peerExtensions: ExtensionIDs = .none) -> Bool {
        switch self {
        case .keepAlive: buffer.writeInteger(UInt32(0))
        case .choke: buffer.writeHead(MessageID.choke)
        case .unchoke: buffer.writeHead(MessageID.unchoke)
        case .interested: buffer.writeHead(MessageID.interested)
        case .notInterested: buffer.writeHead(MessageID.notInterested)
        case .have(let piece): buffer.writeMessage(MessageID.have, piece)
        case .bitfield(let bits):
            buffer.writeHead(MessageID.bitfield, bodyLength: bits.count)
            buffer.writeBytes(bits)
        case .request(let request): buffer.writeMessage(MessageID.request, request)
        case .cancel(let request): buffer.writeMessage(MessageID.cancel, request)
        case .port(let port):
            buffer.writeHead(MessageID.port, bodyLength: 2)
            buffer.writeInteger(port)
        case .suggest(let piece): buffer.writeMessage(MessageID.suggest, piece)
        case .haveAll: buffer.writeHead(MessageID.haveAll)
        case .haveNone: buffer.writeHead(MessageID.haveNone)
        case .reject(let request): buffer.writeMessage(MessageID.reject, request)
        case .allowedFast(let piece): buffer.writeMessage(MessageID.allowedFast, piece)
        case .extended(let message):
            guard let (id, body) = message.encoded(for: peerExtensions) else { return false }
            buffer.writeHead(MessageID.extended, bodyLength: 1 + body.count)
            buffer.writeInteger(id)
            buffer.writeBytes(body)
        case .hashRequest(let request): buffer.writeMessage(MessageID.hashRequest, request)
        case .hashes(let request, let hashes):
            buffer.writeMessage(MessageID.hashes, request, extraLength: 32 * hashes.count)
            for hash in hashes { buffer.writeBytes(hash.bytes) }
        case .hashReject(let request): buffer.writeMessage(MessageID.hashReject, request)
        case .unknown(let id): buffer.writeHead(id)
        }
        return true
    }
}

extension PeerMessage {
    /// Bytes in front of the block in a `piece` message.
    public static let pieceHeaderLength = 13

    /// Writes what goes in front of the block: 13 bytes at the beginning of `bytes`, which must have room for them.
    public static func writePieceHeader(_ request: BlockRequest, into bytes: UnsafeMutableRawBufferPointer) {
        let words = pieceHeaderWords(request)
        bytes.storeBytes(of: words.length.bigEndian, toByteOffset: 0, as: UInt32.self)
        bytes[4] = MessageID.piece
        bytes.storeBytes(of: words.piece.bigEndian, toByteOffset: 5, as: UInt32.self)
        bytes.storeBytes(of: words.begin.bigEndian, toByteOffset: 9, as: UInt32.self)
    }

    /// Appends what goes in front of the block.
    public static func writePieceHeader(_ request: BlockRequest, into buffer: inout ByteBuffer) {
        let words = pieceHeaderWords(request)
        buffer.writeMultipleIntegers(words.length, MessageID.piece, words.piece, words.begin)
    }

    /// Puts what goes in front of the block at an index of a buffer whose block is in place already.
    public static func setPieceHeader(_ request: BlockRequest, at index: Int, in buffer: inout ByteBuffer) {
        let words = pieceHeaderWords(request)
        buffer.setInteger(words.length, at: index)
        buffer.setInteger(MessageID.piece, at: index + 4)
        buffer.setInteger(words.piece, at: index + 5)
        buffer.setInteger(words.begin, at: index + 9)
    }

    private static func pieceHeaderWords(_ request: BlockRequest) -> (length: UInt32, piece: UInt32, begin: UInt32) {
        (
            UInt32(clamping: 9 + request.length), UInt32(clamping: request.piece.rawValue),
            UInt32(clamping: request.begin)
        )
    }
}

extension ByteBuffer {
    fileprivate mutating func writeHead(_ id: UInt8, bodyLength: Int = 0) {
        writeMultipleIntegers(UInt32(clamping: 1 + bodyLength), id)
    }

    fileprivate mutating func writeMessage(_ id: UInt8, _ piece: PieceIndex) {
        writeMultipleIntegers(UInt32(5), id, UInt32(clamping: piece.rawValue))
    }

    fileprivate mutating func writeMessage(_ id: UInt8, _ request: BlockRequest) {
        writeMultipleIntegers(
            UInt32(13), id, UInt32(clamping: request.piece.rawValue), UInt32(clamping: request.begin),
            UInt32(clamping: request.length))
    }

    fileprivate mutating func writeMessage(_ id: UInt8, _ request: HashRequest, extraLength: Int = 0) {
        writeHead(id, bodyLength: HashRequest.wireLength + extraLength)
        writeBytes(request.root.bytes)
        writeMultipleIntegers(
            UInt32(clamping: request.baseLayer), UInt32(clamping: request.index), UInt32(clamping: request.length),
            UInt32(clamping: request.proofLayers))
    }
}
