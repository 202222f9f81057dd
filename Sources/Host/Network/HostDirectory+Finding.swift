import PeerWire

/// From what somebody writes to the host that is meant.
extension HostDirectory {
    enum Lookup: Sendable {
        case found(HostModel, HostDocument, PeerAddress)
        case silent(HostModel)
        case several([HostModel])
        case none
    }

    /// The host that somebody means: by name (as it is written, or else in any case), key or the beginning of it, or
    /// address.
    func lookup(_ text: String) -> Lookup {
        let all = rows()
        var matches = all.filter { $0.model.name == text || $0.model.addresses.contains(text) }
        if matches.isEmpty { matches = all.filter { $0.model.name.lowercased() == text.lowercased() } }
        if matches.isEmpty, text.count >= 8 {
            matches = all.filter { $0.model.key?.hasPrefix(text.lowercased()) ?? false }
        }
        guard let row = matches.first else { return .none }
        guard matches.count == 1 else { return .several(matches.map(\.model)) }
        let model = row.model
        let candidates = inOrder.map(\.host).filter { host in
            host.answering != nil && host.identity == row.identity
        }
        // The first of those that answer best.
        let host = candidates.min { $0.failures < $1.failures } ?? row.host
        guard let document = host.document, let address = host.answering else { return .silent(model) }
        return .found(model, document, address)
    }

    /// Asks a host at an address that may not be known yet.
    func ask(_ address: PeerAddress) async -> Lookup {
        do {
            let (document, _) = try await CatalogueClient(address: address, eventLoop: eventLoop).document()
            var host = Known(source: .given, instance: nil, addresses: [address], heard: .now, nextPoll: .now)
            host.document = document
            host.answering = address
            return .found(Self.model(host), document, address)
        } catch {
            return .none
        }
    }

    /// This host itself, if that is what somebody means; nil otherwise. What it offers it answers to itself as to others.
    func askOwn(_ name: String) async -> (HostModel, PeerAddress)? {
        guard let address = ownAddresses().first, case .found(let model, let document, _) = await ask(address),
            document.key == ownKey, document.name == name
        else { return nil }
        return (model, address)
    }
}
