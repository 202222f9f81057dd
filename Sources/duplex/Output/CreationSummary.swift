import Metainfo
import Storage

/// What `create` says about the torrent it made.
struct CreationSummary: Sendable {
    let created: CreatedTorrent
    let destination: String
    let seconds: Double

    private var info: TorrentInfo { created.torrent.info }

    private var magnet: String { created.torrent.magnet(peers: []).description }

    var json: JSONValue {
        [
            "event": "created",
            "path": .string(destination),
            "name": .string(info.name),
            "infoHashV1": JSONValue(info.hashes.v1?.hex),
            "infoHashV2": JSONValue(info.hashes.v2?.hex),
            "magnet": .string(magnet),
            "pieceLength": JSONValue(info.pieceLength),
            "pieces": JSONValue(info.layout.pieceCount),
            "size": .integer(info.totalSize),
            "omitted": .array(created.omitted.map(Self.json)),
            "seconds": .number((seconds * 1000).rounded() / 1000),
        ]
    }

    private static func json(_ entry: OmittedEntry) -> JSONValue {
        ["path": .string(entry.path), "reason": .string("\(entry.reason)")]
    }

    func lines(terminal: Terminal) -> [String] {
        let files = info.files.count { !$0.isPadding }
        let size = ByteCount.size(info.totalSize)
        let pieces = "\(info.layout.pieceCount) of \(ByteCount.size(info.pieceLength))"
        let rate = ByteCount.rate(bytes: created.hashedBytes, seconds: seconds).map { ", \($0)" } ?? ""
        var rows = [
            ("file", destination),
            ("name", info.name),
            ("size", "\(size) in \(ByteCount.counted(files, "file"))"),
            ("pieces", pieces),
        ]
        if let hash = info.hashes.v1?.hex { rows.append(("info-hash v1", hash)) }
        if let hash = info.hashes.v2?.hex { rows.append(("info-hash v2", hash)) }
        rows.append(("magnet", magnet))
        rows.append(("hashed in", DurationText.elapsed(seconds) + rate))
        return TableText.lines(rows, terminal: terminal)
    }
}
