import Metainfo
import PeerWire

/// Messages as peers may send them, good and bad, out of the fuzzer's bytes.
struct MessageSource {
    let info: TorrentInfo
    let layers: PieceLayers

    private var pieceCount: Int { info.layout.pieceCount }

    func message(_ input: inout InputReader) -> PeerMessage {
        switch input.number(below: 24) {
        case 0: .keepAlive
        case 1: .choke
        case 2, 3: .unchoke
        case 4: .interested
        case 5: .notInterested
        case 6: .have(piece(&input))
        case 7: .bitfield(input.bytes((pieceCount + 7) / 8 + input.number(below: 2)))
        case 8: .bitfield([0xFC])
        case 9, 10: .request(block(&input))
        case 11: .cancel(block(&input))
        case 12: .port(6881)
        case 13: .suggest(piece(&input))
        case 14: .haveAll
        case 15: .haveNone
        case 16: .reject(block(&input))
        case 17: .allowedFast(piece(&input))
        case 18: .hashRequest(hashRequest(&input))
        case 19, 20: hashes(&input)
        case 21: .hashReject(hashRequest(&input))
        case 22: .unknown(id: input.byte())
        default: .extended(extended(&input))
        }
    }

    func block(_ input: inout InputReader) -> BlockRequest {
        let piece = piece(&input)
        let number = input.number(below: 4)
        let size = (0..<pieceCount).contains(piece.rawValue) ? info.layout.blockSize(piece, block: number) : 16384
        let isOdd = input.byte() > 240
        return BlockRequest(
            piece: piece, begin: isOdd ? input.wireNumber(around: 32768) : number * 16384,
            length: isOdd ? input.wireNumber(around: 16384) : size)
    }

    func hashRequest(_ input: inout InputReader) -> HashRequest {
        let root = info.files.first?.piecesRoot ?? .zero
        return HashRequest(
            root: input.byte() > 250 ? .zero : root, baseLayer: input.wireNumber(around: 3),
            index: input.wireNumber(around: 8), length: 1 << input.number(below: 14),
            proofLayers: input.wireNumber(around: 4))
    }

    private func piece(_ input: inout InputReader) -> PieceIndex {
        PieceIndex(input.wireNumber(around: pieceCount))
    }

    /// A right answer where one exists, unless the bytes say otherwise.
    private func hashes(_ input: inout InputReader) -> PeerMessage {
        var request = hashRequest(&input)
        request.length = max(2, min(request.length, 8192))
        var hashes: [MerkleHash]?
        if let file = info.files.first, let root = file.piecesRoot, let layer = layers[root] {
            if input.flag() {
                request = HashRequest(root: root, baseLayer: 1, index: 0, length: 8, proofLayers: 2)
            }
            var tree = FileHashTree(root: root, fileLength: file.length, pieceLength: info.pieceLength)
            _ = tree.insertPieceLayer(layer)
            let range = tree.leavesNeeded(index: request.index, length: request.length)
            let leaves = Array(SampleTorrent.leaves[range.clamped(to: 0..<SampleTorrent.leaves.count)])
            hashes = tree.reply(
                baseLayer: request.baseLayer, index: request.index, length: request.length,
                proofLayers: request.proofLayers, leaves: leaves)
        }
        if hashes == nil || input.byte() > 240 {
            hashes = [MerkleHash](repeating: .zero, count: min(request.hashCount ?? 2, 9000))
        }
        return .hashes(request, hashes ?? [])
    }

    private func extended(_ input: inout InputReader) -> ExtendedMessage {
        let block = MetadataMessage.blockLength
        switch input.number(below: 9) {
        case 0, 1:
            let sizes = [info.encoded.count, 0, 1 << 30, info.encoded.count + 1]
            return .handshake(
                ExtendedHandshake(
                    ids: ExtensionIDs(metadata: input.byte(), pex: input.byte(), dontHave: input.byte(), uploadOnly: 3),
                    listenPort: 1 + UInt16(input.byte()), client: "fuzz", yourIP: [10, 0, 0, input.byte()],
                    requestQueue: input.wireNumber(around: 100), metadataSize: sizes[input.number(below: 4)],
                    uploadOnly: input.flag()))
        case 2: return .metadata(.request(piece: input.wireNumber(around: 3)))
        case 3:
            let piece = input.wireNumber(around: 1)
            let wrong = input.byte() > 240
            let start = min(piece, 1 << 20) * block
            let bytes = wrong ? input.bytes(20) : Array(info.encoded.dropFirst(start).prefix(block))
            return .metadata(.data(piece: piece, totalSize: info.encoded.count, bytes: bytes))
        case 4: return .metadata(.reject(piece: input.wireNumber(around: 3)))
        case 5:
            let addresses = (0..<input.number(below: 200)).map { number in
                PeerAddress(ipv4: 0x0A00_0000 | UInt32(number) << 8 | UInt32(input.byte()), port: 6881)
            }
            return .pex(PexMessage(added: addresses.map { .init(address: $0) }, dropped: addresses.suffix(3)))
        case 6: return .dontHave(piece(&input))
        case 7: return .uploadOnly(input.flag())
        default: return .unknown(id: input.byte())
        }
    }
}
