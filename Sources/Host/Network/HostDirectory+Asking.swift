import NIOCore
import PeerWire
import Transport

/// Hosts are asked for their documents now and then.
extension HostDirectory {
    private static let shortestInterval = Duration.seconds(15)
    /// With more hosts than these, each is asked less often: what changes is told by discovery anyway, and a hundred hosts
    /// that ask each other every few seconds would do little else.
    static let hostsAtShortestInterval = 16
    private static let maximumPolls = 16
    /// Addresses of one host that are asked, beside the one that answered last, and how long one is waited for before the
    /// next is asked as well.
    private static let maximumAddresses = 4
    private static let headStart = Duration.milliseconds(300)
    /// Hosts that are known by address alone are off the list when they did not answer for so many polls.
    private static let maximumFailures = 2
    private static let maximumToldByOne = 32
    /// So many rows of a document are kept however many there are of others.
    private static let leastRows = 32

    private var pollInterval: Duration {
        Self.shortestInterval * max(1, Double(known.count) / Double(Self.hostsAtShortestInterval))
    }

    func pollThoseDue() {
        if hasChanges { tellChanges() }
        let free = Self.maximumPolls - known.values.count { $0.isPolling }
        for id in Self.due(known, at: .now).prefix(max(0, free)) {
            known[id]?.isPolling = true
            Task { await poll(id) }
        }
    }

    /// Who has waited longest first; those that do not answer come last, so that they keep nobody waiting.
    static func due(_ known: [String: Known], at now: ContinuousClock.Instant) -> [String] {
        let due = known.filter { !$0.value.isPolling && $0.value.nextPoll <= now }
        return due.sorted { one, other in
            let isBehind = (one.value.failures > 0, other.value.failures > 0)
            return isBehind.0 == isBehind.1 ? one.value.nextPoll < other.value.nextPoll : isBehind.1
        }.map(\.key)
    }

    private func poll(_ id: String) async {
        guard let host = known[id] else { return }
        let first = host.answering.map { [$0] } ?? []
        let addresses = first + host.addresses.filter { $0 != host.answering }.prefix(Self.maximumAddresses)
        switch await firstAnswer(of: addresses) {
        case .success(let answer):
            answered(id, answer.document, at: answer.address, secondsAhead: answer.secondsAhead)
        case .failure(let error): missed(id, ConnectionTrouble.text(error))
        }
    }

    private struct Answer: Sendable {
        let document: HostDocument
        let address: PeerAddress
        let secondsAhead: Double?
    }

    private struct Silence: Error, CustomStringConvertible {
        let description = "it does not answer"
    }

    /// Asks one address after the other, the next as soon as one fails or keeps silent for a moment (RFC 8305): some of
    /// what a host announces may be out of reach from here.
    private func firstAnswer(of addresses: [PeerAddress]) async -> Result<Answer, any Error> {
        let port = isVisible ? ownAddresses().first?.port : nil
        let eventLoop = eventLoop
        // Not a group: that would wait for those that do not answer, until they time out.
        let (results, continuation) = AsyncStream.makeStream(of: Result<Answer, any Error>?.self)
        var left = addresses[...]
        var asking = 0
        func askNext() {
            guard let address = left.popFirst() else { return }
            asking += 1
            Task {
                do {
                    let client = CatalogueClient(address: address, eventLoop: eventLoop)
                    let (document, ahead) = try await client.document(askedFrom: port)
                    continuation.yield(.success(Answer(document: document, address: address, secondsAhead: ahead)))
                } catch {
                    continuation.yield(.failure(error))
                }
            }
            guard !left.isEmpty else { return }
            Task {
                try? await Task.sleep(for: Self.headStart)
                continuation.yield(nil)
            }
        }
        askNext()
        guard asking > 0 else { return .failure(Silence()) }
        for await result in results {
            switch result {
            case .success(let answer): return .success(answer)
            case .failure(let error):
                asking -= 1
                askNext()
                if asking == 0 { return .failure(error) }
            case nil: askNext()
            }
        }
        return .failure(Silence())
    }

    private func answered(
        _ id: String, _ document: HostDocument, at address: PeerAddress, secondsAhead: Double?
    ) {
        guard var host = known[id] else { return }
        // This host itself, under an address of its own.
        if document.key == ownKey, host.source != .mdns {
            known[id] = nil
            return
        }
        let identity = Self.identity(document)
        let others = known.filter { other, host in other != id && identity != nil && host.identity == identity }
        // Told of and known better: it is asked once a round and not twice.
        if host.source == .told, others.contains(where: { $0.value.source != .told }) {
            known[id] = nil
            return
        }
        if host.source != .told { for (id, other) in others where other.source == .told { known[id] = nil } }
        let kept = known.values.reduce(0) { $0 + ($1.document?.rowCount ?? 0) } - (known[id]?.document?.rowCount ?? 0)
        host.document = document.cut(toRows: max(Self.leastRows, maximumRows - kept))
        host.answering = address
        host.secondsAhead = secondsAhead
        host.heard = .now
        host.failures = 0
        host.message = nil
        host.isPolling = false
        host.nextPoll = host.hasChanged ? .now : .now + pollInterval
        host.hasChanged = false
        known[id] = host
        // At that address it is the same host, however else it is known: also when its name has changed.
        for (other, entry) in known where other != id && entry.answering == address {
            if entry.identity != identity { known[other]?.document = host.document }
        }
        told.answered(address)
        learn(document.hosts, from: address)
        tellSoon()
        guard identity != nil, isListed(host),
            var model = others.isEmpty ? Self.model(host) : rows().first(where: { $0.identity == identity })?.model
        else { return }
        // Others may claim the same key: who said this is asked for it first.
        model.addresses = [address.description] + model.addresses.filter { $0 != address.description }
        heard(model, document)
    }

    private func missed(_ id: String, _ failure: String) {
        guard var host = known[id] else { return }
        host.failures += 1
        host.isPolling = false
        host.message = failure
        host.nextPoll = .now + min(.seconds(1 << min(host.failures, 5)), .seconds(30))
        if host.failures >= Self.maximumFailures { host.document = nil }
        known[id] = host
        // Who asked here is there, though perhaps not for everybody; of whom others told nobody knows that.
        let patience = host.answering != nil || host.toldBy == Self.itself ? 3 : 1
        if host.source == .told, host.failures > patience { known[id] = nil }
        if let instance = host.instance, host.failures <= 2 || host.failures % 8 == 0 { suspect(instance) }
        tellSoon()
    }

    /// What a host tells of others. Only what leads to somebody in this computer's own network is taken, and never more than
    /// ``ToldAddresses`` allows.
    ///
    /// - Parameter teller: counted by its address without port; names and keys are free to have.
    private func learn(_ addresses: [String], from teller: PeerAddress) {
        // Somebody far away knows nothing of the network here.
        guard teller.isLoopback || isNear(teller) else { return }
        let origin = teller.ipText
        var room = Self.maximumToldByOne - known.values.count { $0.toldBy == origin }
        let own = ownAddresses()
        let covered = Set(known.values.flatMap(\.addresses).map { $0.withZone(nil) })
        for text in addresses where room > 0 {
            guard var address = PeerAddress(parsing: text), address.isUsablePeer, !address.isLoopback else { continue }
            // A link-local address is meant on the link by which the teller is reached.
            if address.isIPv6, address.isLinkLocal {
                guard let zone = teller.zone else { continue }
                address = address.withZone(zone)
            }
            guard !covered.contains(address.withZone(nil)),
                !own.contains(where: { $0.withZone(nil) == address.withZone(nil) })
            else { continue }
            guard isNear(address), hasRoomForTold, told.mayAsk(address, toldBy: origin, now: .now) else { continue }
            room -= 1
            add(address, as: .told, toldBy: origin)
        }
    }
}
