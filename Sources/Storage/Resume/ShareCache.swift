import Bencode
import Crypto
import Metainfo

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Remembers the torrents of shared folders, so that sharing a folder again does not hash what did not change.
///
/// If every file has the same path and stamp as last time, the torrent is there at once. If some changed, v2 and hybrid
/// torrents hash just those, since files are independent of each other there; v1 hashes everything again.
public struct ShareCache: Sendable {
    private let state: StateDirectory
    /// How files are opened.
    var opening: ContentOpening = FolderScan.openContent
    private static let maximumLength = 128 << 20

    public init(_ state: StateDirectory) {
        self.state = state
    }

    /// Like ``TorrentCreator/create(path:options:pool:progress:)``, with what is remembered.
    ///
    /// - Parameter last: what the last call with this path and these options returned, if that is at hand: it saves
    ///   reading the record.
    /// - Returns: the torrent; ``CreatedTorrent/hashedBytes`` tells how much had to be read. It is remembered by
    ///   ``save(_:)``.
    public func create(
        path: String, options: CreationOptions = CreationOptions(), after last: CreatedTorrent? = nil, pool: DiskPool,
        progress: @escaping @Sendable (_ done: Int64, _ total: Int64) -> Void = { _, _ in }
    ) async throws(CreationError) -> CreatedTorrent {
        let scanTime = Self.now()
        let scan = try await pool.scan(path)
        let file = recordPath(scan.path, options)
        let atHand = last?.memory.flatMap { $0.file == file ? $0.record : nil }
        let known = if let atHand { atHand } else { await pool.value { Self.load(file) } }
        let described = scan.asSingleFile(for: options.format)
        if let known, known.matches(described) {
            var same = CreatedTorrent(torrent: known.torrent, scan: described, hashedBytes: 0)
            same.memory = Memory(record: known, file: file, isSaved: true)
            return same
        }
        var (created, hashed) = try await TorrentCreator.create(
            scan, options: options, reusing: known, pool: pool, opening: opening, progress: progress)
        let record = ShareRecord(scan: hashed, torrent: created.torrent, scanTime: scanTime)
        created.memory = Memory(record: record, file: file, isSaved: false)
        return created
    }

    /// What there is to remember of a torrent, and where.
    struct Memory: Sendable {
        let record: ShareRecord
        let file: String
        let isSaved: Bool
    }

    /// Remembers a torrent for later runs, if that was not done yet. Blocks.
    public func save(_ created: CreatedTorrent) {
        guard let memory = created.memory, !memory.isSaved else { return }
        // Sharing works without; it only means to hash again next time.
        try? DurableFile.writeSealed(memory.record.encoded(), to: memory.file)
    }

    /// What an earlier run found at a path, without a look at the files: for a host that starts and must not wait. Nil if
    /// a file may have been changed unnoticed since then.
    ///
    /// - Parameter path: as `FolderScan/path` has it. Blocks.
    public func remembered(path: String, options: CreationOptions) -> CreatedTorrent? {
        let file = recordPath(path, options)
        guard let record = Self.load(file), !record.files.contains(where: { $0.stamp == nil })
        else {
            return nil
        }
        return CreatedTorrent(remembered: Memory(record: record, file: file, isSaved: true), path: path)
    }

    /// Forgets what was found at a path.
    public func forget(path: String, options: CreationOptions) {
        unlink(recordPath(path, options))
    }

    private static func load(_ path: String) -> ShareRecord? {
        guard let bytes = try? DurableFile.readSealed(path, limit: maximumLength) else { return nil }
        return ShareRecord(decoding: bytes)
    }

    /// One record for each path and way to make a torrent of it.
    private func recordPath(_ path: String, _ options: CreationOptions) -> String {
        var key: [BencodeValue] = [
            .text(path), .text(options.format.rawValue), .integer(Int64(options.pieceLength ?? 0)),
            .list(options.trackers.map { .list($0.map { .text($0) }) }), .list(options.webSeeds.map { .text($0) }),
        ]
        if let name = options.name { key.append(.text(name)) }
        let digest = SHA256.hash(data: BencodeValue.list(key).encoded())
        return state.shares + "/" + TransferName.hexadecimal(digest.prefix(16)) + ".share"
    }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}

extension DiskPool {
    /// Runs blocking work on a worker and waits for what it returns.
    func value<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            submit(affinity: 0) { continuation.resume(returning: work()) }
        }
    }
}
