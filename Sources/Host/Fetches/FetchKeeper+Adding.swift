import Metainfo
import PeerWire
import Storage

/// From an order to a transfer.
extension FetchKeeper {
    /// Remembers what is to be fetched and begins. Whoever asks is told what has come of it meanwhile.
    func add(_ order: FetchOrder) async throws -> TransferModel {
        let model = try await begin(order)
        live[model.id]?.brought = nil
        return model
    }

    private func begin(_ order: FetchOrder) async throws -> TransferModel {
        let wanted = try await source(of: order)
        let hashes = wanted.source.hashes
        // Before anything is begun or given up for it.
        if let info = wanted.torrent?.info { _ = try FileSelection(patterns: order.patterns, numbers: nil, in: info) }
        let same = { [self] in
            live.values.first { $0.isSame(hashes, in: order.to) || $0.isFollowing(wanted, in: order.to) }
        }
        if let same = same() { return try await goOn(same, with: order, wanted) }
        let isUpdate = await isUpdate(order, wanted)
        let follows = order.follow == true || isUpdate
        if follows { try await makeWayForFollowing(wanted, in: order.to) }
        // The same may have been ordered meanwhile.
        if let same = same() { return try await goOn(same, with: order, wanted) }
        var entry = FetchEntry(
            id: makeID(), directory: order.to, rootName: wanted.rootName, magnet: wanted.magnet,
            patterns: order.patterns, peers: wanted.peers.map(\.description), origin: wanted.origin,
            follow: follows, once: isUpdate ? true : nil, version: 0, isPaused: false, isComplete: false,
            signed: wanted.version?.item.encoded())
        if entry.follow {
            guard entry.origin != nil else {
                throw FetchError(.invalid, "cannot follow a link, only a share by name has versions, use HOST/SHARE")
            }
            guard entry.patterns.isEmpty else {
                throw FetchError(.invalid, "cannot follow a part of a share, follow all of it or fetch the part once")
            }
            // Its place stays, whatever later torrents are called.
            entry.rootName = entry.rootName ?? entry.origin?.share
        }
        if case .torrent(let torrent) = wanted.source { try torrents?.save(torrent.encoded(), as: entry.id) }
        try save(entry)
        var fetch = Live(entry: entry)
        if case .torrent(let torrent) = wanted.source { fetch.torrent = torrent }
        fetch.version = wanted.version?.number
        live[entry.id] = fetch
        self.order.append(entry.id)
        do {
            if entry.follow {
                try await follow(entry.id, wanted.version, fetch.torrent)
            } else {
                try await begin(entry.id, wanted.source, peers: wanted.peers)
                Task { await changed() }
            }
        } catch {
            // Whoever asked is told at once, and nothing is left of it.
            await halt(entry.id)
            forget(entry.id)
            throw error
        }
        return await model(entry.id) ?? TransferModel(entry)
    }

    /// Whether an earlier version of what is to be fetched is at its place: it is brought up to date then as a share that
    /// is followed is, so that what its user has changed is kept.
    private func isUpdate(_ order: FetchOrder, _ wanted: Wanted) async -> Bool {
        guard order.follow != true, order.patterns.isEmpty, let origin = wanted.origin, let version = wanted.version
        else { return false }
        let (follow, place) = (follows, "\(order.to)/\(origin.share)")
        guard let there = await host.pool.value({ follow.load(place) }).currentVersion, isVersion(there, of: origin),
            there.number < version.number, let source = await source(there.hashes, in: order.to)
        else { return false }
        return source.found.contains { $0 != nil }
    }

    /// The same again: peers that were not known before, other files, or to be followed from now on.
    private func goOn(_ same: Live, with order: FetchOrder, _ wanted: Wanted) async throws -> TransferModel {
        let id = same.entry.id
        guard !same.isEnding else {
            throw FetchError(.conflict, "cannot fetch this, the transfer before is just being ended, try again")
        }
        if wanted.torrent == nil, let info = same.torrent?.info {
            _ = try FileSelection(patterns: order.patterns, numbers: nil, in: info)
        }
        if same.entry.follow, let before = same.entry.origin, let origin = wanted.origin {
            guard before.key == origin.key, before.share == origin.share else {
                throw FetchError(
                    .conflict,
                    "cannot fetch \(origin.host)/\(origin.share) into \(order.to), what is there follows "
                        + "\(before.host)/\(before.share), end that with `duplex end \(id)` or choose another folder with "
                        + "--to")
            }
            if before.shareID != origin.shareID { await leaveShare(id) }
        }
        if let origin = wanted.origin { live[id]?.entry.origin = origin }
        live[id]?.awaitsRestart = false
        live[id]?.isElsewhere = false
        try await renewIfGone(id)
        if let version = wanted.version { live[id]?.version = version.number }
        guard let same = live[id] else { throw Self.unknown(id) }
        let isFollowed = same.entry.follow || (order.follow == true && wanted.origin != nil)
        if isFollowed {
            live[id]?.entry.follow = true
            if order.follow == true { live[id]?.entry.once = nil }
            live[id]?.entry.rootName =
                same.entry.rootName ?? same.torrent?.info.name ?? live[id]?.entry.origin?.share
            live[id]?.entry.isPaused = false
            live[id]?.isHalted = false
            if let entry = live[id]?.entry { try save(entry) }
            if let transfer = same.transfer, !same.entry.follow {
                live[id]?.transfer = nil
                await end(transfer, of: id)
            }
            if live[id]?.next == nil, live[id]?.transfer == nil {
                live[id]?.message = nil
                try await follow(id, wanted.version, wanted.torrent)
            } else if let version = wanted.version, let torrent = wanted.torrent {
                // Whoever asks hears of it before the follower does.
                await beginVersion(id, version, torrent)
                // Nobody is told that all is there of what its user has changed since.
                if live[id]?.next == nil, await self.isTouched(live[id]?.torrent?.info.hashes, in: order.to) {
                    await lookAnew(id)
                }
            }
            return await model(id) ?? TransferModel(same.entry)
        }
        let patterns = same.entry.patterns(with: order.patterns)
        let isOtherChoice =
            same.entry.patterns != patterns && !(same.entry.patterns.isEmpty && same.entry.isComplete)
        // What its user has deleted comes again; what was changed is kept beside.
        var isTouched = same.entry.isComplete ? await isTouched(wanted.source.hashes, in: order.to) : false
        if await model(id)?.phase == .partial { isTouched = true }
        if isOtherChoice { live[id]?.entry.patterns = patterns }
        if isOtherChoice || isTouched { live[id]?.entry.isComplete = false }
        live[id]?.entry.isPaused = false
        live[id]?.isHalted = false
        if let entry = live[id]?.entry { try save(entry) }
        if let transfer = live[id]?.transfer, isOtherChoice || isTouched || same.message != nil {
            live[id]?.transfer = nil
            await end(transfer, of: id)
        }
        if let transfer = live[id]?.transfer {
            await host.add(wanted.peers, to: transfer)
        } else {
            try await begin(id, wanted.source, peers: wanted.peers)
        }
        return await model(id) ?? TransferModel(same.entry)
    }

    /// Whether files that were fetched are not as they were then.
    private func isTouched(_ hashes: InfoHashes?, in directory: String) async -> Bool {
        guard let source = await source(hashes, in: directory) else { return false }
        return zip(source.stamps, source.found).contains { recorded, found in recorded != nil && recorded != found }
    }

    /// The owner has another share of that name now: its versions take the place of those of the one before.
    private func leaveShare(_ id: String) async {
        await stopNext(id)
        live[id]?.refused = nil
        live[id]?.entry.version = 0
        await endCurrentTransfer(id)
    }

    /// What an ordinary fetch has brought to the place of a share that is followed from now on is the followed share's.
    private func makeWayForFollowing(_ wanted: Wanted, in directory: String) async throws {
        guard let origin = wanted.origin else { return }
        let before = live.values.filter { fetch in
            !fetch.entry.follow && fetch.entry.directory == directory && fetch.entry.patterns.isEmpty
                && fetch.entry.origin?.key == origin.key && fetch.entry.origin?.shareID == origin.shareID
        }
        for fetch in before { try await remove(fetch.entry.id) }
    }
}

extension FetchKeeper.Live {
    func isFollowing(_ wanted: FetchKeeper.Wanted, in directory: String) -> Bool {
        guard entry.follow, entry.directory == directory, let origin = entry.origin, let other = wanted.origin else {
            return false
        }
        // Of what is called the same there can be but one in a folder.
        return origin.share == other.share || (origin.key == other.key && origin.shareID == other.shareID)
    }

    func isSame(_ hashes: InfoHashes, in directory: String) -> Bool {
        guard entry.directory == directory, let own = self.hashes else { return false }
        return (own.v1 != nil && own.v1 == hashes.v1) || (own.v2 != nil && own.v2 == hashes.v2)
    }
}

extension FetchEntry {
    /// What is wanted when another part is asked for: that too. No patterns are everything.
    func patterns(with more: [String]) -> [String] {
        guard !more.isEmpty, !patterns.isEmpty || isComplete else { return more }
        guard !patterns.isEmpty else { return patterns }
        return patterns + more.filter { !patterns.contains($0) }
    }
}

extension FetchOrder {
    /// Shell patterns, that of the path among them.
    var patterns: [String] { (select ?? []) + [path ?? ""].filter { !$0.isEmpty }.map(Self.pattern) }

    /// The shell pattern that means this path and nothing else.
    public static func pattern(of path: String) -> String {
        path.reduce(into: "/") { text, character in
            if "\\*?[]".contains(character) { text += "\\" }
            text.append(character)
        }
    }
}
