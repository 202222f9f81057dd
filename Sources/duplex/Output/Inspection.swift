import Metainfo

/// What `inspect` shows: of a torrent everything, of a magnet link what it says.
struct Inspection: Sendable {
    let name: String?
    let hashes: InfoHashes
    let magnet: MagnetLink
    /// nil for a magnet link, which says neither sizes nor files.
    let info: TorrentInfo?
    let trackers: [String]
    let webSeeds: [String]
    /// Label and text of lines that only one of the two has.
    private let remarks: [(label: String, text: String)]

    init(_ source: SourceArgument) {
        switch source {
        case .magnet(let link):
            name = link.name
            hashes = link.hashes
            magnet = link
            info = nil
            trackers = link.trackers
            webSeeds = link.webSeeds
            remarks = link.peers.map { ("peer", $0) }
        case .torrent(let torrent):
            name = torrent.info.name
            hashes = torrent.info.hashes
            magnet = torrent.magnet(peers: [])
            info = torrent.info
            trackers = torrent.trackers.flatMap(\.self)
            webSeeds = torrent.webSeeds
            remarks = [("comment", torrent.comment), ("created by", torrent.createdBy)]
                .compactMap { label, text in text.map { (label, $0) } }
        }
    }

    // MARK: JSON

    var json: JSONValue {
        [
            "name": JSONValue(name),
            "infoHashV1": JSONValue(hashes.v1?.hex),
            "infoHashV2": JSONValue(hashes.v2?.hex),
            "magnet": .string(magnet.description),
            "pieceLength": JSONValue(info?.pieceLength),
            "pieces": JSONValue(info?.layout.pieceCount),
            "size": JSONValue(info?.totalSize),
            "private": info.map { .bool($0.isPrivate) } ?? .null,
            "files": .array(files.map(Self.json)),
            "trackers": .array(trackers.map(JSONValue.string)),
            "webSeeds": .array(webSeeds.map(JSONValue.string)),
        ]
    }

    private static func json(_ file: TorrentFile) -> JSONValue {
        [
            "path": .string(file.path.joined(separator: "/")),
            "size": .integer(file.length),
            "executable": .bool(file.isExecutable),
        ]
    }

    /// Padding is how a torrent is laid out, not something that anybody shared.
    private var files: [TorrentFile] {
        info?.files.filter { !$0.isPadding } ?? []
    }

    // MARK: Text

    /// A table, then the tree of files.
    func lines(terminal: Terminal) -> [String] {
        var rows: [(label: String, text: String)] = [("name", name ?? "(the link does not say)")]
        if let info {
            rows.append(("size", "\(ByteCount.size(info.totalSize)) (\(info.totalSize) bytes)"))
            rows.append(("files", String(files.count)))
            let pieceSize = ByteCount.size(info.pieceLength)
            rows.append(("pieces", "\(info.layout.pieceCount) of \(pieceSize)"))
            rows.append(("format", Self.describe(info.format)))
            rows.append(("private", info.isPrivate ? "yes, peers only from its trackers" : "no"))
        }
        if let hash = hashes.v1?.hex { rows.append(("info-hash v1", hash)) }
        if let hash = hashes.v2?.hex { rows.append(("info-hash v2", hash)) }
        rows += trackers.map { ("tracker", $0) } + webSeeds.map { ("web seed", $0) } + remarks
        rows.append(("magnet", magnet.description))

        let table = TableText.lines(rows, terminal: terminal)
        guard let info, !info.isSingleFile else { return table }
        return table + [""] + FileTreeText.lines(root: info.name, files: files)
    }

    private static func describe(_ format: TorrentFormat) -> String {
        switch format {
        case .v1: "v1 (SHA-1)"
        case .v2: "v2 (SHA-256)"
        case .hybrid: "hybrid: v1 and v2 in one"
        }
    }
}
