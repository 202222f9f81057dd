import Metainfo
import PeerWire
import SwarmEngine

/// What is to be seen of transfers.
extension FetchKeeper {
    /// - Parameter activity: of those that do something; the others are complete or wait.
    func list(_ activity: [TransferID: TransferStatus]) async -> [TransferModel] {
        var models: [TransferModel] = []
        for id in order {
            guard let fetch = live[id] else { continue }
            if let transfer = fetch.shown, let status = activity[transfer] {
                models.append(model(of: fetch, status, serving: fetch.transfer.flatMap { activity[$0] }))
            } else if let model = await model(id) {
                models.append(model)
            }
        }
        return models
    }

    func model(_ id: String) async -> TransferModel? {
        guard let fetch = live[id] else { return nil }
        var (status, serving): (TransferStatus?, TransferStatus?)
        if let transfer = fetch.shown { status = await host.status(transfer) }
        if fetch.next != nil, let transfer = fetch.transfer { serving = await host.status(transfer) }
        return model(of: fetch, status, serving: serving)
    }

    /// - Parameter serving: of the version that is here. While a newer one is on its way that is another transfer.
    private func model(of fetch: Live, _ found: TransferStatus?, serving: TransferStatus?) -> TransferModel {
        var model = model(of: fetch, found)
        if fetch.next != nil, let serving { model.add(serving) }
        fetch.past.add(to: &model)
        return model
    }

    private func model(of fetch: Live, _ found: TransferStatus?) -> TransferModel {
        var model = TransferModel(fetch.entry)
        model.brought = fetch.brought
        model.name = fetch.entry.rootName ?? fetch.torrent?.info.name ?? model.name
        // While a newer version is fetched, that is what is going on.
        guard let status = found else {
            model.message = fetch.message ?? model.message
            // It is put together from what is here, or takes its place: nobody is waited for.
            if fetch.next != nil, model.phase == .starting { model.phase = .checking }
            return model
        }
        model.take(status)
        // It is whole, and has still to take its place or to be remembered: nobody is told of it twice.
        if fetch.next != nil || !fetch.entry.isComplete, model.phase == .complete { model.phase = .checking }
        model.message = model.message ?? fetch.message ?? Self.remark(of: model)
        // Nobody is left to ask, or nobody who has it.
        let isAlone = status.peers == 0 && status.webSeeds == 0
        let waits = [.fetching, .metadata].contains(model.phase) && (isAlone || fetch.isStuck)
        if waits, fetch.isElsewhere, fetch.message != nil, !fetch.entry.follow { model.phase = .paused }
        if model.phase != .metadata { model.name = fetch.entry.rootName ?? fetch.torrent?.info.name ?? status.name }
        return model
    }

    /// What to say of something that is here in part.
    private static func remark(of model: TransferModel) -> String? {
        guard model.phase == .partial else { return nil }
        let what =
            model.done == 0
            ? "nothing of it is here any more as it was fetched"
            : "some of it was changed, deleted or replaced here since it was fetched, the rest is served"
        return model.follow ? what : "\(what); `duplex end \(model.id)` forgets it"
    }
}

extension FetchKeeper.Live {
    /// The transfer that tells how it goes. While a newer version is on its way it is that one's, also before it has
    /// begun: who asked for it must not be told that all is there.
    fileprivate var shown: TransferID? { next.map(\.transfer) ?? transfer }

    /// A link names at least one of them.
    var hashes: InfoHashes? { torrent?.info.hashes ?? (try? MagnetLink(parsing: entry.magnet))?.hashes }

    /// Where on disk it is; nil as long as a link has not told what it is called there.
    var knownPlace: String? { entry.rootName == nil && torrent == nil ? nil : entry.placeKey(torrent) }
}

extension TransferModel {
    /// As long as the host knows nothing better.
    init(_ entry: FetchEntry) {
        self.init(
            id: entry.id, kind: .fetch, name: entry.rootName ?? (try? MagnetLink(parsing: entry.magnet))?.name,
            phase: entry.isPaused || entry.isGone == true ? .paused : .starting, message: nil, done: entry.done ?? 0,
            total: entry.total ?? 0, down: 0, up: 0, downloaded: 0, uploaded: 0, peers: 0, webSeeds: 0, clients: 0,
            partners: [],
            directory: entry.directory, host: entry.origin?.host, share: entry.origin?.share,
            follow: entry.follow && entry.once != true,
            version: entry.version)
    }

    /// One of this host's own shares.
    init(share: ShareModel) {
        self.init(
            id: "share:\(share.name)", kind: .share, name: share.name, phase: .complete, message: nil,
            done: share.bytes,
            total: share.bytes, down: 0, up: 0, downloaded: 0, uploaded: 0, peers: 0, webSeeds: 0, clients: 0,
            partners: [],
            directory: nil, host: nil, share: share.name, follow: false, version: share.version)
    }

    mutating func take(_ status: TransferStatus) {
        switch status.phase {
        case .metadata: phase = .metadata
        case .checking: phase = .checking
        case .fetching: phase = .fetching
        // What is served only asks for nothing, whatever is missing.
        case .complete: phase = status.done < status.total ? .partial : .complete
        case .paused(let why):
            phase = .paused
            message = why
        }
        (done, total) = (status.done, status.total)
        (down, up) = (status.downRate, status.upRate)
        (downloaded, uploaded) = (status.downloaded, status.uploaded)
        (peers, webSeeds, clients) = (status.peers, status.webSeeds, status.clients)
        partners = status.partners.map(PartnerModel.init)
    }
}
