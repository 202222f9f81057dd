import Bencode

/// A torrent file: the info dictionary and what stands around it (BEP 3, 12, 19, 52).
public struct Torrent: Sendable {
    public var info: TorrentInfo
    /// The v2 piece hashes, as far as they are known; what is missing peers can be asked for.
    public var pieceLayers: PieceLayers
    /// Tracker addresses in tiers (BEP 12).
    public var trackers: [[String]]
    /// Web seed addresses (BEP 19).
    public var webSeeds: [String]
    public var comment: String?
    public var createdBy: String?
    /// Seconds since 1970.
    public var creationDate: Int64?

    public init(
        info: TorrentInfo, pieceLayers: PieceLayers = PieceLayers(), trackers: [[String]] = [], webSeeds: [String] = [],
        comment: String? = nil, createdBy: String? = nil, creationDate: Int64? = nil
    ) {
        self.info = info
        self.pieceLayers = pieceLayers
        self.trackers = trackers
        self.webSeeds = webSeeds
        self.comment = comment
        self.createdBy = createdBy
        self.creationDate = creationDate
    }

    /// Reads a torrent file.
    ///
    /// Missing piece layers are accepted, wrong ones are not; layers of unknown files are ignored.
    public init(decoding bytes: [UInt8]) throws(MetainfoError) {
        let value = try InfoReader.decode(bytes, mode: .lenient)
        guard let top = value.dictionary else { throw .notDictionary }
        guard let infoValue = top["info"], let range = top.sourceRange(of: "info") else { throw .missing("info") }
        let info = try InfoReader.read(Array(bytes[range]), infoValue, base: range.lowerBound)
        self.init(
            info: info, pieceLayers: try Self.layers(top, info: info), trackers: AddressList.trackers(top),
            webSeeds: AddressList.webSeeds(top), comment: top["comment"]?.text, createdBy: top["created by"]?.text,
            creationDate: top["creation date"]?.integer)
    }

    /// The torrent file. `piece layers` has the layers that are known; write it only when all are.
    public func encoded() -> [UInt8] {
        var output: [UInt8] = [UInt8(ascii: "d")]
        func append(_ key: String, _ value: BencodeValue?) {
            guard let value else { return }
            BencodeValue.encode(Array(key.utf8), into: &output)
            value.encode(into: &output)
        }
        // In the order of raw bytes. The info dictionary goes out as it came in.
        append("announce", trackers.joined().first.map { .text($0) })
        if trackers.joined().dropFirst().first != nil {
            append("announce-list", .list(trackers.filter { !$0.isEmpty }.map { .list($0.map { .text($0) }) }))
        }
        append("comment", comment.map { .text($0) })
        append("created by", createdBy.map { .text($0) })
        append("creation date", creationDate.map { .integer($0) })
        BencodeValue.encode(Array("info".utf8), into: &output)
        output.append(contentsOf: info.encoded)
        if info.format.hasV2 { append("piece layers", encodedLayers()) }
        if !webSeeds.isEmpty { append("url-list", .list(webSeeds.map { .text($0) })) }
        output.append(UInt8(ascii: "e"))
        return output
    }

    /// A link to this torrent, naming peers as `host:port`.
    public func magnet(peers: [String] = []) -> MagnetLink {
        MagnetLink(
            hashes: info.hashes, name: info.name, trackers: Array(trackers.joined()), webSeeds: webSeeds, peers: peers)
    }

    private func encodedLayers() -> BencodeValue {
        var dictionary = BencodeDictionary()
        for root in pieceLayers.sortedRoots {
            guard let layer = pieceLayers[root] else { continue }
            var bytes: [UInt8] = []
            bytes.reserveCapacity(layer.count * MerkleHash.byteCount)
            for hash in layer { hash.withUnsafeBytes { bytes.append(contentsOf: $0) } }
            dictionary.set(root.bytes, .string(bytes))
        }
        return .dictionary(dictionary)
    }

    private static func layers(_ top: BencodeDictionary, info: TorrentInfo) throws(MetainfoError) -> PieceLayers {
        var layers = PieceLayers()
        guard info.format.hasV2, let value = top["piece layers"] else { return layers }
        guard let dictionary = value.dictionary,
            dictionary.entries.allSatisfy({ $0.key.count == MerkleHash.byteCount })
        else { throw .invalid("piece layers") }
        for file in info.files where file.length > Int64(info.pieceLength) {
            guard let root = file.piecesRoot, let entry = dictionary[bytes: root.bytes] else { continue }
            let size = MerkleHash.byteCount
            guard let bytes = entry.bytes, bytes.count % size == 0 else { throw .invalidPieceLayer(root: root) }
            let layer = bytes.withUnsafeBytes { buffer in
                buffer.baseAddress.map { base in
                    (0..<buffer.count / size).map { MerkleHash(copying: base + $0 * size) }
                }
            }
            try layers.insert(layer ?? [], root: root, fileLength: file.length, pieceLength: info.pieceLength)
        }
        return layers
    }
}
