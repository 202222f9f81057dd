import Metainfo
import Storage

/// A version that is whole takes its place. From the beginning of that to its end nothing may stop half way: what a kill
/// or a full disk cut short is brought to its end before anything else is done there.
extension FetchKeeper {
    /// Nil if something in the staging folder was changed since it was looked at; then nothing was done.
    func runSwitch(
        _ staging: VersionStaging, replacing current: VersionSource?, _ stamps: [FileStamp?]
    ) async throws -> VersionSwitchResult? {
        let result = await host.pool.value {
            Result { () throws(StorageError) in
                try VersionSwitch.begin(staging, replacing: current, stamps: stamps).run()
            }
        }
        switch result {
        case .success(let done): return done
        case .failure(let error):
            if error.kind == .changed { return nil }
            throw error
        }
    }

    /// Records that a version is at its place, and clears what was needed to bring it there.
    @discardableResult
    func commit(
        _ version: ShareVersion, _ torrent: Torrent, _ result: VersionSwitchResult, at place: String,
        _ directory: String, _ rootName: String, old: VersionSource?
    ) async throws -> [KeptFile] {
        try await host.record(torrent, in: directory, rootName: rootName, stamps: result.stamps)
        let follow = follows
        let record = FollowRecord(current: version.item.encoded(), next: nil)
        try await host.pool.value { Result { () throws(StorageError) in try follow.save(record, at: place) } }.get()
        let staging = VersionStaging(of: torrent.info, in: directory, rootName: rootName)
        await host.pool.value {
            let unfinished = try? VersionSwitch.unfinished(in: directory).first { $0.stagingPath == staging.path }
            try? unfinished?.finish()
            follow.removeNext(at: place)
        }
        await host.forgetRecord(of: torrent.info.hashes, in: staging.path)
        if let old, old.torrent.info.hashes != torrent.info.hashes {
            await host.forgetRecord(of: old.torrent.info.hashes, in: directory)
        }
        return Self.kept(result, in: directory)
    }

    /// Brings a switch to its end that was begun and then failed or was killed.
    ///
    /// - Returns: nil if there is none.
    func finishInterruptedSwitch(
        _ record: FollowRecord, at place: String, _ entry: FetchEntry
    ) async throws -> FinishedSwitch? {
        guard let version = record.nextVersion else { return nil }
        let follow = follows
        guard let torrent = await host.pool.value({ follow.nextTorrent(place) }), torrent.info.hashes == version.hashes
        else { return nil }
        let (directory, rootName) = (entry.directory, entry.place(torrent))
        let result = try await host.pool.value {
            Result { () throws(StorageError) -> VersionSwitchResult? in
                let path = VersionStaging(of: torrent.info, in: directory, rootName: rootName).path
                return try VersionSwitch.unfinished(in: directory).first { $0.stagingPath == path }?.run()
            }
        }.get()
        guard let result else { return nil }
        let old = await source(record.currentVersion?.hashes, in: directory)
        let kept = try await commit(version, torrent, result, at: place, directory, rootName, old: old)
        return FinishedSwitch(version: version, torrent: torrent, kept: kept, removed: result.removed)
    }

    /// A kill after a version was recorded, and before its staging folder was gone, leaves that folder. Nobody was told
    /// of the version then.
    func clearFinishedSwitch(
        _ record: FollowRecord, at place: String, in directory: String
    ) async -> FinishedSwitch? {
        guard let current = record.currentVersion else { return nil }
        let result = await host.pool.value { () -> VersionSwitchResult? in
            var result: VersionSwitchResult?
            for finished in (try? VersionSwitch.unfinished(in: directory)) ?? []
            where finished.hashes == current.hashes && "\(directory)/\(finished.rootName)" == place {
                // With the same result as before.
                result = try? finished.run()
                try? finished.finish()
            }
            return result
        }
        guard let result, let source = await source(current.hashes, in: directory) else { return nil }
        return FinishedSwitch(
            version: current, torrent: source.torrent, kept: Self.kept(result, in: directory), removed: result.removed)
    }

    private static func kept(_ result: VersionSwitchResult, in directory: String) -> [KeptFile] {
        result.kept.map { KeptFile(path: "\(directory)/\($0.path)", keptAs: "\(directory)/\($0.keptPath)") }
    }

    /// Tells what a switch has done that was cut short: those who listen now, and the one who asks for it next.
    func tell(_ finished: FinishedSwitch, _ id: String) async {
        guard let fetch = live[id], let origin = fetch.entry.origin, isVersion(finished.version, of: origin),
            fetch.entry.version == finished.version.number
        else { return }
        let now = await model(id)
        let done = TransferDone(
            id: id, path: fetch.entry.placeKey(finished.torrent), bytes: finished.torrent.info.totalSize, seconds: 0,
            downloaded: 0, version: finished.version.number, missing: now.map { max(0, $0.total - $0.done) } ?? 0,
            kept: finished.kept, removed: finished.removed)
        live[id]?.brought = done
        hub.publish(.transferDone(done))
    }

    /// What a kill has left of versions that were given up for newer ones.
    func clearAbandoned(_ record: FollowRecord, _ entry: FetchEntry, _ rootName: String) async {
        guard !rootName.isEmpty else { return }
        let (directory, next) = (entry.directory, record.nextVersion?.hashes)
        await host.pool.value { VersionStaging.abandonAll(in: directory, rootName: rootName, except: next) }
    }
}

/// A switch that an earlier run has begun, and what has come of it.
struct FinishedSwitch: Sendable {
    var version: ShareVersion
    var torrent: Torrent
    var kept: [KeptFile]
    var removed: [String]
}
