import Metainfo
import PeerWire
import Storage
import SwarmEngine

/// Storage made ready for a transfer, and what was found on disk.
struct Preparation: Sendable {
    /// Its piece layers may come later, from peers.
    var torrent: Torrent
    let store: ContentStore
    let have: PieceSet
    let selection: FileSelection
    let directory: String
    let rootName: String
    /// Held while the transfer is there; nil for one that does not write.
    let lock: TransferLock?
    /// Nothing is fetched: what is there is served, and nothing else.
    var isServedOnly = false
    /// What an earlier record still says truly of each file; nil where it says nothing or the file has changed.
    var recordedStamps: [FileStamp?] = []
    /// What the user should know of what was found.
    var notices: [String] = []
    /// Payload bytes of earlier runs.
    var downloadedBefore: Int64 = 0
    var uploadedBefore: Int64 = 0
}

/// Looks at what is on disk before a transfer begins. Takes its time, away from the event loop.
struct Preparer: Sendable {
    let state: StateDirectory
    let pool: DiskPool
    let files: FileTable
    let records: ResumeStore

    /// Offers content that was hashed before.
    ///
    /// - Parameter stamps: of each file when it was hashed; nil for those that it has now.
    func offer(
        _ torrent: Torrent, directory: String, rootName: String?, stamps: [FileStamp?]? = nil
    ) throws -> Preparation {
        let store = try ContentStore(
            info: torrent.info, directory: directory, rootName: rootName, pool: pool, files: files)
        store.setPieceLayers(torrent.pieceLayers)
        let all = PieceSet(fullWithCapacity: torrent.info.layout.pieceCount)
        store.setVerified((0..<torrent.info.layout.pieceCount).lazy.map { PieceIndex($0) })
        if let stamps { store.hold(to: stamps) } else { store.holdToStamps() }
        return Preparation(
            torrent: torrent, store: store, have: all,
            selection: try FileSelection(patterns: [], numbers: nil, in: torrent.info),
            directory: directory, rootName: rootName ?? torrent.info.name, lock: nil)
    }

    /// Offers existing content for an existing torrent, which is checked first.
    func check(
        _ torrent: Torrent, directory: String, rootName: String?, progress: @escaping @Sendable (Int64) -> Void
    ) async throws -> Preparation {
        let offered = try offer(torrent, directory: directory, rootName: rootName)
        let layout = torrent.info.layout
        let good: [PieceIndex]
        do {
            good = try await offered.store.check(progress: progress)
        } catch {
            offered.store.close()
            throw error
        }
        let missing = layout.pieceCount - good.count
        guard missing == 0 else {
            offered.store.close()
            let path = directory + "/" + offered.rootName
            throw TransferError(
                "cannot share \(path), \(missing) of \(layout.pieceCount) pieces differ from the torrent, "
                    + "fetch it with `duplex get` or share it without --torrent")
        }
        return offered
    }

    /// Makes a folder ready to fetch into: takes up what an earlier run left, hashes what is not known for sure.
    func fetch(
        _ torrent: Torrent, into directory: String, rootName: String?, patterns: [String], numbers: [ClosedRange<Int>]?,
        lock: TransferLock, progress: @escaping @Sendable (Int64) -> Void
    ) async throws -> Preparation {
        let info = torrent.info
        let selection = try FileSelection(patterns: patterns, numbers: numbers, in: info)
        try lock.add(info.hashes)
        let store = try ContentStore(
            info: info, directory: directory, rootName: rootName, wanted: selection.files,
            spill: records.spillPath(hashes: info.hashes, directory: directory), pool: pool, files: files)
        do {
            return try await examine(
                torrent, store, selection, directory: directory, rootName: rootName ?? info.name, lock: lock,
                progress: progress)
        } catch {
            store.close()
            throw error
        }
    }

    private func examine(
        _ torrent: Torrent, _ store: ContentStore, _ selection: FileSelection, directory: String, rootName: String,
        lock: TransferLock, progress: @escaping @Sendable (Int64) -> Void
    ) async throws -> Preparation {
        let info = torrent.info
        let found = await pool.value { records.load(hashes: info.hashes, directory: directory) }
        var torrent = torrent
        var have = PieceSet(capacity: info.layout.pieceCount)
        var toCheck: [PieceIndex]?
        var totals = (downloaded: Int64(0), uploaded: Int64(0))
        var changedByUser: [FileIndex] = []
        var isOurs: (FileIndex) -> Bool = { _ in false }
        var recordedStamps = [FileStamp?](repeating: nil, count: info.files.count)
        if case .record(let record) = found {
            if record.torrent.pieceLayers.isComplete(for: info) { torrent.pieceLayers = record.torrent.pieceLayers }
            totals = (record.downloaded, record.uploaded)
            let spill = FileStamp(path: records.spillPath(hashes: info.hashes, directory: directory))
            let stamps = await pool.value { store.stamps() }
            recordedStamps = zip(record.stamps, stamps).map { $0 == $1 ? $0 : nil }
            let trust = record.trustedPieces(stamps: stamps, spill: spill, wanted: selection.files)
            // What was wanted then was written by that run; of anything else that is there now nothing is known.
            isOurs = { record.wanted?.contains($0) ?? true }
            let before = PieceSet(bitfield: record.verified, capacity: have.capacity) ?? have
            changedByUser = trust.changedFiles.filter { file in
                let pieces = info.layout.pieces(of: file)
                return isOurs(file) && pieces.allSatisfy { before.contains(PieceIndex($0)) }
            }
            have = PieceSet(bitfield: trust.trusted, capacity: info.layout.pieceCount) ?? have
            toCheck = trust.piecesToCheck
        }
        store.setPieceLayers(torrent.pieceLayers)
        let good = toCheck?.isEmpty == true ? [] : try await store.check(pieces: toCheck, progress: progress)
        for piece in good { have.insert(piece) }
        try refuseForeignFiles(store, have: have, selection: selection, isOurs: isOurs)
        let toKeep = changedByUser.filter { file in
            selection.contains(file) && !info.layout.pieces(of: file).allSatisfy { have.contains(PieceIndex($0)) }
        }
        let keeping = await pool.value { Result { () throws(StorageError) in try keep(toKeep, beside: store) } }
        let notices = try keeping.get()
        // Pieces of nothing but padding have no block that could be fetched.
        for piece in 0..<info.layout.pieceCount where info.layout.blockCount(PieceIndex(piece)) == 0 {
            have.insert(PieceIndex(piece))
        }
        var trusted: [PieceIndex] = []
        have.forEach { trusted.append($0) }
        store.setVerified(trusted)
        return Preparation(
            torrent: torrent, store: store, have: have, selection: selection, directory: directory,
            rootName: rootName, lock: lock, recordedStamps: recordedStamps, notices: notices,
            downloadedBefore: totals.downloaded, uploadedBefore: totals.uploaded)
    }

    /// A file that was complete and that its user has changed since is the user's: it is kept beside.
    ///
    /// - Returns: what the user should know.
    private func keep(_ files: [FileIndex], beside store: ContentStore) throws(StorageError) -> [String] {
        guard !files.isEmpty else { return [] }
        let there = store.stamps()
        var notices: [String] = []
        for file in files where there[file.rawValue] != nil {
            let path = store.path(of: file)
            notices.append("\(path) was changed since it was fetched, it is kept as \(try store.keepBeside(file))")
        }
        return notices
    }

    /// A file that stands in the way and has nothing in common with the torrent's is somebody's: it is not overwritten.
    private func refuseForeignFiles(
        _ store: ContentStore, have: PieceSet, selection: FileSelection, isOurs: (FileIndex) -> Bool
    ) throws {
        let info = store.info
        for (index, stamp) in store.stamps().enumerated() {
            guard let stamp, stamp.size > 0, selection.contains(FileIndex(index)), !isOurs(FileIndex(index)) else {
                continue
            }
            let pieces = info.layout.pieces(of: FileIndex(index))
            guard !pieces.contains(where: { have.contains(PieceIndex($0)) }) else { continue }
            throw TransferError(
                "cannot fetch to \(store.path(of: FileIndex(index))), another file is there, "
                    + "move it away or choose another folder with --to")
        }
    }
}

extension DiskPool {
    /// Runs blocking work on a worker.
    func value<Value: Sendable>(affinity: Int = 0, _ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            submit(affinity: affinity) { continuation.resume(returning: work()) }
        }
    }
}
