import Metainfo
import NIOCore
import PeerWire
import Storage
import SwarmEngine
import Synchronization

/// What following a share needs of a host: content that is served as it was recorded, and new versions that are put
/// together beside it.
extension DuplexHost {
    // MARK: Serving what is recorded

    /// Serves what a record says is there and unchanged, and fetches nothing: what the user has changed since stays as
    /// the user has it.
    ///
    /// - Returns: nil if there is no record that can be used.
    /// - Throws: ``TransferError`` if nothing of it is there any more.
    public func serve(_ hashes: InfoHashes, in directory: String) async throws -> TransferID? {
        let (preparer, pool) = (preparer, pool)
        let result = await pool.value { Result { try preparer.serveRecorded(hashes, in: directory) } }
        guard let preparation = try result.get() else { return nil }
        return try await begin(preparation)
    }

    /// Whether anything is there of content that was recorded. Nobody reads it.
    public func isAnythingThere(of hashes: InfoHashes, in directory: String) async -> Bool {
        let records = preparer.records
        return await pool.value {
            guard case .record(let record) = records.load(hashes: hashes, directory: directory) else { return false }
            return ResumeRecord.isAnythingThere(
                of: record.torrent.info, directory: directory, rootName: record.rootName)
        }
    }

    /// Looks at once whether all that a transfer serves or fetches was deleted or moved away. If so it has come to its
    /// end, and nothing is to be done but to end it.
    public func isGone(_ id: TransferID) async -> Bool {
        let found = try? await runUnlessStopped { core in
            core.transfers[id].map { (hasVanished: $0.hasVanished, content: $0.watched) }
        }
        guard let found = found.flatMap(\.self) else { return false }
        guard !found.hasVanished, let content = found.content else { return found.hasVanished }
        return await checkpoints.value { content.look() }
    }

    /// What a record says of content, for ``VersionPlan``.
    public func recorded(_ hashes: InfoHashes, in directory: String) async -> VersionSource? {
        let records = preparer.records
        return await pool.value {
            guard case .record(let record) = records.load(hashes: hashes, directory: directory) else { return nil }
            let info = record.torrent.info
            return VersionSource(
                torrent: record.torrent, directory: directory, rootName: record.rootName, stamps: record.stamps,
                found: ResumeRecord.stamps(of: info, directory: directory, rootName: record.rootName),
                verified: PieceSet(bitfield: record.verified, capacity: info.layout.pieceCount))
        }
    }

    /// Remembers content that is whole at its place.
    public func record(
        _ torrent: Torrent, in directory: String, rootName: String, stamps: [FileStamp?]
    ) async throws {
        let records = preparer.records
        let all = PieceSet(fullWithCapacity: torrent.info.layout.pieceCount)
        let record = ResumeRecord(
            torrent: torrent, directory: directory, rootName: rootName, stamps: stamps, verified: all.bitfield,
            isClean: true)
        try await pool.value { Result { () throws(StorageError) in try records.save(record) } }.get()
    }

    /// Forgets what was recorded of content. The content is not touched.
    public func forgetRecord(of hashes: InfoHashes, in directory: String) async {
        let records = preparer.records
        await pool.value { records.remove(hashes: hashes, directory: directory) }
    }

    // MARK: A new version

    /// Fetches what is missing of a version that is put together in a staging folder.
    public func fetch(
        _ torrent: Torrent, stagedIn staging: VersionStaging, _ staged: StagedVersion, peers: [PeerAddress]
    ) async throws -> TransferID {
        let lock = try TransferLock(state, hashes: torrent.info.hashes, directory: staging.path)
        let preparation = try await preparer.staged(torrent, in: staging, staged, lock: lock)
        let expanded = peers.flatMap(Self.withZones)
        let id = try await begin(preparation)
        try await runUnlessStopped { core in
            core.transfers[id]?.handle(.discovered(expanded, from: .given))
        }
        return id
    }

    /// Whether a staged version is ready for the switch.
    public func check(_ id: TransferID, _ staged: StagedVersion) async throws -> ContentStore.StagedState {
        guard let store = try await runUnlessStopped({ $0.transfers[id]?.preparation?.store }) else {
            throw TransferError.hostStopped
        }
        return try await store.complete(staged)
    }

    /// The pieces that a transfer has.
    public func verifiedPieces(_ id: TransferID) async -> PieceSet? {
        let found = try? await runUnlessStopped { core -> (bitfield: [UInt8], capacity: Int)? in
            guard let driver = core.transfers[id], let progress = driver.progress,
                let info = driver.preparation?.torrent.info
            else { return nil }
            return (progress.bitfield, info.layout.pieceCount)
        }
        guard let found = found.flatMap(\.self) else { return nil }
        return PieceSet(bitfield: found.bitfield, capacity: found.capacity)
    }

    /// Addresses of peers of a transfer, to begin the next version's swarm with.
    public func peerAddresses(of id: TransferID) async -> [PeerAddress] {
        let found = try? await runUnlessStopped { core in
            core.transfers[id]?.engine.traffic.filter { $0.webSeed == nil }.map(\.address)
        }
        return found.flatMap(\.self) ?? []
    }
}

extension Preparer {
    /// What a record says is there and unchanged. Blocks.
    fileprivate func serveRecorded(_ hashes: InfoHashes, in directory: String) throws -> Preparation? {
        guard case .record(let record) = records.load(hashes: hashes, directory: directory) else { return nil }
        let info = record.torrent.info
        let store = try ContentStore(
            info: info, directory: directory, rootName: record.rootName, wanted: record.wanted,
            spill: records.spillPath(hashes: info.hashes, directory: directory), pool: pool, files: files)
        store.setPieceLayers(record.torrent.pieceLayers)
        let spill = FileStamp(path: records.spillPath(hashes: info.hashes, directory: directory))
        let stamps = store.stamps()
        guard stamps.contains(where: { $0 != nil }) else {
            store.close()
            throw TransferError.served(gone: directory + "/" + record.rootName)
        }
        let trust = record.trustedPieces(stamps: stamps, spill: spill, wanted: record.wanted)
        let have =
            PieceSet(bitfield: trust.trusted, capacity: info.layout.pieceCount)
            ?? PieceSet(capacity: info.layout.pieceCount)
        var trusted: [PieceIndex] = []
        have.forEach { trusted.append($0) }
        store.setVerified(trusted)
        store.hold(to: record.stamps)
        return Preparation(
            torrent: record.torrent, store: store, have: have, selection: FileSelection(files: record.wanted),
            directory: directory, rootName: record.rootName, lock: nil, isServedOnly: true)
    }

    /// A version that is put together, with what is known to be there.
    fileprivate func staged(
        _ torrent: Torrent, in staging: VersionStaging, _ staged: StagedVersion, lock: TransferLock
    ) async throws -> Preparation {
        let info = torrent.info
        let store = try ContentStore(
            info: info, directory: staging.path, rootName: staging.rootName,
            spill: records.spillPath(hashes: info.hashes, directory: staging.path), separatesLinks: true, pool: pool,
            files: files)
        do {
            store.setPieceLayers(torrent.pieceLayers)
            var have = staged.trusted
            if !staged.piecesToCheck.isEmpty {
                for piece in try await store.check(pieces: staged.piecesToCheck, progress: { _ in }) {
                    have.insert(piece)
                }
            }
            for piece in 0..<info.layout.pieceCount where info.layout.blockCount(PieceIndex(piece)) == 0 {
                have.insert(PieceIndex(piece))
            }
            var trusted: [PieceIndex] = []
            have.forEach { trusted.append($0) }
            store.setVerified(trusted)
            store.hold(to: staged.stamps)
            return Preparation(
                torrent: torrent, store: store, have: have, selection: FileSelection(files: nil),
                directory: staging.path, rootName: staging.rootName, lock: lock)
        } catch {
            store.close()
            throw error
        }
    }
}
