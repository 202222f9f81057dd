import PeerWire

/// The hosts that are there, for people, for pages, and for the doctor.
extension HostDirectory {
    /// How long somebody who looks at the list waits for hosts to answer.
    private static let lookPatience = Duration.seconds(1)

    /// A host of the list. What it is known by are one or more of ``known``.
    struct Row: Sendable {
        var model: HostModel
        let identity: String
        /// The first of those, whose document it is.
        let host: Known
    }

    /// Those that are there, by name.
    func list() -> [HostModel] { rows().map(\.model) }

    func rows() -> [Row] {
        var byIdentity: [String: Row] = [:]
        for (id, host) in inOrder where isListed(host) {
            let model = Self.model(host)
            // Under two names or addresses it is still one host.
            let identity = host.identity ?? Self.likely(model, among: byIdentity) ?? id
            if let before = byIdentity[identity] {
                byIdentity[identity]?.model.addresses += model.addresses.filter { !before.model.addresses.contains($0) }
            } else {
                byIdentity[identity] = Row(model: model, identity: identity, host: host)
            }
        }
        // Rows are large: what is moved about while sorting are their numbers.
        let rows = Array(byIdentity.values)
        let keys = rows.map { ($0.model.name, $0.model.addresses.first ?? "") }
        return rows.indices.sorted { keys[$0] < keys[$1] }.map { rows[$0] }
    }

    /// Those first that are who they say, as far as that can be told.
    var inOrder: [(id: String, host: Known)] {
        let ids = known.map { (rank: $0.value.rank, id: $0.key) }.sorted { ($0.rank, $0.id) < ($1.rank, $1.id) }
        return ids.compactMap { _, id in known[id].map { (id: id, host: $0) } }
    }

    /// What tells hosts apart. Not the key alone: somebody who claims that of another must not take its place. Nil for one
    /// that says no key.
    static func identity(_ document: HostDocument) -> String? {
        document.key.isEmpty ? nil : "key:\(document.key)/\(document.name)"
    }

    /// Whose a name and an address most likely are while nobody has answered there yet.
    private static func likely(_ model: HostModel, among known: [String: Row]) -> String? {
        known.first { _, row in
            row.model.name == model.name && !Set(row.model.addresses).isDisjoint(with: model.addresses)
        }?.key
    }

    func isListed(_ host: Known) -> Bool {
        if let document = host.document { return document.key != ownKey }
        return host.source == .mdns
    }

    static func model(_ host: Known) -> HostModel {
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

    /// Tells what has changed: at once, or a moment later if that was done just now. A hundred hosts that answer one after
    /// the other would otherwise have a hundred lists made for each of them.
    func tellSoon() {
        let pause = Duration.milliseconds(known.count)
        if let lastTold, ContinuousClock.now - lastTold < pause { hasChanges = true } else { tellChanges() }
    }

    func tellChanges() {
        hasChanges = false
        lastTold = .now
        let now = Dictionary(list().map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for (name, model) in now {
            var before = listed[name]
            before?.seen = model.seen
            if before != model { hub.publish(.hostFound(model)) }
        }
        for name in listed.keys where now[name] == nil { hub.publish(.hostGone(name: name)) }
        listed = now
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

    // MARK: For others

    /// Addresses for others to try: of hosts that answered here.
    var answeringAddresses: [String] {
        let all = known.values.filter { $0.document != nil && $0.failures == 0 && $0.document?.key != ownKey }
            .compactMap { $0.answering?.withZone(nil) }.filter { !$0.isLoopback }
        return Array(Set(all.map(\.description)).sorted().prefix(HostDocument.maximumHosts))
    }

    /// What other hosts' clocks say.
    var clocks: [DoctorFacts.Clock] {
        rows().compactMap { row in
            row.host.secondsAhead.map { DoctorFacts.Clock(host: row.model.name, secondsAhead: $0) }
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
}

extension HostDirectory.Known {
    /// The lower, the more it is to be believed: those that have said who they are and are called as they say, and among
    /// them those that this host has found itself.
    fileprivate var rank: Int {
        let isNamed = document == nil ? 2 : instance == nil || instance == document?.name ? 0 : 1
        let found =
            switch source {
            case .mdns: 0
            case .given: 1
            case .told: 2
            }
        return isNamed * 3 + found
    }
}
