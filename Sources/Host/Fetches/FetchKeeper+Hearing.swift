import Metainfo
import PeerWire

/// What other hosts say of the shares that are fetched from them.
extension FetchKeeper {
    /// Of an owner: whoever claims its key is counted among them.
    private static let maximumAddresses = 16

    /// A host told what it offers. Whether it is the owner shows only when it has a version that is signed.
    func heard(of model: HostModel, _ document: HostDocument) async {
        let addresses = model.addresses.prefix(Self.maximumAddresses).compactMap { PeerAddress(parsing: $0) }
        for (id, fetch) in live where fetch.entry.origin?.key == document.key && !fetch.entry.isPaused {
            live[id]?.entry.origin?.addresses = Array(model.addresses.prefix(Self.maximumAddresses))
            await heard(document, of: id, at: addresses)
        }
    }

    private func heard(_ document: HostDocument, of id: String, at addresses: [PeerAddress]) async {
        guard let fetch = live[id], let origin = fetch.entry.origin, !(fetch.entry.isComplete && !fetch.entry.follow)
        else { return }
        guard let share = document.shares.first(where: { $0.name == origin.share }) else {
            // Of a very long list only the beginning is told.
            if !document.truncated { say(id, isElsewhere: Self.text(of: origin, in: document, fetch.entry)) }
            return
        }
        if let other = share.id, Array(other.utf8) != origin.shareID {
            let order = fetch.entry.follow ? "duplex get --follow" : "duplex get"
            return say(id, isElsewhere: "is another share now, the same `\(order)` again takes that one")
        }
        guard fetch.entry.follow else {
            // What was begun is not to be had from there any more.
            let isOther = fetch.torrent.map { !share.isOffered(as: $0.info.hashes) } ?? false
            let isLost = isOther && (fetch.isElsewhere || fetch.isStuck)
            say(id, isElsewhere: isLost ? "has changed meanwhile, the same `duplex get` again takes it as it is" : nil)
            if let transfer = fetch.transfer { await host.add(addresses, to: transfer) }
            return
        }
        say(id, isElsewhere: nil)
        if share.version > max(fetch.entry.version, fetch.next?.version.number ?? 0) {
            await lookForVersion(id, at: addresses)
        } else if let transfer = fetch.next?.transfer {
            await host.add(addresses, to: transfer)
        }
    }

    /// Of a share that is not offered.
    private static func text(of origin: FetchEntry.Origin, in document: HostDocument, _ entry: FetchEntry) -> String {
        switch (document.missing?.contains(origin.share) ?? false, entry.follow) {
        case (true, true): "has no files now, what is here stays"
        case (true, false): "has no files now, try again when its owner has put some there"
        case (false, true): "is not offered any more, what is here stays"
        case (false, false): "is not offered any more, ask its owner"
        }
    }

    /// Tells once that it does not come from there any more, or with nil that it may again.
    private func say(_ id: String, isElsewhere text: String?) {
        guard let fetch = live[id], let origin = fetch.entry.origin else { return }
        guard text != nil || fetch.isElsewhere else { return }
        let message = text.map { "\(origin.host)/\(origin.share) \($0)" }
        guard fetch.message != message, fetch.isElsewhere || fetch.message == nil else { return }
        live[id]?.message = message
        live[id]?.isElsewhere = message != nil
        if let message { hub.publish(.notice(NoticeModel(transfer: id, message: message))) }
        Task { await publish(id) }
    }

    // MARK: Asking

    /// Asks the owners of what does not come why: those that are known by their address alone say nothing by
    /// themselves, and one that is connected may have nothing to give any more but another version. Called every few
    /// seconds.
    func askOwners() async {
        for (id, fetch) in live where fetch.entry.origin != nil && !fetch.entry.follow && !fetch.entry.isComplete {
            guard let transfer = fetch.transfer, !fetch.isLooking, let status = await host.status(transfer),
                live[id]?.transfer == transfer, !(live[id]?.isLooking ?? true)
            else { continue }
            let isWaiting = status.phase == .fetching
            live[id]?.standing = isWaiting && fetch.lastSeen == status.downloaded ? fetch.standing + 1 : 0
            live[id]?.lastSeen = status.downloaded
            guard isWaiting, status.peers == 0 && status.webSeeds == 0 || live[id]?.isStuck ?? false else { continue }
            live[id]?.isLooking = true
            Task { await askOwner(id) }
        }
    }

    private func askOwner(_ id: String) async {
        defer {
            live[id]?.isLooking = false
            lookAgain(id)
        }
        let addresses = (live[id]?.entry.origin?.addresses ?? []).compactMap { PeerAddress(parsing: $0) }
        for address in addresses.prefix(4) {
            let client = CatalogueClient(address: address, eventLoop: eventLoop)
            guard let (document, _) = try? await client.document(), document.key == live[id]?.entry.origin?.key else {
                continue
            }
            return await heard(document, of: id, at: addresses)
        }
    }

    // MARK: Versions

    private func lookForVersion(_ id: String, at addresses: [PeerAddress]) async {
        guard let fetch = live[id], let origin = fetch.entry.origin else { return }
        guard !fetch.isLooking, mayBegin(id) else {
            live[id]?.lookLater = addresses
            return
        }
        live[id]?.isLooking = true
        defer {
            live[id]?.isLooking = false
            lookAgain(id)
        }
        for address in addresses.prefix(4) {
            let client = CatalogueClient(address: address, eventLoop: eventLoop)
            do {
                let version = try await client.version(of: origin.share)
                // At another address there may be a newer one: the owner's own, if here is somebody who claims its key.
                guard isNews(version, for: id) else { continue }
                let known = live[id]?.next?.torrent ?? live[id]?.torrent
                let torrent = try await client.torrent(of: origin.share, version, known: known)
                guard isNews(version, for: id) else { return }
                return await beginVersion(id, version, torrent)
            } catch {
                // Another address may do; otherwise the next look at the host begins anew.
                continue
            }
        }
    }

    /// Looks for what was heard of while that could not be taken up.
    func lookAgain(_ id: String) {
        guard let addresses = live[id]?.lookLater, mayBegin(id) else { return }
        live[id]?.lookLater = nil
        Task { await lookForVersion(id, at: addresses) }
    }

    /// Whether a new version may be taken up at all.
    private func mayBegin(_ id: String) -> Bool {
        guard let fetch = live[id], !isStopped else { return false }
        return fetch.entry.follow && !fetch.entry.isPaused && !fetch.isHalted && !fetch.isEnding
            && !fetch.isSettling && !fetch.awaitsRestart
    }

    func isVersion(_ version: ShareVersion, of origin: FetchEntry.Origin) -> Bool {
        Self.hexadecimal(version.key) == origin.key && version.share == origin.shareID
    }

    /// Whether a version is the owner's, of this share, and newer than what is here or on its way.
    func isNews(_ version: ShareVersion, for id: String) -> Bool {
        guard let fetch = live[id], let origin = fetch.entry.origin, mayBegin(id) else { return false }
        guard isVersion(version, of: origin) else {
            guard fetch.refused != version.item else { return false }
            live[id]?.refused = version.item
            let message =
                "a version of \(origin.share) that \(origin.host) did not sign, or of another share, was refused"
            hub.publish(.notice(NoticeModel(transfer: id, message: message)))
            return false
        }
        return isNewer(version, id)
    }
}

extension HostDocument.Share {
    fileprivate func isOffered(as hashes: InfoHashes) -> Bool {
        infoHashV1 == hashes.v1?.hex && infoHashV2 == hashes.v2?.hex
    }
}

extension FetchKeeper.Live {
    /// Nothing has come for a while, though somebody is connected or not.
    var isStuck: Bool { standing >= 2 }
}
