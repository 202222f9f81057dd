import Metainfo
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The resume records of all transfers, in the state directory.
///
/// Each transfer has two files: the torrent as everybody knows it, written again only when something about it becomes
/// known, and the state of the transfer. Both survive a power cut in the old or the new version, never in between.
/// All methods block, so they belong on a ``DiskPool``.
public final class ResumeStore: Sendable {
    /// What was found of an earlier run.
    public enum Finding: Sendable {
        case record(ResumeRecord)
        case absent
        /// There is a record but it cannot be used; start as if there was none. The text says why.
        case unusable(String)
    }

    private struct SavedTorrent {
        let layers: PieceLayers
        let trackers: [[String]]
        let webSeeds: [String]
    }

    private let state: StateDirectory
    private let savedTorrents = Mutex<[String: SavedTorrent]>([:])
    /// Far more than any record needs; only to bound what is read.
    private static let maximumLength = 128 << 20

    public init(_ state: StateDirectory) {
        self.state = state
    }

    /// Saves a record; when this returns it is on the disk.
    public func save(_ record: ResumeRecord) throws(StorageError) {
        let torrent = record.torrent
        let base = base(TransferName(hashes: torrent.info.hashes, directory: record.directory))
        let isSaved = savedTorrents.withLock { saved in
            guard let old = saved[base] else { return false }
            return old.layers == torrent.pieceLayers && old.trackers == torrent.trackers
                && old.webSeeds == torrent.webSeeds
        }
        if !isSaved {
            try DurableFile.write(torrent.encoded(), to: base + ".torrent")
            savedTorrents.withLock { saved in
                saved[base] = SavedTorrent(
                    layers: torrent.pieceLayers, trackers: torrent.trackers, webSeeds: torrent.webSeeds)
            }
        }
        try DurableFile.writeSealed(record.encodedState(), to: base + ".resume")
    }

    /// Finds the record of a torrent that was fetched into, or shared from, a folder.
    ///
    /// - Parameter hashes: any of the torrent's hashes; all that are given must fit.
    public func load(hashes: InfoHashes, directory: String) -> Finding {
        guard let name = find(hashes, directory) else { return .absent }
        let base = base(name)
        do throws(StorageError) {
            guard let encoded = try DurableFile.read(base + ".torrent", limit: Self.maximumLength),
                let torrent = try? Torrent(decoding: encoded),
                TransferName(hashes: torrent.info.hashes, directory: directory) == name
            else { return .unusable("\(base).torrent is missing or damaged") }
            guard let sealed = try DurableFile.readSealed(base + ".resume", limit: Self.maximumLength),
                let record = ResumeRecord(decodingState: sealed, torrent: torrent)
            else { return .unusable("\(base).resume is damaged") }
            return .record(record)
        } catch {
            return .unusable(error.description)
        }
    }

    /// Forgets a transfer. Its content is not touched.
    public func remove(hashes: InfoHashes, directory: String) {
        guard let name = find(hashes, directory) else { return }
        let base = base(name)
        savedTorrents.withLock { _ = $0.removeValue(forKey: base) }
        for suffix in [".resume", ".torrent", ".spill"] { unlink(base + suffix) }
    }

    /// Where the parts of boundary pieces go that belong to files nobody asked for, so that the user's folder holds
    /// nothing else than what was asked for.
    public func spillPath(hashes: InfoHashes, directory: String) -> String {
        base(TransferName(hashes: hashes, directory: directory)) + ".spill"
    }

    private func base(_ name: TransferName) -> String { state.transfers + "/" + name.text }

    private func find(_ hashes: InfoHashes, _ directory: String) -> TransferName? {
        let wanted = TransferName(hashes: hashes, directory: directory)
        let suffix = ".resume"
        return StateDirectory.names(in: state.transfers).lazy
            .filter { $0.hasSuffix(suffix) }
            .compactMap { TransferName($0.dropLast(suffix.count)) }
            .first { wanted.means($0) }
    }
}
