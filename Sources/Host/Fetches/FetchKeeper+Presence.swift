import Metainfo
import PeerWire
import Storage

/// What was fetched and is not there any more: its user deleted it or moved it away, or its disk was taken out. It is not
/// served, and not fetched anew by itself; when it is put back it goes on.
extension FetchKeeper {
    /// A transfer has come to its end because of that.
    func vanished(_ transfer: TransferID, _ id: String, _ message: String) async {
        guard live[id]?.transfer == transfer else { return }
        live[id]?.transfer = nil
        markGone(id)
        tell(id, isGone: message)
        await end(transfer, of: id)
        guard live[id]?.transfer == nil, live[id]?.entry.isGone == true else { return }
        await publish(id)
        await changed()
        restartLater(id)
    }

    private func markGone(_ id: String) {
        live[id]?.entry.isGone = true
        if let entry = live[id]?.entry { try? save(entry) }
    }

    func tell(_ id: String, isGone message: String) {
        guard let fetch = live[id] else { return }
        let text = fetch.entry.isComplete ? "\(message); `duplex end \(id)` forgets it" : message
        guard fetch.message != text else { return }
        live[id]?.message = text
        live[id]?.isElsewhere = false
        hub.publish(.notice(NoticeModel(transfer: id, message: text)))
    }

    /// Whether something is there again.
    func isBack(_ id: String) async -> Bool {
        guard let fetch = live[id], let hashes = fetch.hashes else { return false }
        return await host.isAnythingThere(of: hashes, in: fetch.entry.directory)
    }

    /// It was found not to be there before anything was begun.
    func missed(_ id: String) {
        markGone(id)
        waits(id)
    }

    /// It is begun when it is put back, and says so until then.
    func waits(_ id: String) {
        guard let entry = live[id]?.entry else { return }
        let path = entry.placeKey(live[id]?.torrent)
        let error = entry.isComplete ? TransferError.served(gone: path) : TransferError.fetched(gone: path)
        tell(id, isGone: error.description)
        restartLater(id)
    }

    /// Looks anew at what is served: what was changed or taken away since is neither served nor said to be here.
    func lookAnew(_ id: String) async {
        guard let fetch = live[id], fetch.entry.isComplete, fetch.next == nil, let transfer = fetch.transfer else {
            return
        }
        live[id]?.transfer = nil
        await end(transfer, of: id)
        await serveCurrent(id)
        await publish(id)
    }

    /// What was brought to a place may have replaced files of other transfers there, such as a part of an earlier version.
    /// An earlier version of the same share of which nothing is left has come to its end.
    func lookAnewAtOthers(than id: String) async {
        guard let fetch = live[id], let place = fetch.knownPlace else { return }
        for (other, there) in live where other != id && !there.entry.follow && there.knownPlace == place {
            await lookAnew(other)
            guard let origin = live[other]?.entry.origin, origin.shareID == fetch.entry.origin?.shareID,
                origin.key == fetch.entry.origin?.key, let transfer = live[other]?.transfer,
                await host.status(transfer)?.done == 0
            else { continue }
            try? await remove(other)
        }
    }

    func isThereAgain(_ id: String) {
        guard live[id]?.entry.isGone == true else { return }
        live[id]?.entry.isGone = nil
        if let entry = live[id]?.entry { try? save(entry) }
    }

    /// Its user asks for it again: what is gone is fetched anew, at once.
    func renewIfGone(_ id: String) async throws {
        if let transfer = live[id]?.transfer, await host.isGone(transfer), live[id]?.transfer == transfer {
            live[id]?.transfer = nil
            markGone(id)
            await end(transfer, of: id)
        }
        guard var entry = live[id]?.entry, entry.isGone == true else { return }
        entry.isGone = nil
        entry.isComplete = false
        entry.version = 0
        live[id]?.entry = entry
        live[id]?.message = nil
        guard entry.follow, let hashes = live[id]?.torrent?.info.hashes else { return }
        // As if nothing had ever been there.
        let (follow, place) = (follows, entry.placeKey(live[id]?.torrent))
        try await host.pool.value {
            Result { () throws(StorageError) in try follow.save(FollowRecord(), at: place) }
        }.get()
        await host.forgetRecord(of: hashes, in: entry.directory)
    }
}
