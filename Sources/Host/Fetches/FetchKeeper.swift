import FoundationEssentials
import Metainfo
import NIOCore
import PeerWire
import Storage

/// What this host fetches, and what it has fetched and serves: remembers it, begins it again after a restart, and tells
/// how it goes.
actor FetchKeeper {
    struct Live {
        var entry: FetchEntry
        var transfer: TransferID?
        var torrent: Torrent?
        /// How much had come when that was last looked at, and how often in a row it was the same.
        var lastSeen: Int64 = 0
        var standing = 0
        /// What went for it under transfers that have ended.
        var past = PastTraffic()
        /// What a switch has done that was cut short, until somebody asks.
        var brought: TransferDone?
        /// Why it does not go on.
        var message: String?
        /// The message is that its share is offered no more, or is another one.
        var isElsewhere = false
        var isStarting = false
        /// The owner is being asked for a newer version.
        var isLooking = false
        /// What is here of a followed share is not settled yet: no new version is taken up meanwhile.
        var isSettling = false
        /// Where to look again when that is over: something was heard meanwhile.
        var lookLater: [PeerAddress]?
        /// It was remembered and not begun again yet.
        var awaitsRestart = false
        var isRestarting = false
        /// It is being ended or paused: nothing is begun for it.
        var isHalted = false
        /// It is being ended, and nothing brings it back.
        var isEnding = false
        var watching: Task<Void, Never>?
        /// It is begun again when this ends.
        var retry: Task<Void, Never>?
        /// Of the share by name that it is fetched as.
        var version: Int64?
        /// The version that is being fetched for a share that is followed.
        var next: Next?
        /// Held while it is followed.
        var placeLock: TransferLock?
        /// The last version that was refused, so that it is told once.
        var refused: MutableItem?
    }

    let host: DuplexHost
    let state: StateDirectory
    let hub: EventHub
    let directory: HostDirectory
    let eventLoop: any EventLoop
    /// Nil for a host that remembers nothing.
    let records: RecordFolder?
    let torrents: RecordFolder?
    let follows: FollowRecords
    var live: [String: Live] = [:]
    var order: [String] = []
    private var nextID = 1
    private static let restartInterval = Duration.seconds(30)
    var isStopped = false
    let started = ContinuousClock.now
    var changed: @Sendable () async -> Void = {}

    init(
        host: DuplexHost, state: StateDirectory, hub: EventHub, directory: HostDirectory, eventLoop: any EventLoop,
        isLasting: Bool
    ) throws(StorageError) {
        self.host = host
        self.state = state
        self.hub = hub
        self.directory = directory
        self.eventLoop = eventLoop
        records = isLasting ? try RecordFolder(state, kind: "fetches") : nil
        torrents = isLasting ? try RecordFolder(state, kind: "fetches-torrents") : nil
        follows = try FollowRecords(state)
    }

    func start(changed: @escaping @Sendable () async -> Void) {
        self.changed = changed
    }

    /// When this returns nothing is being changed on disk: the next host with this state begins from there.
    func stop() async {
        isStopped = true
        let tasks = live.values.compactMap(\.next?.task)
        for fetch in live.values {
            fetch.watching?.cancel()
            fetch.retry?.cancel()
        }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
        for id in live.keys { live[id]?.placeLock = nil }
    }

    // MARK: Beginning

    func begin(_ id: String, _ source: FetchSource, peers: [PeerAddress]) async throws {
        guard let entry = live[id]?.entry, live[id]?.isStarting == false else { return }
        live[id]?.isStarting = true
        defer { live[id]?.isStarting = false }
        await recall(id)
        let transfer = try await host.fetch(
            source, into: entry.directory, rootName: entry.rootName, peers: peers, select: entry.patterns)
        // What has become a followed share meanwhile is fetched as one.
        guard live[id]?.entry.follow == false else { return await host.end(transfer) }
        guard await adopt(transfer, id, isServedOnly: false) else { return }
        live[id]?.message = nil
        live[id]?.isElsewhere = false
    }

    /// Begins everything again that was not ended.
    func restore() async -> [String] {
        var troubles: [String] = []
        for found in records?.all() ?? [] {
            guard let bytes = found.bytes, let entry = try? JSON.decode(FetchEntry.self, from: bytes) else {
                records?.setAside(found.name)
                troubles.append("a damaged record of a transfer was set aside as \(found.name).record.damaged")
                continue
            }
            live[entry.id] = Live(entry: entry)
            live[entry.id]?.awaitsRestart = true
            order.append(entry.id)
            nextID = max(nextID, (Int(entry.id) ?? 0) + 1)
        }
        order.sort { (Int($0) ?? 0) < (Int($1) ?? 0) }
        // Numbers are used again: a torrent without a record must not become another transfer's.
        torrents?.keep(only: Set(order))
        return troubles
    }

    func beginRestored() async {
        for id in order where live[id]?.entry.isPaused == false && !isStopped { await restart(id) }
        await changed()
    }

    func restart(_ id: String) async {
        guard let fetch = live[id], fetch.transfer == nil, fetch.next == nil, !fetch.isStarting, !fetch.isRestarting
        else { return }
        let entry = fetch.entry
        live[id]?.awaitsRestart = false
        live[id]?.isRestarting = true
        defer { live[id]?.isRestarting = false }
        do {
            let saved = try torrents?.load(id).flatMap { try? Torrent(decoding: $0) }
            if let saved { live[id]?.torrent = saved }
            await recall(id)
            if entry.isGone == true {
                guard await isBack(id) else { return waits(id) }
                isThereAgain(id)
                live[id]?.message = nil
            }
            if entry.follow {
                try await follow(id, nil, saved)
            } else if entry.isComplete, let transfer = try await serveAgain(id, entry) {
                await adopt(transfer, id, isServedOnly: true)
            } else {
                let source = try saved.map(FetchSource.torrent) ?? .magnet(MagnetLink(parsing: entry.magnet))
                let known = (entry.peers + (entry.origin?.addresses ?? [])).compactMap { PeerAddress(parsing: $0) }
                try await begin(id, source, peers: known)
            }
        } catch {
            if entry.isComplete, !(await isBack(id)) { return missed(id) }
            if live[id]?.message != "\(error)" {
                live[id]?.message = "\(error)"
                hub.publish(.notice(NoticeModel(transfer: id, message: "\(error)")))
            }
            restartLater(id)
        }
    }

    /// What a link has led to in an earlier run.
    private func recall(_ id: String) async {
        guard let fetch = live[id], fetch.torrent == nil else { return }
        let recorded = await source(fetch.hashes, in: fetch.entry.directory)
        if live[id]?.torrent == nil { live[id]?.torrent = recorded?.torrent }
    }

    /// A disk that is not there yet may come.
    func restartLater(_ id: String) {
        guard live[id]?.retry == nil else { return }
        live[id]?.retry = Task {
            try? await Task.sleep(for: Self.restartInterval)
            guard !Task.isCancelled else { return }
            live[id]?.retry = nil
            guard let fetch = live[id], !fetch.entry.isPaused, !fetch.isHalted, !fetch.isEnding, !isStopped else {
                return
            }
            await restart(id)
        }
    }

    /// Takes over a transfer that has begun; ends it if it is not wanted any more.
    ///
    /// - Parameter isServedOnly: nothing is fetched; its user is told of nothing but its end.
    @discardableResult
    func adopt(_ transfer: TransferID, _ id: String, isServedOnly: Bool) async -> Bool {
        guard let fetch = live[id], fetch.transfer == nil, !fetch.isHalted, !fetch.isEnding, !fetch.entry.isPaused,
            !isStopped
        else {
            await host.end(transfer)
            return false
        }
        live[id]?.transfer = transfer
        live[id]?.watching?.cancel()
        live[id]?.watching = Task { [host] in
            for await event in await host.events(transfer) {
                if case .gone(let message) = event {
                    await vanished(transfer, id, message)
                } else if !isServedOnly {
                    await happened(event, id)
                }
            }
        }
        return true
    }

    /// What was fetched before is served as it is: nobody overwrites what its user has changed since.
    private func serveAgain(_ id: String, _ entry: FetchEntry) async throws -> TransferID? {
        guard let hashes = live[id]?.hashes else { return nil }
        return try await host.serve(hashes, in: entry.directory)
    }

    // MARK: What happens

    private func happened(_ event: TransferEvent, _ id: String) async {
        guard let fetch = live[id] else { return }
        switch event {
        case .metadata(let info):
            if fetch.torrent == nil { live[id]?.torrent = Torrent(info: info) }
            await publish(id)
        case .done(let path, let bytes, let seconds):
            await done(id, path: path, bytes: bytes, seconds: seconds)
        case .notice(let text):
            hub.publish(.notice(NoticeModel(transfer: id, message: text)))
        case .failed(let message), .gone(let message):
            live[id]?.message = message
            hub.publish(.notice(NoticeModel(transfer: id, message: message)))
            await publish(id)
        }
    }

    private func done(_ id: String, path: String, bytes: Int64, seconds: Double) async {
        guard let fetch = live[id], let transfer = fetch.transfer else { return }
        let status = await host.status(transfer)
        // Before anybody can hear that it is here: a newer version must find which one it comes after.
        await rememberVersion(id)
        await lookAnewAtOthers(than: id)
        guard live[id]?.transfer == transfer else { return }
        // From here to the end nothing else happens: who finds it complete knows that others were told.
        live[id]?.message = nil
        live[id]?.isElsewhere = false
        live[id]?.entry.isComplete = true
        live[id]?.entry.done = nil
        live[id]?.entry.total = nil
        if let version = fetch.version { live[id]?.entry.version = version }
        if let entry = live[id]?.entry { try? save(entry) }
        hub.publish(
            .transferDone(
                TransferDone(
                    id: id, path: path, bytes: bytes, seconds: seconds, downloaded: status?.downloaded ?? 0,
                    copied: status?.copied ?? 0, version: live[id]?.entry.version ?? 0, kept: [])))
        await publish(id)
        await changed()
    }

    /// So that whoever follows the share later, in the same place, goes on from what is here.
    private func rememberVersion(_ id: String) async {
        guard let fetch = live[id], let signed = fetch.entry.signed, fetch.entry.patterns.isEmpty, !fetch.entry.follow
        else { return }
        let (follow, place) = (follows, fetch.entry.placeKey(fetch.torrent))
        await host.pool.value { try? follow.save(FollowRecord(current: signed, next: nil), at: place) }
    }

    func publish(_ id: String) async {
        if let model = await model(id) { hub.publish(.transfer(model)) }
    }

    // MARK: Ending

    /// Stops asking and serving until it is resumed; remembered over restarts.
    func pause(_ id: String) async throws {
        let now = await model(id)
        guard var entry = live[id]?.entry else { throw Self.unknown(id) }
        entry.isPaused = true
        if let now, now.total > 0 { (entry.done, entry.total) = (now.done, now.total) }
        try save(entry)
        live[id]?.entry = entry
        live[id]?.message = nil
        await halt(id)
        await publish(id)
    }

    func resume(_ id: String) async throws {
        guard var entry = live[id]?.entry, live[id]?.isEnding == false else { throw Self.unknown(id) }
        entry.isPaused = false
        // What was not whole is fetched anew then.
        if !entry.isComplete { entry.isGone = nil }
        try save(entry)
        live[id]?.entry = entry
        live[id]?.isHalted = false
        live[id]?.isElsewhere = false
        live[id]?.message = nil
        if live[id]?.transfer == nil { await restart(id) }
        // Also when it cannot go on now: it is not paused any more, and is tried again by itself.
        await publish(id)
        if let message = live[id]?.message, live[id]?.transfer == nil { throw FetchError(.conflict, message) }
    }

    /// Forgets a transfer. What was fetched stays, and the same order goes on from there.
    func remove(_ id: String) async throws {
        guard live[id]?.isEnding == false else { throw Self.unknown(id) }
        live[id]?.isEnding = true
        await halt(id)
        forget(id)
        hub.publish(.transferRemoved(id: id))
        await changed()
    }

    func halt(_ id: String) async {
        live[id]?.isHalted = true
        live[id]?.watching?.cancel()
        live[id]?.retry?.cancel()
        live[id]?.retry = nil
        await stopNext(id)
        live[id]?.placeLock = nil
        await endCurrentTransfer(id)
    }

    /// Ends a transfer that is not another one's yet. What went stays counted.
    func end(_ transfer: TransferID, of id: String) async {
        let now = await host.status(transfer)
        live[id]?.past.note(transfer, now)
        let last = await host.endTelling(transfer)
        live[id]?.past.note(transfer, last)
        live[id]?.past.close(transfer)
    }

    func forget(_ id: String) {
        torrents?.remove(id)
        records?.remove(id)
        live[id] = nil
        order.removeAll { $0 == id }
    }

    static func unknown(_ id: String) -> FetchError {
        FetchError(.notFound, "there is no transfer \(id), `duplex status` lists what there is")
    }

    func save(_ entry: FetchEntry) throws(StorageError) {
        try records?.save(JSON.encode(entry), as: entry.id)
    }

    func makeID() -> String {
        defer { nextID += 1 }
        return String(nextID)
    }
}
