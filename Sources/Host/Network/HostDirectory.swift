import NIOCore
import PeerWire

/// The other hosts on the network: found by discovery, given by the user, or told of by hosts; asked now and then what
/// they offer.
///
/// What discovery says is listed as long as discovery says it. A host known by its address alone is listed when it
/// answers, so nobody can fill the list by telling of hosts that are not there.
actor HostDirectory {
    /// How a host became known.
    enum Source: String, Sendable {
        case mdns, given, told
    }

    struct Known: Sendable {
        let source: Source
        /// The DNS-SD instance, for those that were discovered.
        var instance: String?
        var addresses: [PeerAddress]
        var document: HostDocument?
        /// Which address answered.
        var answering: PeerAddress?
        var heard: ContinuousClock.Instant
        var failures = 0
        var nextPoll: ContinuousClock.Instant
        var isPolling = false
        /// It told of a change while it was being asked: the answer may be from before.
        var hasChanged = false
        var message: String?
        var toldBy: String?
        /// How far its clock is ahead, seconds.
        var secondsAhead: Double?
    }

    private static let shortestInterval = Duration.seconds(15)
    /// With more hosts than these, each is asked less often: what changes is told by discovery anyway, and a hundred hosts
    /// that ask each other every few seconds would do little else.
    private static let hostsAtShortestInterval = 16
    static let maximumHosts = 1024
    private static let maximumToldByOne = 32
    /// Of those that others told of: they leave room for those that this host or its user has found.
    private static let maximumTold = 512
    private static let maximumPolls = 16
    /// Addresses of one host that are asked, beside the one that answered last, and how long one is waited for before the
    /// next is asked as well.
    private static let maximumAddresses = 4
    private static let headStart = Duration.milliseconds(300)
    /// How long somebody who looks at the list waits for hosts to answer.
    private static let lookPatience = Duration.seconds(1)
    /// Hosts that are known because they asked, and the mark of those.
    private static let maximumAskers = 256
    private static let maximumAskersOfOne = 4
    private static let itself = "itself"
    /// Hosts that are known by address alone are off the list when they did not answer for so many polls.
    private static let maximumFailures = 2

    private(set) var known: [String: Known] = [:]
    private let ownKey: String
    private let eventLoop: any EventLoop
    private let hub: EventHub
    /// Called when discovery should look again whether a host is there.
    private var suspect: @Sendable (_ instance: String) -> Void = { _ in }
    /// Called with each answer: what failed after the one before may succeed now.
    private var heard: @Sendable (HostModel, HostDocument) -> Void = { _, _ in }
    private var ownAddresses: @Sendable () -> [PeerAddress] = { [] }
    /// Whether others are told of this host.
    private var isVisible = false
    private var listed: [String: HostModel] = [:]
    /// What discovery says is told together: somebody may make it say a lot.
    private var hasChanges = false
    private var polling: Task<Void, Never>?

    init(ownKey: String, eventLoop: any EventLoop, hub: EventHub) {
        self.ownKey = ownKey
        self.eventLoop = eventLoop
        self.hub = hub
    }

    func start(
        suspect: @escaping @Sendable (String) -> Void,
        heard: @escaping @Sendable (HostModel, HostDocument) -> Void,
        ownAddresses: @escaping @Sendable () -> [PeerAddress], isVisible: Bool
    ) {
        self.isVisible = isVisible
        self.suspect = suspect
        self.heard = heard
        self.ownAddresses = ownAddresses
        polling = Task { [weak self] in
            while !Task.isCancelled {
                await self?.pollThoseDue()
                try? await Task.sleep(for: .milliseconds(250))
            }
        }
    }

    func stop() {
        polling?.cancel()
    }

    // MARK: What becomes known

    func found(instance: String, addresses: [PeerAddress]) {
        let id = "mdns:\(instance)"
        guard known[id] != nil || known.count < Self.maximumHosts else { return }
        var host = known[id] ?? Known(source: .mdns, instance: instance, addresses: [], heard: .now, nextPoll: .now)
        host.addresses = addresses
        host.heard = .now
        host.nextPoll = .now
        host.hasChanged = host.isPolling
        known[id] = host
        hasChanges = true
    }

    func lost(instance: String) {
        known["mdns:\(instance)"] = nil
        hasChanges = true
    }

    func given(_ address: PeerAddress) {
        add(address, as: .given, toldBy: nil)
    }

    /// A host asked this one: where nothing else tells of it, it is asked in turn.
    func asked(by address: PeerAddress) {
        let isKnown = known.values.contains { host in
            host.answering == address || host.addresses.contains { $0.withZone(nil) == address.withZone(nil) }
        }
        guard !isKnown, !address.isLoopback else { return }
        let askers = known.values.filter { $0.toldBy == Self.itself }
        let neighbour = address.withPort(0)
        guard askers.count < Self.maximumAskers,
            askers.count(where: { $0.addresses.first?.withPort(0) == neighbour }) < Self.maximumAskersOfOne
        else { return }
        add(address, as: .told, toldBy: Self.itself)
    }

    func forget(_ address: PeerAddress) {
        known["address:\(address)"] = nil
        tellChanges()
    }

    private func add(_ address: PeerAddress, as source: Source, toldBy: String?) {
        let id = "address:\(address)"
        guard known[id] == nil, known.count < Self.maximumHosts else { return }
        guard source != .told || known.values.count(where: { $0.source == .told }) < Self.maximumTold else { return }
        known[id] = Known(
            source: source, instance: nil, addresses: [address], heard: .now, nextPoll: .now, toldBy: toldBy)
    }

    /// Addresses for others to try: of hosts that answered here.
    var answeringAddresses: [String] {
        let all = known.values.filter { $0.document != nil && $0.failures == 0 && $0.document?.key != ownKey }
            .compactMap { $0.answering?.withZone(nil) }.filter { !$0.isLoopback }
        return Array(Set(all.map(\.description)).sorted().prefix(HostDocument.maximumHosts))
    }

    /// What other hosts' clocks say.
    var clocks: [DoctorFacts.Clock] {
        list().compactMap { model in
            let host = known.values.first { $0.document?.key == model.key && $0.secondsAhead != nil }
            return host?.secondsAhead.map { DoctorFacts.Clock(host: model.name, secondsAhead: $0) }
        }
    }

    /// Names of those that discovery has found.
    var discovered: [String] {
        list().filter { $0.source == Source.mdns.rawValue }.prefix(32).map(\.name)
    }

    /// Hosts that were named by their addresses, and whether they answer.
    var givenHosts: [DoctorFacts.Known] {
        known.values.filter { $0.source == .given }.flatMap { host in
            host.addresses.map { DoctorFacts.Known(address: $0.description, answers: host.document != nil) }
        }.sorted { $0.address < $1.address }
    }

    // MARK: Asking

    private var pollInterval: Duration {
        Self.shortestInterval * max(1, Double(known.count) / Double(Self.hostsAtShortestInterval))
    }

    private func pollThoseDue() {
        if hasChanges { tellChanges() }
        let now = ContinuousClock.now
        var free = Self.maximumPolls - known.values.count { $0.isPolling }
        for (id, host) in known where free > 0 && !host.isPolling && host.nextPoll <= now {
            known[id]?.isPolling = true
            free -= 1
            Task { await poll(id) }
        }
    }

    private func poll(_ id: String) async {
        guard let host = known[id] else { return }
        let first = host.answering.map { [$0] } ?? []
        let addresses = first + host.addresses.filter { $0 != host.answering }.prefix(Self.maximumAddresses)
        switch await firstAnswer(of: addresses) {
        case .success(let answer):
            answered(id, answer.document, at: answer.address, secondsAhead: answer.secondsAhead)
        case .failure(let error): missed(id, "\(error)")
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
        let others = known.filter { $0.key != id && $0.value.document?.key == document.key && !document.key.isEmpty }
        // Told of and known better: it is asked once a round and not twice.
        if host.source == .told, others.contains(where: { $0.value.source != .told }) {
            known[id] = nil
            return
        }
        if host.source != .told { for (id, other) in others where other.source == .told { known[id] = nil } }
        host.document = document
        host.answering = address
        host.secondsAhead = secondsAhead
        host.heard = .now
        host.failures = 0
        host.message = nil
        host.isPolling = false
        host.nextPoll = host.hasChanged ? .now : .now + pollInterval
        host.hasChanged = false
        known[id] = host
        learn(document.hosts, from: address)
        tellChanges()
        if let model = listed.values.first(where: { $0.key == document.key }) { heard(model, document) }
    }

    private func missed(_ id: String, _ failure: String) {
        guard var host = known[id] else { return }
        host.failures += 1
        host.isPolling = false
        host.message = failure
        host.nextPoll = .now + min(.seconds(1 << min(host.failures, 5)), .seconds(30))
        if host.failures >= Self.maximumFailures { host.document = nil }
        known[id] = host
        if host.source == .told, host.failures > 3 { known[id] = nil }
        if let instance = host.instance, host.failures <= 2 || host.failures % 8 == 0 { suspect(instance) }
        tellChanges()
    }

    /// - Parameter teller: counted by its address without port; names and keys are free to have.
    private func learn(_ addresses: [String], from teller: PeerAddress) {
        let origin = teller.ipText
        var room = Self.maximumToldByOne - known.values.count { $0.toldBy == origin }
        let own = ownAddresses()
        let covered = Set(known.values.flatMap(\.addresses).map { $0.withZone(nil) })
        for text in addresses where room > 0 {
            guard var address = PeerAddress(parsing: text), address.port > 0, !address.isLoopback, !address.isMulticast,
                !address.isUnspecified
            else { continue }
            // A link-local address is meant on the link by which the teller is reached.
            if address.isIPv6, address.isLinkLocal {
                guard let zone = teller.zone else { continue }
                address = address.withZone(zone)
            }
            guard !covered.contains(address.withZone(nil)),
                !own.contains(where: { $0.withZone(nil) == address.withZone(nil) })
            else { continue }
            room -= 1
            add(address, as: .told, toldBy: origin)
        }
    }

    // MARK: The list

    /// Those that are there, by name.
    func list() -> [HostModel] {
        var byIdentity: [String: HostModel] = [:]
        let order: [Source] = [.mdns, .given, .told]
        let all = known.sorted { one, other in
            // Those that have said who they are first.
            if (one.value.document == nil) != (other.value.document == nil) { return one.value.document != nil }
            let ranks = (order.firstIndex(of: one.value.source) ?? 0, order.firstIndex(of: other.value.source) ?? 0)
            return ranks.0 == ranks.1 ? one.key < other.key : ranks.0 < ranks.1
        }
        for (id, host) in all where isListed(host) {
            let model = Self.model(host)
            // Under two names or addresses it is still one host.
            let identity = model.key.map { "key:\($0)" } ?? Self.likely(model, among: byIdentity) ?? id
            if var before = byIdentity[identity] {
                before.addresses += model.addresses.filter { !before.addresses.contains($0) }
                byIdentity[identity] = before
            } else {
                byIdentity[identity] = model
            }
        }
        return byIdentity.values.sorted { ($0.name, $0.addresses.first ?? "") < ($1.name, $1.addresses.first ?? "") }
    }

    /// Whose a name and an address most likely are while nobody has answered there yet.
    private static func likely(_ model: HostModel, among known: [String: HostModel]) -> String? {
        known.first { $0.value.name == model.name && !Set($0.value.addresses).isDisjoint(with: model.addresses) }?.key
    }

    private func isListed(_ host: Known) -> Bool {
        if let document = host.document { return document.key != ownKey }
        return host.source == .mdns
    }

    private static func model(_ host: Known) -> HostModel {
        let answering = host.answering.map { [$0] } ?? []
        let addresses = answering + host.addresses.filter { $0 != host.answering }
        let document = host.document
        return HostModel(
            name: host.instance ?? document?.name ?? "", addresses: addresses.map(\.description),
            roles: document?.roles ?? [], shares: document?.shares.map(\.name) ?? [], load: document?.load,
            seen: max(0, Int((ContinuousClock.now - host.heard).components.seconds)),
            key: document.flatMap { $0.key.isEmpty ? nil : $0.key },
            source: host.source.rawValue, message: document == nil ? host.message ?? "not asked yet" : nil)
    }

    private func tellChanges() {
        hasChanges = false
        let now = Dictionary(list().map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for (name, model) in now {
            var before = listed[name]
            before?.seen = model.seen
            if before != model { hub.publish(.hostFound(model)) }
        }
        for name in listed.keys where now[name] == nil { hub.publish(.hostGone(name: name)) }
        listed = now
    }

    // MARK: Finding one

    enum Lookup: Sendable {
        case found(HostModel, HostDocument, PeerAddress)
        case silent(HostModel)
        case several([HostModel])
        case none
    }

    /// The host that somebody means: by name (as it is written, or else in any case), key or the beginning of it, or
    /// address.
    func lookup(_ text: String) -> Lookup {
        let all = list()
        var matches = all.filter { $0.name == text || $0.addresses.contains(text) }
        if matches.isEmpty { matches = all.filter { $0.name.lowercased() == text.lowercased() } }
        if matches.isEmpty, text.count >= 8 { matches = all.filter { $0.key?.hasPrefix(text.lowercased()) ?? false } }
        guard let model = matches.first else { return .none }
        guard matches.count == 1 else { return .several(matches) }
        let candidates = known.values.filter { host in
            guard let document = host.document, let address = host.answering else { return false }
            return model.key.map { $0 == document.key } ?? model.addresses.contains(address.description)
        }
        let host = candidates.min { $0.failures < $1.failures }
        guard let host, let document = host.document, let address = host.answering else { return .silent(model) }
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

    /// The list for somebody who looks at it: asks all again whose answers are not of this moment, and waits a little
    /// for those that answer.
    func freshList() async -> [HostModel] {
        let begin = ContinuousClock.now
        let age = Duration.milliseconds(known.count > Self.hostsAtShortestInterval ? 3000 : 300)
        var asked: [String] = []
        for (id, host) in known where host.failures == 0 && (host.document == nil || begin - host.heard > age) {
            known[id]?.nextPoll = min(host.nextPoll, begin)
            asked.append(id)
        }
        pollThoseDue()
        let isOpen = { [self] (id: String) in
            known[id].map { $0.failures == 0 && ($0.isPolling || $0.nextPoll <= begin) } ?? false
        }
        while ContinuousClock.now - begin < Self.lookPatience, !Task.isCancelled, asked.contains(where: isOpen) {
            try? await Task.sleep(for: .milliseconds(20))
        }
        return list()
    }
}
