import Metainfo
import PeerWire
import Storage

/// From a folder to an offered version.
extension ShareKeeper {
    /// Hashes what has changed, and offers the result if it is something new. While it runs, further calls only see to
    /// it that it runs once more.
    func hash(_ name: String) {
        guard let share = live[name], !isStopped else { return }
        guard share.hashing == nil else {
            live[name]?.mustHashAgain = true
            return
        }
        let id = share.entry.id
        live[name]?.hashing = Task { await hashUntilSettled(name, id) }
    }

    /// Whether a share is still the one that something was begun for, and not another that got its name since.
    private func isThere(_ name: String, _ id: String) -> Bool { live[name]?.entry.id == id }

    private func hashUntilSettled(_ name: String, _ id: String) async {
        repeat {
            guard isThere(name, id) else { return }
            live[name]?.mustHashAgain = false
            await hashOnce(name, id)
            guard isThere(name, id) else { return }
        } while live[name]?.mustHashAgain == true && !Task.isCancelled
        // Ended, and shared again meanwhile, it is another task's.
        guard !Task.isCancelled else { return }
        live[name]?.hashing = nil
        live[name]?.hashed = nil
    }

    private func hashOnce(_ name: String, _ id: String) async {
        guard let share = live[name] else { return }
        do {
            if share.entry.isFixed {
                try await offerFixed(name, share)
            } else {
                let created = try await cache.create(
                    path: share.entry.path, options: share.entry.options, after: share.created, pool: host.pool
                ) { done, total in
                    Task { await self.report(name, done, total) }
                }
                await offer(name, id, created)
                // Nobody who waits for the version waits for this.
                let cache = cache
                await host.pool.value { cache.save(created) }
            }
        } catch CreationError.cancelled {
            return
        } catch let error as CreationError where share.entry.isInbox == true && error.isOfNothing {
            await becameEmpty(name, id, error)
        } catch {
            await failed(name, id, error)
        }
    }

    private func report(_ name: String, _ done: Int64, _ total: Int64) {
        guard live[name]?.hashing != nil else { return }
        live[name]?.hashed = (done, total)
    }

    /// Content of somebody else's torrent is what it should be, or is not offered.
    private func offerFixed(_ name: String, _ share: Live) async throws {
        guard let torrent = share.torrent else { return }
        let location = share.entry.place
        let isAnythingThere = await host.pool.value {
            ResumeRecord.isAnythingThere(
                of: torrent.info, directory: location.directory, rootName: location.rootName)
        }
        guard isAnythingThere else { throw CreationError.nothingToShare(path: share.entry.path, omitted: 0) }
        guard live[name]?.transfer == nil else { return settled(name) }
        let total = torrent.info.totalSize
        let before = await Self.stamps(torrent, location.directory, location.rootName, host.pool)
        let id = try await host.shareExisting(
            torrent, directory: location.directory, rootName: location.rootName
        ) { done in Task { await self.report(name, done, total) } }
        guard isThere(name, share.entry.id) else { return await host.end(id) }
        live[name]?.directory = location.directory
        live[name]?.rootName = location.rootName
        let after = await Self.stamps(torrent, location.directory, location.rootName, host.pool)
        // What changed while it was verified is promised to nobody.
        live[name]?.stamps = zip(before, after).map { $0 == $1 ? $0 : nil }
        try await begin(name, torrent, id)
    }

    private static func stamps(
        _ torrent: Torrent, _ directory: String, _ rootName: String, _ pool: DiskPool
    ) async -> [FileStamp?] {
        await pool.value {
            torrent.info.files.map { file in
                let path = torrent.info.isSingleFile ? [rootName] : [rootName] + file.path
                return file.isPadding ? nil : FileStamp(path: directory + "/" + path.joined(separator: "/"))
            }
        }
    }

    /// Offers a torrent of the share's folder; a new version if it is another than the one before.
    func offer(_ name: String, _ shareID: String, _ created: CreatedTorrent) async {
        guard let share = live[name], share.entry.id == shareID, !isStopped else { return }
        let isSame = share.transfer != nil && share.torrent?.info.hashes == created.torrent.info.hashes
        take(created, name)
        if isSame {
            guard created.hashedBytes > 0 else { return settled(name, isNews: live[name]?.remark != share.remark) }
            // What was touched and is as before was held back meanwhile: it is offered again as it is now.
            await withdraw(name)
        } else {
            await makeWay(for: created.torrent.info.hashes, name)
        }
        do {
            let id = try await host.share(
                created.torrent, directory: created.directory, rootName: created.rootName, stamps: created.stamps)
            try await offered(name, shareID, created, id)
        } catch {
            await failed(name, shareID, error)
        }
    }

    /// Offers what was offered in an earlier run, all of it in one go: a host that starts waits for nothing a thousand times.
    func offerAgain(_ shares: [(entry: ShareEntry, created: CreatedTorrent)]) async {
        for share in shares { take(share.created, share.entry.name) }
        let begun = await host.share(shares.map(\.created))
        for (share, result) in zip(shares, begun) {
            let (name, id) = (share.entry.name, share.entry.id)
            do {
                try await offered(name, id, share.created, try result.get())
            } catch {
                await failed(name, id, error)
            }
        }
    }

    private func take(_ created: CreatedTorrent, _ name: String) {
        live[name]?.created = created
        live[name]?.take(created.omitted)
    }

    private func offered(
        _ name: String, _ shareID: String, _ created: CreatedTorrent, _ id: TransferID
    ) async throws {
        guard isThere(name, shareID) else { return await host.end(id) }
        live[name]?.directory = created.directory
        live[name]?.rootName = created.rootName
        live[name]?.stamps = created.stamps
        try await begin(name, created.torrent, id)
    }

    /// A folder that was changed and changed back is the version before again, which is still being served.
    private func makeWay(for hashes: InfoHashes, _ name: String) async {
        guard let earlier = live[name]?.earlier, live[name]?.earlierHashes == hashes else { return }
        live[name]?.earlier = nil
        await end(earlier, of: name)
    }

    /// Ends a transfer of a share. What it has sent stays what the share has sent.
    private func end(_ transfer: TransferID, of name: String) async {
        guard let id = live[name]?.entry.id else { return await host.end(transfer) }
        let now = await host.status(transfer)
        if isThere(name, id) { live[name]?.past.note(transfer, now) }
        let last = await host.endTelling(transfer)
        guard isThere(name, id) else { return }
        live[name]?.past.note(transfer, last)
        live[name]?.past.close(transfer)
    }

    private func begin(_ name: String, _ torrent: Torrent, _ id: TransferID) async throws {
        do {
            try prepareVersion(name, torrent)
        } catch {
            // Nobody gets a version that could not be remembered.
            await host.end(id)
            throw error
        }
        guard var share = live[name] else { return await host.end(id) }
        if let before = share.torrent, before.info.hashes != torrent.info.hashes, share.entry.scope == .public {
            share.remember(before)
        }
        let outdated = share.earlier
        share.earlier = share.transfer
        share.earlierHashes = share.torrent?.info.hashes
        share.transfer = id
        share.torrent = torrent
        share.fileCount = torrent.info.files.count { !$0.isPadding }
        share.modified = EntryList.modified(share.entry.path)
        share.message = share.remark
        if isRestoring { share.state = .offered }
        live[name] = share
        // It counts while it is not ended yet.
        if let outdated {
            let status = await host.status(outdated)
            if isThere(name, share.entry.id) { live[name]?.past.note(outdated, status) }
        }
        guard !isRestoring else { return }
        // What came back before its watch saw that may go again unseen: it is watched anew.
        if share.state == .missing || share.state == .failed { watch(share.entry) }
        // Whoever waits for it finds it at once when told.
        await changed()
        if live[name]?.transfer == id {
            live[name]?.state = .offered
            if let now = live[name] { hub.publish(.share(model(now))) }
        }
        // Taking a large one down takes its time, and nobody waits for that.
        if let outdated { await end(outdated, of: name) }
    }

    /// Signs a version and remembers it, if the torrent is another than before.
    private func prepareVersion(_ name: String, _ torrent: Torrent) throws {
        guard var share = live[name] else { return }
        if share.version?.hashes != torrent.info.hashes {
            let number = (share.version?.number ?? 0) + 1
            let version = try ShareVersion(
                name: name, hashes: torrent.info.hashes, number: number, share: Array(share.entry.id.utf8),
                key: identity.key)
            share.version = version
            share.entry.version = version.item.encoded()
            // Durable before anybody is told of it: a number is never used twice for different content.
            try save(share.entry)
            live[name] = share
        }
    }

    private func settled(_ name: String, isNews: Bool = false) {
        guard let share = live[name] else { return }
        live[name]?.state = .offered
        live[name]?.message = share.remark
        if share.state != .offered || isNews, let now = live[name] { hub.publish(.share(model(now))) }
    }

    private func failed(_ name: String, _ id: String, _ error: any Error) async {
        guard let share = live[name], share.entry.id == id else { return }
        let (state, message) = share.trouble(error)
        let isNews = share.state != state || share.message != message
        live[name]?.state = state
        live[name]?.message = message
        if state == .missing { await withdraw(name) }
        guard isThere(name, id) else { return }
        if isNews {
            await changed()
            if let now = live[name] { hub.publish(.share(model(now))) }
        }
        // A file that is being written, or a disk that is not mounted yet: it is tried again by and by.
        if live[name]?.watchRetry == nil {
            live[name]?.watchRetry = Task {
                try? await Task.sleep(for: .seconds(10))
                self.retry(name)
            }
        }
    }

    private func retry(_ name: String) {
        guard let share = live[name], !isStopped else { return }
        live[name]?.watchRetry = nil
        if share.state != .offered { hash(name) }
    }

    func withdraw(_ name: String) async {
        guard let share = live[name] else { return }
        live[name]?.transfer = nil
        live[name]?.earlier = nil
        for transfer in [share.transfer, share.earlier].compactMap(\.self) { await end(transfer, of: name) }
    }

    // MARK: Looking

    func list() -> [ShareModel] {
        live.values.map(model).sorted(byName: \.name)
    }

    func share(named name: String) -> ShareModel? { live[name].map(model) }

    func model(_ share: Live) -> ShareModel {
        let info = share.torrent?.info
        let isOffered = share.transfer != nil
        return ShareModel(
            name: share.entry.name, path: share.entry.path, scope: share.entry.scope,
            infoHashV1: info?.hashes.v1?.hex, infoHashV2: info?.hashes.v2?.hex,
            bytes: share.state == .missing ? 0 : info?.totalSize ?? 0,
            files: share.state == .missing ? 0 : share.fileCount, version: share.version?.number ?? 0,
            state: share.state, message: share.message,
            magnet: isOffered
                ? share.torrent?.magnet(peers: host.listenAddresses.map(\.description)).description : nil,
            hashed: share.hashed?.done, toHash: share.hashed?.total,
            omitted: share.omitted.isEmpty ? nil : share.omitted, inbox: share.entry.isInbox == true)
    }

    /// Names of public shares that have no files now. Their folders are open to visitors where they are inboxes.
    var missing: [String] {
        live.values.filter { $0.entry.scope == .public && $0.state == .missing && $0.transfer == nil }
            .map(\.entry.name).sorted()
    }

    /// What the network may be told of.
    var publicOffers: [String: Catalogue.Offer] {
        live.compactMapValues { share in
            guard share.entry.scope == .public, share.transfer != nil, let torrent = share.torrent else { return nil }
            return Catalogue.Offer(
                torrent: torrent, directory: share.directory, rootName: share.rootName, version: share.entry.version,
                stamps: share.stamps,
                earlier: Dictionary(share.earlierTorrents.map { ($0.tag, $0.bytes) }, uniquingKeysWith: { $1 }))
        }
    }

    var count: Int { live.count }

    var offersPublicly: Bool { live.values.contains { $0.entry.scope == .public && $0.transfer != nil } }

    /// The shares that are being served, or were: in all their versions.
    func served(_ activity: [TransferID: TransferStatus]) -> [TransferModel] {
        live.values.compactMap { share in
            guard let transfer = share.transfer else { return nil }
            var shown = TransferModel(share: model(share))
            if let status = activity[transfer] { shown.take(status) }
            if let earlier = share.earlier, let status = activity[earlier] { shown.add(status) }
            share.past.add(to: &shown)
            shown.name = share.entry.name
            return shown.uploaded > 0 || shown.peers > 0 ? shown : nil
        }.sorted { $0.id < $1.id }
    }

    /// What the network is told of the public shares, by name.
    var documentRows: [HostDocument.Share] {
        live.values.compactMap { share in
            guard share.entry.scope == .public, share.transfer != nil, let info = share.torrent?.info else {
                return nil
            }
            return HostDocument.Share(
                name: share.entry.name, kind: info.isSingleFile ? .file : .folder, bytes: info.totalSize,
                files: share.fileCount, version: share.version?.number ?? 0, infoHashV1: info.hashes.v1?.hex,
                infoHashV2: info.hashes.v2?.hex, modified: share.modified, id: share.entry.id)
        }.sorted(byName: \.name)
    }
}

extension ShareKeeper.Live {
    /// Versions before the one that is offered, and bytes of their torrents together.
    private static let maximumEarlier = 8
    private static let maximumEarlierBytes = 16 << 20

    mutating func remember(_ torrent: Torrent) {
        let tag = Catalogue.Offer.tag(of: torrent.info.hashes)
        earlierTorrents.removeAll { $0.tag == tag }
        earlierTorrents.append((tag, torrent.encoded()))
        while earlierTorrents.count > Self.maximumEarlier
            || earlierTorrents.reduce(0, { $0 + $1.bytes.count }) > Self.maximumEarlierBytes
        {
            earlierTorrents.removeFirst()
        }
    }
}
