import FoundationEssentials
import Metainfo
import PeerWire
import Transport

/// From an order to what it means.
extension FetchKeeper {
    struct Wanted: Sendable {
        var source: FetchSource
        var magnet: String
        var rootName: String?
        var peers: [PeerAddress]
        var origin: FetchEntry.Origin?
        var version: ShareVersion?

        var torrent: Torrent? {
            if case .torrent(let torrent) = source { torrent } else { nil }
        }
    }

    func source(of order: FetchOrder) async throws -> Wanted {
        guard order.to.hasPrefix("/") else { throw FetchError(.invalid, "the folder to fetch into must be absolute") }
        DownloadFolder.prepare(order.to)
        let peers = try (order.peers ?? []).map { text in
            guard let address = PeerAddress(parsing: text) else {
                throw FetchError(.invalid, "'\(text)' is not HOST:PORT")
            }
            return address
        }
        if let text = order.magnet {
            let link = try MagnetLink(parsing: text)
            return Wanted(source: .magnet(link), magnet: text, peers: peers)
        }
        if let text = order.torrent {
            guard let data = Data(base64Encoded: text) else { throw FetchError(.invalid, "the torrent is not base64") }
            let torrent = try Torrent(decoding: Array(data))
            return Wanted(source: .torrent(torrent), magnet: torrent.magnet().description, peers: peers)
        }
        guard let name = order.host, let share = order.share else {
            throw FetchError(.invalid, "say what to fetch: a magnet link, a torrent, or a host and a share")
        }
        return try await named(share, of: name, peers: peers)
    }

    /// A share of another host, as it is now.
    private func named(_ share: String, of name: String, peers: [PeerAddress]) async throws -> Wanted {
        // It becomes the name of a file or folder here.
        guard PathSafety.isSafe(share) else {
            throw FetchError(.invalid, "cannot fetch \(name)/\(share), no share can have that name")
        }
        let (model, address) = try await reach(name)
        let client = CatalogueClient(address: address, eventLoop: eventLoop)
        let version: ShareVersion
        let torrent: Torrent
        do {
            (version, torrent) = try await client.current(of: share)
        } catch {
            throw FetchError(
                .notFound,
                "cannot fetch \(name)/\(share), \(Self.reason(error)), "
                    + (await Self.remedy(share, of: name, error, at: client)))
        }
        guard model.key == Self.hexadecimal(version.key) else {
            throw FetchError(.failed, "cannot fetch \(name)/\(share), its version is not signed by that host")
        }
        guard version.name == share else {
            throw FetchError(
                .failed, "cannot fetch \(name)/\(share), what that host gives is its share \(version.name)")
        }
        let addresses = model.addresses.compactMap { PeerAddress(parsing: $0) }
        let origin = FetchEntry.Origin(
            host: model.name, share: share, key: Self.hexadecimal(version.key), shareID: version.share,
            addresses: addresses.map(\.description))
        return Wanted(
            source: .torrent(torrent), magnet: torrent.magnet().description,
            rootName: share == torrent.info.name ? nil : share,
            peers: peers + addresses, origin: origin, version: version)
    }

    /// Finds a host that answers, and waits a little for one that has not been heard of yet: after a while all of those
    /// that are there were heard.
    func reach(_ name: String) async throws -> (HostModel, PeerAddress) {
        let deadline = max(started + .seconds(5), ContinuousClock.now + .seconds(1.5))
        var silent: HostModel?
        repeat {
            switch await directory.lookup(name) {
            case .found(let model, _, let address): return (model, address)
            case .silent(let model): silent = model
            case .several(let models):
                let addresses = models.compactMap(\.addresses.first).joined(separator: ", ")
                throw FetchError(
                    .conflict, "there are several hosts called \(name), name one by its address: \(addresses)")
            case .none:
                if let own = await directory.askOwn(name) { return own }
                if let address = PeerAddress(parsing: name),
                    case .found(let model, _, let answering) = await directory.ask(address)
                {
                    return (model, answering)
                }
            }
            try await Task.sleep(for: .milliseconds(100))
        } while ContinuousClock.now < deadline
        if let silent {
            throw FetchError(
                .failed, "cannot reach \(name), \(silent.message ?? "it does not answer"), `duplex doctor` may say why")
        }
        let meant = Spelling.closest(to: name, among: await directory.list().map(\.name)).map { "did you mean \($0)?" }
        throw FetchError(
            .notFound,
            "cannot find a host called \(name), \(meant ?? "`duplex hosts` lists those that are there")")
    }

    /// What to do about a share that is not there.
    static func remedy(_ share: String, of name: String, _ error: any Error, at client: CatalogueClient) async -> String
    {
        switch error as? HTTPClientError {
        case .status(503, _): return "try again when its owner has put some there"
        case .status: break
        // It was not asked at all.
        default: return "`duplex doctor` may say why"
        }
        let usual = "`duplex ls \(name)` lists what there is"
        guard case .status(404, _) = error as? HTTPClientError, let (document, _) = try? await client.document(),
            let meant = Spelling.closest(to: share, among: document.shares.map(\.name))
        else { return usual }
        return "did you mean \(name)/\(meant)?"
    }

    static func reason(_ error: any Error) -> String {
        switch error as? HTTPClientError {
        case .status(404, _): "it offers nothing of that name"
        case .status(503, _): "it has no files now"
        default: ConnectionTrouble.text(error)
        }
    }

    static func hexadecimal(_ bytes: [UInt8]) -> String {
        Hexadecimal.encode(bytes)
    }
}
