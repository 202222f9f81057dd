import Metainfo
import Storage

/// This host's shares: remembers them, hashes them, offers them, and makes a new version when their folders change.
actor ShareKeeper {
    /// One share and how it stands.
    struct Live {
        var entry: ShareEntry
        var state: ShareModel.State = .hashing
        var message: String?
        var torrent: Torrent?
        var directory = ""
        var rootName = ""
        /// What the next version takes the hashes of unchanged files from.
        var created: CreatedTorrent?
        /// One for each file of the torrent, as it was when it was hashed.
        var stamps: [FileStamp?] = []
        var version: ShareVersion?
        /// Files without padding, and when the folder was changed: counted and looked up once a version.
        var fileCount = 0
        var modified: String?
        /// Encoded torrents of a few versions before, by their tags, the oldest first: what a newer one is told as the
        /// difference from.
        var earlierTorrents: [(tag: String, bytes: [UInt8])] = []
        var transfer: TransferID?
        /// The version before, still served to those who have not heard of the new one.
        var earlier: TransferID?
        var earlierHashes: InfoHashes?
        /// What was sent of versions before these two.
        var past = PastTraffic()
        var hashing: Task<Void, Never>?
        var hashed: (done: Int64, total: Int64)?
        var mustHashAgain = false
        var omitted: [OmissionModel] = []
        /// What its owner should know of what is offered.
        var remark: String?
        var watchRetry: Task<Void, Never>?
        /// A visitor's file is hashed when this ends; when the last one was.
        var arrival: Task<Void, Never>?
        var lastArrival: ContinuousClock.Instant?
    }

    let host: DuplexHost
    let state: StateDirectory
    let identity: HostIdentity
    let cache: ShareCache
    let hub: EventHub
    /// Nil for a host that remembers nothing.
    let records: RecordFolder?
    let torrents: RecordFolder?
    var live: [String: Live] = [:]
    /// Those that have ended, by name.
    var ended: [String: ShareEntry] = [:]
    private static let maximumEnded = 1000
    /// Called after the set of what is offered has changed.
    var changed: @Sendable () async -> Void = {}
    var watcher: (any ShareWatching)?
    var isStopped = false
    /// Nobody is told of each share then, but of all at the end.
    var isRestoring = false

    init(
        host: DuplexHost, state: StateDirectory, identity: HostIdentity, hub: EventHub, isLasting: Bool
    ) throws(StorageError) {
        self.host = host
        self.state = state
        self.identity = identity
        self.hub = hub
        cache = ShareCache(state)
        records = isLasting ? try RecordFolder(state, kind: "offers") : nil
        torrents = isLasting ? try RecordFolder(state, kind: "offers-torrents") : nil
    }

    func start(watcher: (any ShareWatching)?, changed: @escaping @Sendable () async -> Void) {
        self.watcher = watcher
        self.changed = changed
    }

    func stop() async {
        isStopped = true
        let tasks = live.values.compactMap(\.hashing)
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    // MARK: Adding and removing

    struct Request: Sendable {
        var path: String
        var name: String?
        var scope: ShareScope
        var format: TorrentFormat
        var pieceLength: Int?
        /// Content of this torrent is at the path.
        var torrent: Torrent?
        var isInbox = false
    }

    /// Remembers a share and begins to hash it. The same path under the same name again is the same share.
    ///
    /// - Throws: ``ShareError``, `CreationError` if nothing is at the path, `StorageError` if it cannot be remembered.
    func add(_ request: Request) throws -> ShareModel {
        let path = try FolderScan.resolve(request.path)
        if request.isInbox { try checkInbox(request, path) }
        let proposed = request.name ?? request.torrent?.info.name ?? path.split(separator: "/").last.map(String.init)
        guard let proposed else {
            throw ShareError(kind: .invalid, description: "cannot share \(path), it has no name, give one with --name")
        }
        if let same = live.values.first(where: {
            $0.entry.path == path && (request.name ?? $0.entry.name) == $0.entry.name
        }) {
            return try update(same, request)
        }
        let name = request.name == nil ? freeName(like: proposed) : proposed
        try check(name)
        let before = ended[name].flatMap { $0.path == path ? $0 : nil }
        var entry = ShareEntry(
            id: before?.id ?? Self.makeID(), name: name, path: path, scope: request.scope,
            format: request.format.rawValue,
            pieceLength: request.pieceLength, isFixed: request.torrent != nil, isInbox: request.isInbox,
            version: before?.version ?? [])
        if let torrent = request.torrent {
            entry.format = torrent.info.format.rawValue
            try torrents?.save(torrent.encoded(), as: entry.id)
        }
        try save(entry)
        var share = Live(entry: entry, torrent: request.torrent)
        share.version = try? ShareVersion(decodingOwn: entry.version)
        live[entry.name] = share
        // What had that name before at another place does not come back.
        if let other = ended.removeValue(forKey: entry.name), other.id != entry.id { records?.remove(other.id) }
        hash(entry.name)
        watch(entry)
        // Visitors may bring the first file.
        if request.isInbox { Task { await changed() } }
        return model(live[entry.name] ?? Live(entry: entry))
    }

    private func update(_ same: Live, _ request: Request) throws -> ShareModel {
        var entry = same.entry
        entry.scope = request.scope
        entry.isInbox = request.isInbox
        if request.torrent == nil, !entry.isFixed {
            entry.format = request.format.rawValue
            entry.pieceLength = request.pieceLength
        }
        try save(entry)
        live[entry.name]?.entry = entry
        // Whether it is there now is found out anew.
        if same.transfer == nil, same.state != .offered { live[entry.name]?.state = .hashing }
        hash(entry.name)
        Task { await changed() }
        return model(live[entry.name] ?? same)
    }

    private func check(_ name: String) throws(ShareError) {
        let isSafe = PathSafety.safeComponent(Array(name.utf8)) == name && name.utf8.count <= 200
        guard isSafe else {
            throw ShareError(
                kind: .invalid, description: "cannot call a share '\(name)', a name is that of a file, choose another")
        }
        guard live[name] == nil else {
            throw ShareError(
                kind: .nameTaken,
                description: "cannot call two shares '\(name)', \(live[name]?.entry.path ?? "another") has that name, "
                    + "choose another with --name or end that one with `duplex unshare`")
        }
    }

    private func freeName(like name: String) -> String {
        guard live[name] != nil else { return name }
        for number in 2...10_000 where live["\(name) (\(number))"] == nil { return "\(name) (\(number))" }
        return name
    }

    func remove(_ name: String) async throws {
        guard let share = live[name] else {
            throw ShareError(
                kind: .notFound, description: "there is no share '\(name)', `duplex shares` lists what there is")
        }
        end(share.entry)
        torrents?.remove(share.entry.id)
        cache.forget(path: share.entry.path, options: share.entry.options)
        live[name] = nil
        watcher?.unwatch(share.entry.id)
        share.hashing?.cancel()
        await share.hashing?.value
        for transfer in [share.transfer, share.earlier].compactMap(\.self) { await host.end(transfer) }
        hub.publish(.shareRemoved(name: name))
        await changed()
    }

    private func end(_ entry: ShareEntry) {
        var entry = entry
        entry.hasEnded = true
        let isKept = ended.count < Self.maximumEnded && !entry.version.isEmpty && (try? save(entry)) != nil
        if isKept { ended[entry.name] = entry } else { records?.remove(entry.id) }
    }

    func save(_ entry: ShareEntry) throws(StorageError) {
        try records?.save(JSON.encode(entry), as: entry.id)
    }

    func watch(_ entry: ShareEntry) {
        watcher?.watch(entry.path, id: entry.id)
    }

    private static func makeID() -> String {
        var random = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let text = String(random.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
    }

    // MARK: Beginning

    /// Offers everything that was shared before, as it was: whether it has changed is found out afterwards.
    func restore() async -> [String] {
        isRestoring = true
        defer { isRestoring = false }
        var troubles: [String] = []
        var known: [(entry: ShareEntry, created: CreatedTorrent)] = []
        for record in await readRecords() {
            guard let entry = record.entry else {
                records?.setAside(record.name)
                troubles.append("a damaged record of a share was set aside as \(record.name).record.damaged")
                continue
            }
            if entry.hasEnded == true {
                ended[entry.name] = entry
                continue
            }
            var share = Live(entry: entry)
            share.version = record.version
            if entry.isFixed {
                share.torrent = (try? torrents?.load(entry.id)).flatMap(\.self).flatMap { try? Torrent(decoding: $0) }
            }
            live[entry.name] = share
            if let created = record.known { known.append((entry, created)) }
        }
        await offerAgain(known)
        torrents?.keep(only: Set(live.values.map(\.entry.id)))
        return troubles
    }

    /// A record as it was found, and what was offered then.
    private struct Remembered: Sendable {
        let name: String
        /// Nil for a damaged one.
        var entry: ShareEntry?
        var version: ShareVersion?
        var known: CreatedTorrent?
    }

    /// All workers read, since a host serves only when this is done.
    private func readRecords() async -> [Remembered] {
        let found = records?.all() ?? []
        let (pool, cache) = (host.pool, cache)
        let parts = pool.workerCount
        return await withTaskGroup(of: (Int, [Remembered]).self) { group in
            for part in 0..<parts {
                let mine = found[(found.count * part / parts)..<(found.count * (part + 1) / parts)]
                group.addTask { (part, await pool.value(affinity: part) { mine.map { Self.read($0, cache) } }) }
            }
            var all: [Int: [Remembered]] = [:]
            for await (part, rows) in group { all[part] = rows }
            return (0..<parts).flatMap { all[$0] ?? [] }
        }
    }

    private static func read(_ found: RecordFolder.Found, _ cache: ShareCache) -> Remembered {
        var record = Remembered(name: found.name)
        guard let entry = found.bytes.flatMap({ try? JSON.decode(ShareEntry.self, from: $0) }) else { return record }
        record.entry = entry
        guard entry.hasEnded != true else { return record }
        record.version = try? ShareVersion(decodingOwn: entry.version)
        if !entry.isFixed { record.known = cache.remembered(path: entry.path, options: entry.options) }
        if let known = record.known,
            !ResumeRecord.isAnythingThere(
                of: known.torrent.info, directory: known.directory, rootName: known.rootName)
        {
            // Nobody is told of what is not there.
            record.known = nil
        }
        return record
    }

    /// Looks for changes since the last run, one share after another.
    func catchUp() async {
        for name in live.keys.sorted() {
            guard let share = live[name], !isStopped else { continue }
            watch(share.entry)
            hash(name)
            await live[name]?.hashing?.value
        }
    }

    func folderChanged(id: String) {
        guard let share = live.values.first(where: { $0.entry.id == id }) else { return }
        hash(share.entry.name)
    }

    func folderNotice(_ text: String) {
        hub.publish(.notice(NoticeModel(message: text)))
    }
}

/// Tells a ``ShareKeeper`` of changes in folders.
protocol ShareWatching: Sendable {
    func watch(_ path: String, id: String)
    func unwatch(_ id: String)
}
