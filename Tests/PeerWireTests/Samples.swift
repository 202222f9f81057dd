import Metainfo
import NIOCore
import PeerWire

/// One of each kind of message, with the numbers at their edges.
enum Samples {
    static let root = MerkleHash((0..<32).map { UInt8($0) })
    static let request = BlockRequest(piece: PieceIndex(7), begin: 16384, length: 16384)
    static let extremes = BlockRequest(piece: PieceIndex(0xFFFF_FFFF), begin: 0xFFFF_FFFF, length: 0xFFFF_FFFF)

    static var plain: [PeerMessage] {
        [
            .keepAlive, .choke, .unchoke, .interested, .notInterested, .have(PieceIndex(0)),
            .have(PieceIndex(0xFFFF_FFFF)), .bitfield([]), .bitfield([0xFF, 0x80]),
            .bitfield([UInt8](repeating: 0xA5, count: 40_000)), .request(request), .request(extremes), .cancel(request),
            .port(6881), .port(.max), .suggest(PieceIndex(3)), .haveAll, .haveNone, .reject(request),
            .reject(extremes), .allowedFast(PieceIndex(1313)), .unknown(id: 99),
        ]
    }

    static var hashes: [PeerMessage] {
        guard let root else { return [] }
        let request = HashRequest(root: root, baseLayer: 0, index: 512, length: 128, proofLayers: 9)
        let extremes = HashRequest(
            root: root, baseLayer: 0xFFFF_FFFF, index: 0xFFFF_FFFF, length: 0xFFFF_FFFF, proofLayers: 0xFFFF_FFFF)
        // 128 hashes and 9 - (7 - 1) uncles, as libtorrent was seen to send.
        let nodes = (0..<131).compactMap { number in MerkleHash([UInt8](repeating: UInt8(number), count: 32)) }
        return [.hashRequest(request), .hashRequest(extremes), .hashes(request, nodes), .hashReject(extremes)]
    }

    static var extended: [PeerMessage] {
        let handshake = ExtendedHandshake(
            ids: .ours, listenPort: 6881, client: "Duplex 0.1", yourIP: [192, 0, 2, 1], requestQueue: 500,
            metadataSize: 40_000, uploadOnly: true)
        let block = [UInt8](repeating: UInt8(ascii: "e"), count: MetadataMessage.blockLength)
        return [
            .extended(.handshake(handshake)),
            .extended(.handshake(ExtendedHandshake(ids: .none))),
            .extended(.metadata(.request(piece: 0))),
            .extended(.metadata(.data(piece: 2, totalSize: 40_000, bytes: block))),
            .extended(.metadata(.data(piece: 3, totalSize: 49_153, bytes: [1]))),
            .extended(.metadata(.reject(piece: 4))),
            .extended(.pex(pex)),
            .extended(.pex(PexMessage())),
            .extended(.dontHave(PieceIndex(17))),
            .extended(.uploadOnly(true)),
            .extended(.uploadOnly(false)),
            .extended(.unknown(id: 200)),
        ]
    }

    static var pex: PexMessage {
        let texts = ["192.0.2.7:6881", "[2001:db8::7]:51413", "198.51.100.1:1"]
        let addresses = texts.compactMap { PeerAddress(parsing: $0) }
        return PexMessage(
            added: addresses.enumerated().map { .init(address: $0.element, flags: .init(rawValue: UInt8($0.offset))) }
                .sorted { !$0.address.isIPv6 && $1.address.isIPv6 },
            dropped: addresses.sorted { !$0.isIPv6 && $1.isIPv6 })
    }

    static var all: [PeerMessage] { plain + hashes + extended }

    static func block(_ length: Int, seed: UInt8 = 1) -> [UInt8] {
        (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ Int(seed)) }
    }

    /// A stream with everything in it, blocks between the messages.
    static func stream() -> (bytes: [UInt8], items: [WireItem]) {
        var buffer = ByteBuffer()
        var items: [WireItem] = []
        for (number, message) in all.enumerated() {
            message.encode(into: &buffer, peerExtensions: .ours)
            items.append(.message(message))
            guard number.isMultiple(of: 5) else { continue }
            let bytes = block(number == 0 ? 16384 : 100 + number)
            let request = BlockRequest(piece: PieceIndex(number), begin: 16384 * number, length: bytes.count)
            PeerMessage.writePieceHeader(request, into: &buffer)
            buffer.writeBytes(bytes)
            items.append(.block(request, ByteBuffer(bytes: bytes)))
        }
        return (Array(buffer.readableBytesView), items)
    }
}

extension MessageFramer {
    /// Appends the bytes and takes out whatever is whole.
    mutating func feed(_ bytes: some Collection<UInt8>) throws -> [WireItem] {
        append(ByteBuffer(bytes: bytes))
        var items: [WireItem] = []
        while let item = try next() { items.append(item) }
        return items
    }
}
