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
    private static let maximumLength = 128 << 20

    public init(_ state: StateDirectory) {
        self.state = state
    }

    /// Like ``TorrentCreator/create(path:options:pool:progress:)``, with what is remembered.
    ///
    /// - Returns: the torrent; ``CreatedTorrent/hashedBytes`` tells how much had to be read.
    public func create(
        path: String, options: CreationOptions = CreationOptions(), pool: DiskPool,
        progress: @escaping @Sendable (_ done: Int64, _ total: Int64) -> Void = { _, _ in }
    ) async throws(CreationError) -> CreatedTorrent {
        let scanTime = Self.now()
        let scan = try await pool.scan(path)
        let file = recordPath(scan.path, options)
        let known = await pool.value { Self.load(file) }
        if let known, known.matches(scan) {
            return CreatedTorrent(torrent: known.torrent, scan: scan.asSingleFile(for: options.format), hashedBytes: 0)
        }
        let created = try await TorrentCreator.create(
            scan, options: options, reusing: known, pool: pool, progress: progress)
        let described = scan.asSingleFile(for: options.format)
        await pool.value {
            let record = ShareRecord(scan: described, torrent: created.torrent, scanTime: scanTime)
            // Sharing works without; it only means to hash again next time.
            try? DurableFile.writeSealed(record.encoded(), to: file)
        }
        return created
    }

    private static func load(_ path: String) -> ShareRecord? {
        guard let bytes = try? DurableFile.readSealed(path, limit: maximumLength) else { return nil }
        return ShareRecord(decoding: bytes)
    }

    /// One record for each path and way to make a torrent of it.
    private func recordPath(_ path: String, _ options: CreationOptions) -> String {
        let key = BencodeValue.list([
            .text(path), .text(options.format.rawValue), .integer(Int64(options.pieceLength ?? 0)),
            .list(options.trackers.map { .list($0.map { .text($0) }) }), .list(options.webSeeds.map { .text($0) }),
        ])
        let digest = SHA256.hash(data: key.encoded())
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
