import Crypto
import Metainfo
import Storage

/// What is remembered of a share that is followed, or was: which version is at its place, and which is on its way.
/// It outlives the transfer, so that following again goes on from what is there.
struct FollowRecord: Codable, Sendable {
    /// The signed version that is whole at its place, bencoded; nil before the first.
    var current: [UInt8]?
    /// The one on its way.
    var next: [UInt8]?

    var currentVersion: ShareVersion? { current.flatMap { try? ShareVersion(decoding: $0) } }
    var nextVersion: ShareVersion? { next.flatMap { try? ShareVersion(decoding: $0) } }
}

/// The records of all shares that are followed, by their place. All methods block.
struct FollowRecords: Sendable {
    private let records: RecordFolder
    private let torrents: RecordFolder

    init(_ state: StateDirectory) throws(StorageError) {
        records = try RecordFolder(state, kind: "followed")
        torrents = try RecordFolder(state, kind: "followed-torrents")
    }

    func load(_ place: String) -> FollowRecord {
        guard let bytes = (try? records.load(Self.name(place))).flatMap(\.self) else { return FollowRecord() }
        return (try? JSON.decode(FollowRecord.self, from: bytes)) ?? FollowRecord()
    }

    func save(_ record: FollowRecord, at place: String) throws(StorageError) {
        try records.save(JSON.encode(record), as: Self.name(place))
    }

    /// The torrent of the version that is on its way.
    func nextTorrent(_ place: String) -> Torrent? {
        let bytes = (try? torrents.load(Self.name(place))).flatMap(\.self)
        return bytes.flatMap { try? Torrent(decoding: $0) }
    }

    func saveNext(_ torrent: Torrent, at place: String) throws(StorageError) {
        try torrents.save(torrent.encoded(), as: Self.name(place))
    }

    func removeNext(at place: String) {
        torrents.remove(Self.name(place))
    }

    private static func name(_ place: String) -> String {
        Hexadecimal.encode(Array(SHA256.hash(data: Array(place.utf8)).prefix(16)))
    }
}
