import Metainfo
import PeerWire
import Storage

/// Shares that are followed: a new version is put together beside the one that is here, and takes its place when it is
/// whole. Until then everything stays as it is.
extension FetchKeeper {
    /// A version on its way.
    struct Next {
        var version: ShareVersion
        var torrent: Torrent
        var transfer: TransferID?
        var task: Task<Void, Never>
    }

    // MARK: A version's way

    /// Takes up a version in place of one that may be on its way.
    func beginVersion(_ id: String, _ version: ShareVersion, _ torrent: Torrent) async {
        var before: Next?
        while let next = live[id]?.next {
            guard isNewer(version, id) else { return }
            next.task.cancel()
            await next.task.value
            if live[id]?.next?.version.number == next.version.number { live[id]?.next = nil }
            before = next
        }
        // The one before may have come to its end, or all be paused meanwhile.
        guard let fetch = live[id], !isStopped, !fetch.isHalted, !fetch.isEnding, !fetch.entry.isPaused,
            isNewer(version, id)
        else { return }
        // What is there of the same content under another number is gone on with, not given up.
        if before?.torrent.info.hashes == torrent.info.hashes { before = nil }
        let task = Task { [before] in await bring(id, version, torrent, insteadOf: before) }
        live[id]?.next = Next(version: version, torrent: torrent, transfer: nil, task: task)
    }

    func isNewer(_ version: ShareVersion, _ id: String) -> Bool {
        guard let fetch = live[id] else { return false }
        return version.number > max(fetch.entry.version, fetch.next?.version.number ?? 0)
    }

    private func isOnItsWay(_ version: ShareVersion, _ id: String) -> Bool {
        live[id]?.next?.version.number == version.number
    }

    private func bring(_ id: String, _ version: ShareVersion, _ torrent: Torrent, insteadOf before: Next?) async {
        var before = before
        while !Task.isCancelled, !isStopped, isOnItsWay(version, id) {
            do {
                if try await bringOnce(id, version, torrent, insteadOf: before) { return }
                before = nil
            } catch {
                guard isOnItsWay(version, id) else { return }
                await endNextTransfer(id)
                guard !Task.isCancelled, isOnItsWay(version, id) else { return }
                if live[id]?.message != "\(error)" {
                    live[id]?.message = "\(error)"
                    hub.publish(.notice(NoticeModel(transfer: id, message: "\(error)")))
                }
                try? await Task.sleep(for: .seconds(5))
            }
        }
    }

    /// - Returns: false if it has to be begun again, because something was changed meanwhile.
    private func bringOnce(
        _ id: String, _ version: ShareVersion, _ torrent: Torrent, insteadOf before: Next?
    ) async throws -> Bool {
        guard let entry = live[id]?.entry else { return true }
        let started = ContinuousClock.now
        let (directory, rootName, place) = (entry.directory, entry.place(torrent), entry.placeKey(torrent))
        let follow = follows
        var record = await host.pool.value { follow.load(place) }
        // A switch that failed half way has to come to its end before anything else is put into its folder.
        if let finished = try await finishInterruptedSwitch(record, at: place, entry) {
            if let origin = entry.origin, isVersion(finished.version, of: origin) {
                await becameCurrent(
                    id, finished.version, finished.torrent, finished.kept, 0, removed: finished.removed,
                    seconds: (ContinuousClock.now - started).inSeconds)
                if finished.version.number >= version.number { return true }
            }
            record = await host.pool.value { follow.load(place) }
        }
        if record.currentVersion?.hashes == torrent.info.hashes {
            // The owner went back to what is here.
            let same = FollowRecord(current: version.item.encoded(), next: nil)
            try await host.pool.value { Result { () throws(StorageError) in try follow.save(same, at: place) } }.get()
            if let before { await abandon(before, entry) }
            // Also what a kill has left of a version that nobody waits for any more.
            await host.pool.value { VersionStaging.abandonAll(in: directory, rootName: rootName, except: nil) }
            await becameCurrent(
                id, version, torrent, [], 0, seconds: (ContinuousClock.now - started).inSeconds)
            return true
        }
        // Without a version that was followed, what an ordinary fetch has left there.
        let current = await source(record.currentVersion?.hashes ?? torrent.info.hashes, in: directory)
        let sources = [current].compactMap(\.self) + (await abandonedSource(before, entry))
        let plan = VersionPlan(from: sources, to: torrent.info, layers: torrent.pieceLayers, rootName: rootName)
        let staging = VersionStaging(of: torrent.info, in: directory, rootName: rootName)
        record.next = version.item.encoded()
        let saved = record
        let preparing = await host.pool.value {
            Result { () throws(StorageError) -> StagedVersion in
                try follow.saveNext(torrent, at: place)
                try follow.save(saved, at: place)
                return try staging.prepare(plan, from: sources)
            }
        }
        let staged = try preparing.get()
        if let before { await abandon(before, entry) }
        let wanted = torrent.info.hashes
        await host.pool.value { VersionStaging.abandonAll(in: directory, rootName: rootName, except: wanted) }
        try Task.checkCancellation()

        let peers = await peers(for: id)
        let transfer = try await host.fetch(torrent, stagedIn: staging, staged, peers: peers)
        guard isOnItsWay(version, id) else {
            await host.end(transfer)
            throw CancellationError()
        }
        live[id]?.next?.transfer = transfer
        live[id]?.message = nil
        await publish(id)
        try await waitUntilWhole(transfer, id)
        let downloaded = await host.status(transfer)?.downloaded ?? 0
        let state = try await host.check(transfer, staged)
        await endNextTransfer(id)
        guard case .whole(let stamps) = state else { return false }

        // From here to the end nothing may stop half way: a kill is made good by the next run.
        await endCurrentTransfer(id)
        guard let result = try await runSwitch(staging, replacing: current, stamps) else {
            await serveCurrent(id)
            return false
        }
        let kept = try await commit(version, torrent, result, at: place, directory, rootName, old: current)
        await becameCurrent(
            id, version, torrent, kept, downloaded, removed: result.removed,
            seconds: (ContinuousClock.now - started).inSeconds)
        return true
    }

    private func waitUntilWhole(_ transfer: TransferID, _ id: String) async throws {
        for await event in await host.events(transfer) {
            try Task.checkCancellation()
            switch event {
            case .done: return
            case .notice(let text): hub.publish(.notice(NoticeModel(transfer: id, message: text)))
            case .failed(let message):
                live[id]?.message = message
                hub.publish(.notice(NoticeModel(transfer: id, message: message)))
            case .gone(let message): throw TransferError(message)
            case .metadata: break
            }
        }
        throw CancellationError()
    }

    private func becameCurrent(
        _ id: String, _ version: ShareVersion, _ torrent: Torrent, _ kept: [KeptFile], _ downloaded: Int64,
        removed: [String] = [], seconds: Double
    ) async {
        guard live[id] != nil else { return }
        live[id]?.entry.version = version.number
        live[id]?.entry.isComplete = true
        if live[id]?.entry.once == true {
            live[id]?.entry.follow = false
            live[id]?.entry.once = nil
            live[id]?.placeLock = nil
            live[id]?.entry.signed = version.item.encoded()
        }
        live[id]?.torrent = torrent
        live[id]?.message = nil
        live[id]?.brought = nil
        live[id]?.entry.isGone = nil
        if let entry = live[id]?.entry {
            try? save(entry)
            try? torrents?.save(torrent.encoded(), as: entry.id)
        }
        await serveCurrent(id)
        await lookAnewAtOthers(than: id)
        var status: TransferStatus?
        if let transfer = live[id]?.transfer { status = await host.status(transfer) }
        let missing = status.map { $0.total - $0.done } ?? 0
        // Only now: who finds it complete knows that others were told.
        if live[id]?.next?.version.number == version.number { live[id]?.next = nil }
        guard let entry = live[id]?.entry else { return }
        hub.publish(
            .transferDone(
                TransferDone(
                    id: id, path: "\(entry.directory)/\(entry.place(torrent))", bytes: torrent.info.totalSize,
                    seconds: seconds, downloaded: downloaded, version: version.number,
                    missing: missing, kept: kept, removed: removed)))
        await publish(id)
        await changed()
    }

    // MARK: Beginning and ending

    /// Begins to follow, or goes on with it: finishes what was cut short, serves what is here, looks for what is new.
    func follow(_ id: String, _ version: ShareVersion?, _ torrent: Torrent?) async throws {
        guard let fetch = live[id], let origin = fetch.entry.origin, !fetch.isSettling else { return }
        let entry = fetch.entry
        live[id]?.isSettling = true
        defer {
            live[id]?.isSettling = false
            lookAgain(id)
        }
        let place = entry.placeKey(torrent ?? live[id]?.torrent)
        // Two programs that bring versions to one place would each undo the other's.
        if fetch.placeLock == nil {
            live[id]?.placeLock = try TransferLock(
                state, versionsOf: entry.place(torrent ?? live[id]?.torrent), in: entry.directory)
        }
        let follow = follows
        let record = await host.pool.value { follow.load(place) }
        var finished = try await finishInterruptedSwitch(record, at: place, entry)
        let cleared = await clearFinishedSwitch(record, at: place, in: entry.directory)
        finished = finished ?? cleared
        var now = await host.pool.value { follow.load(place) }
        if let next = now.nextVersion, next.number <= (now.currentVersion?.number ?? 0), isVersion(next, of: origin) {
            now.next = nil
        }
        await clearAbandoned(now, entry, entry.place(torrent ?? live[id]?.torrent))
        if let current = now.currentVersion, !isVersion(current, of: origin) {
            // Another share was followed here before; its numbers say nothing of this one's.
            now.current = nil
            live[id]?.entry.version = 0
        }
        if now.current == nil, let version, await isWhole(version.hashes, in: entry.directory) {
            // An ordinary fetch has brought it already.
            now.current = version.item.encoded()
            let saved = now
            try await host.pool.value { Result { () throws(StorageError) in try follow.save(saved, at: place) } }.get()
        }
        if let current = now.currentVersion {
            live[id]?.entry.version = current.number
            live[id]?.entry.isComplete = true
            if let source = await host.recorded(current.hashes, in: entry.directory) {
                live[id]?.torrent = source.torrent
            }
            await serveCurrent(id)
        }
        if let saved = live[id]?.entry { try save(saved) }
        if let finished { await tell(finished, id) }
        if let version, let torrent, version.number > (live[id]?.entry.version ?? 0) {
            await beginVersion(id, version, torrent)
        } else if let next = now.nextVersion, isVersion(next, of: origin),
            next.number > (live[id]?.entry.version ?? 0),
            let known = await host.pool.value({ follow.nextTorrent(place) }), known.info.hashes == next.hashes
        {
            await beginVersion(id, next, known)
        }
        await publish(id)
    }

    /// Ends what is on its way. What is there of it stays and is used by the next run.
    func stopNext(_ id: String) async {
        let next = live[id]?.next
        next?.task.cancel()
        await endNextTransfer(id)
        await next?.task.value
        live[id]?.next = nil
    }

    private func endNextTransfer(_ id: String) async {
        guard let transfer = live[id]?.next?.transfer else { return }
        live[id]?.next?.transfer = nil
        await end(transfer, of: id)
    }

    func endCurrentTransfer(_ id: String) async {
        guard let transfer = live[id]?.transfer else { return }
        live[id]?.transfer = nil
        await end(transfer, of: id)
    }

    /// Serves the version that is at its place.
    func serveCurrent(_ id: String) async {
        guard let fetch = live[id], let hashes = fetch.hashes, fetch.transfer == nil else { return }
        do {
            guard let transfer = try await host.serve(hashes, in: fetch.entry.directory) else { return }
            await adopt(transfer, id, isServedOnly: true)
        } catch {
            guard live[id]?.transfer == nil, !(await isBack(id)) else { return }
            missed(id)
        }
    }

    // MARK: Helpers

    private func isWhole(_ hashes: InfoHashes, in directory: String) async -> Bool {
        guard let source = await host.recorded(hashes, in: directory) else { return false }
        let info = source.torrent.info
        return source.verified == PieceSet(fullWithCapacity: info.layout.pieceCount)
            && zip(info.files, zip(source.stamps, source.found)).allSatisfy { file, stamps in
                file.isPadding || file.symlinkTarget != nil || (stamps.0 != nil && stamps.1 != nil)
            }
    }

    func source(_ hashes: InfoHashes?, in directory: String) async -> VersionSource? {
        guard let hashes else { return nil }
        return await host.recorded(hashes, in: directory)
    }

    /// What is there of a version that was on its way and is no longer wanted.
    private func abandonedSource(_ before: Next?, _ entry: FetchEntry) async -> [VersionSource] {
        guard let before else { return [] }
        let staging = VersionStaging(
            of: before.torrent.info, in: entry.directory, rootName: entry.place(before.torrent))
        return await host.recorded(before.version.hashes, in: staging.path).map { [$0] } ?? []
    }

    private func abandon(_ before: Next, _ entry: FetchEntry) async {
        let staging = VersionStaging(
            of: before.torrent.info, in: entry.directory, rootName: entry.place(before.torrent))
        await host.pool.value { try? staging.abandon() }
        await host.forgetRecord(of: before.version.hashes, in: staging.path)
    }

    private func peers(for id: String) async -> [PeerAddress] {
        var peers = (live[id]?.entry.origin?.addresses ?? []).compactMap { PeerAddress(parsing: $0) }
        if let transfer = live[id]?.transfer { peers += await host.peerAddresses(of: transfer).prefix(32) }
        return peers
    }

    /// What may be announced: what came from public shares, and links that name nobody to ask. For those there is no
    /// other way, and whoever gives such a link away means it for everybody.
    var publicHashes: [WireInfoHash] {
        live.values.flatMap { fetch -> [WireInfoHash] in
            guard fetch.transfer != nil, fetch.torrent?.info.isPrivate != true else { return [] }
            let link = try? MagnetLink(parsing: fetch.entry.magnet)
            let isForAll = fetch.entry.origin != nil || (fetch.entry.peers.isEmpty && link?.peers.isEmpty == true)
            guard isForAll else { return [] }
            return fetch.hashes?.wireHashes ?? []
        }
    }
}

extension FetchEntry {
    /// What a followed share is called in its folder.
    func place(_ torrent: Torrent?) -> String { rootName ?? torrent?.info.name ?? origin?.share ?? "" }

    func placeKey(_ torrent: Torrent?) -> String { "\(directory)/\(place(torrent))" }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
