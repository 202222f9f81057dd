import PeerWire
import Storage
import Transport

/// Hosts that are known by their address, and what others offer.
extension HostService {
    private static let givenHosts = "given"

    private var hostRecords: RecordFolder? {
        controlSocket == nil ? nil : try? RecordFolder(state, kind: "hosts")
    }

    private var remembered: [String] {
        guard let bytes = (try? hostRecords?.load(Self.givenHosts)).flatMap(\.self) else { return [] }
        return (try? JSON.decode([String].self, from: bytes)) ?? []
    }

    /// Those of the settings and those that were remembered.
    func takeGivenHosts() async {
        for text in settings.hosts + remembered {
            guard let address = PeerAddress(parsing: text) else { continue }
            await directory.given(address)
        }
    }

    func remember(host text: String) async throws {
        guard let address = PeerAddress(parsing: text) else {
            throw FetchError(.invalid, "'\(text)' is not the address of a host, give HOST:PORT")
        }
        let all = remembered
        let known = address.description
        if !all.contains(known) { try hostRecords?.save(JSON.encode(all + [known]), as: Self.givenHosts) }
        await directory.given(address)
    }

    func forget(host text: String) async throws {
        let all = remembered
        guard let address = PeerAddress(parsing: text), all.contains(where: { PeerAddress(parsing: $0) == address })
        else { throw FetchError(.notFound, "no host was remembered with the address \(text)") }
        try hostRecords?.save(JSON.encode(all.filter { PeerAddress(parsing: $0) != address }), as: Self.givenHosts)
        await directory.forget(address)
    }

    /// What a host offers: its shares, or what is in one of them.
    func entries(of name: String, share: String?, path: String?) async throws -> ListModel<EntryModel> {
        let (model, address) = try await fetches.reach(name)
        guard let share, !share.isEmpty else {
            return try await self.shares(of: name, at: address)
        }
        let client = CatalogueClient(address: address, eventLoop: eventLoop)
        do {
            return try await client.entries(of: share, at: path ?? "")
        } catch {
            let place = ([model.name, share] + [path ?? ""].filter { !$0.isEmpty }).joined(separator: "/")
            throw FetchError(
                .notFound,
                "cannot list \(place), \(FetchKeeper.reason(error)), "
                    + (await FetchKeeper.remedy(share, of: model.name, error, at: client)))
        }
    }

    private func shares(of name: String, at address: PeerAddress) async throws -> ListModel<EntryModel> {
        do {
            let (document, _) = try await CatalogueClient(address: address, eventLoop: eventLoop).document()
            let rows = document.shares.map {
                EntryModel(name: $0.name, kind: $0.kind, bytes: $0.bytes, modified: $0.modified)
            }
            return ListModel(rows: rows, truncated: document.truncated)
        } catch {
            throw FetchError(.failed, "cannot list \(name), \(FetchKeeper.reason(error)), `duplex doctor` may say why")
        }
    }
}
