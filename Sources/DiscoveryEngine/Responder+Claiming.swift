import DiscoveryWire
import PeerWire

/// Probing, announcing, and what happens when a name is taken (RFC 6762 §8 and §9).
extension Responder {
    /// One of the names that this host claims.
    private enum ClaimKey: Hashable {
        case host
        case service(Int)
    }

    private var claimKeys: [ClaimKey] { [.host] + services.indices.map { .service($0) } }

    private subscript(key: ClaimKey) -> Claim {
        get {
            switch key {
            case .host: host
            case .service(let index): services[index].claim
            }
        }
        set {
            switch key {
            case .host: host = newValue
            case .service(let index): services[index].claim = newValue
            }
        }
    }

    private func name(_ key: ClaimKey) -> DomainName {
        switch key {
        case .host: hostName
        case .service(let index): services[index].name
        }
    }

    /// The records whose name nobody else may have.
    private func uniqueRecords(_ key: ClaimKey, on interface: Int, network: Network) -> [DNSRecord] {
        switch key {
        case .host: addressRecords(on: interface, network: network)
        case .service(let index): services[index].uniqueRecords(host: hostName)
        }
    }

    // MARK: Steps

    /// Sends the probes and announcements of an interface that are due.
    mutating func advance(on interface: Int, network: Network, now: Duration, outbox: inout Outbox) {
        var probing: [ClaimKey] = []
        var announcing: [ClaimKey] = []
        for key in claimKeys {
            switch self[key].phases[interface] {
            case .probing(let sent, let next) where next <= now:
                if sent < Claim.probeCount {
                    self[key].phases[interface] = .probing(sent: sent + 1, next: now + Claim.probeInterval)
                    probing.append(key)
                } else {
                    announcing.append(key)
                }
            case .claimed(_, let next?) where next <= now:
                announcing.append(key)
            default: break
            }
        }
        sendProbes(probing, on: interface, network: network, now: now, outbox: &outbox)
        if announcing.contains(.host), host.isProbing(on: interface) {
            // Services that were claimed before their host, since that had to take another name.
            for index in services.indices where services[index].claim.isClaimed(on: interface) {
                services[index].claim.announce(on: interface, now: now)
                if !announcing.contains(.service(index)) { announcing.append(.service(index)) }
            }
        }
        for key in announcing {
            guard case .claimed(let announced, _) = self[key].phases[interface] else {
                self[key].phases[interface] = .claimed(announced: 1, next: now + .seconds(1))
                continue
            }
            let count = announced + 1
            let pause = Duration.seconds(1 << (count - 1))
            self[key].phases[interface] = .claimed(
                announced: count, next: count < Claim.announcementCount ? now + pause : nil)
        }
        announce(announcing, on: interface, network: network, now: now, outbox: &outbox)
    }

    private func sendProbes(
        _ keys: [ClaimKey], on interface: Int, network: Network, now: Duration, outbox: inout Outbox
    ) {
        guard !keys.isEmpty else { return }
        let records = keys.flatMap { uniqueRecords($0, on: interface, network: network) }
        // Not QU: a unicast answer would go to one of all programs on this computer that share the port (§15.1).
        let questions = keys.map { DNSQuestion(name: name($0), type: .any) }
        var writer = DNSWriter(
            isResponse: false, limit: keys.count == 1 ? DNSMessage.maximumLength : Outbox.usualLength)
        let fits =
            questions.allSatisfy { writer.add($0) }
            && records.allSatisfy {
                var plain = $0
                plain.cacheFlush = false
                return writer.add(plain, to: .authority)
            }
        guard fits else {
            guard keys.count > 1 else { return }
            let half = keys.count / 2
            for part in [keys[..<half], keys[half...]] {
                sendProbes(Array(part), on: interface, network: network, now: now, outbox: &outbox)
            }
            return
        }
        for link in network.links(of: interface) { outbox.multicast(writer.finished(), on: link, now: now) }
    }

    /// All records of what is claimed, in one datagram if they fit: who hears it can connect at once.
    private mutating func announce(
        _ keys: [ClaimKey], on interface: Int, network: Network, now: Duration, outbox: inout Outbox
    ) {
        guard !keys.isEmpty, host.isClaimed(on: interface) else { return }
        let names = Set(keys.map(name))
        let records = records(on: interface, network: network)
        let types = Set(
            keys.compactMap { key in
                if case .service(let index) = key { services[index].type } else { nil }
            })
        let announced = records.filter { record in
            switch record.data {
            case .pointer(let target): names.contains(target) || types.contains(target)
            default: names.contains(record.name)
            }
        }
        let additional = additional(to: announced, among: records)
        for link in network.links(of: interface) {
            outbox.multicast(announced, additional: additional, on: link, now: now)
            links[link]?.sent(announced + additional, now: now)
        }
    }

    // MARK: Others

    /// Somebody else probes for names: whose records sort later gets a name that both want (§8.2).
    mutating func heard(probe message: DNSMessage, on interface: Int, network: Network, now: Duration) {
        for key in claimKeys where self[key].isProbing(on: interface) {
            let name = name(key)
            let theirs = message.authorities.filter { $0.name == name }
            guard !theirs.isEmpty, message.questions.contains(where: { $0.name == name }) else { continue }
            if theirs.allSatisfy({ network.isOwn($0.data, now: now) }) { continue }
            let ours = uniqueRecords(key, on: interface, network: network)
            if Self.precedes(ours, theirs) { self[key].probe(on: interface, at: now + Claim.defeatPause) }
        }
    }

    /// Somebody else's response: does it take a name that is claimed here?
    mutating func heard(
        response records: [DNSRecord], on link: LinkID, network: Network, now: Duration, outbox: inout Outbox
    ) {
        let interface = link.interface
        for key in claimKeys where self[key].phases[interface] != nil {
            let name = name(key)
            let theirs = records.filter { $0.name == name && $0.recordClass == 1 && $0.timeToLive > 0 }
            guard !theirs.isEmpty else { continue }
            let ours = uniqueRecords(key, on: interface, network: network)
            let isProbing = self[key].isProbing(on: interface)
            let conflicting = theirs.contains { record in
                let isSame = ours.contains { $0.isSame(as: record) } || network.isOwn(record.data, now: now)
                return !isSame && record.type != .nsec && (isProbing || ours.contains { $0.type == record.type })
            }
            guard conflicting else { continue }
            let pause = self[key].pauseAfterConflict(now: now)
            if isProbing {
                rename(key, conflictOn: interface, pause: pause, network: network, now: now, outbox: &outbox)
            } else {
                self[key].probe(on: interface, at: now + pause + generator.milliseconds(0...250))
            }
        }
        rescue(records, on: link, network: network, now: now)
    }

    private mutating func rename(
        _ key: ClaimKey, conflictOn interface: Int, pause: Duration, network: Network, now: Duration,
        outbox: inout Outbox
    ) {
        let start = now + pause + generator.milliseconds(0...250)
        switch key {
        case .host:
            let old = addressRecords(on: interface, network: network)
            for other in network.interfaces.keys where other != interface && host.isClaimed(on: other) {
                sayGoodbye(
                    to: old.isEmpty ? [] : addressRecords(on: other, network: network), on: other, network: network,
                    now: now, outbox: &outbox)
            }
            host.rename(to: LocalName.nextHost(original: host.original, attempt: host.attempt))
            // The services' records name the host.
            for index in services.indices {
                for other in network.interfaces.keys { services[index].claim.announce(on: other, now: start) }
            }
        case .service(let index):
            let service = services[index]
            withdraw(goodbyes(of: service), of: service.claim, network: network, now, &outbox, except: interface)
            services[index].claim.rename(to: LocalName.nextInstance(after: service.claim.label))
            outbox.tell(
                .renamed(type: LocalName.text(ofType: service.type), to: services[index].claim.label))
        }
        for interface in network.interfaces.keys { self[key].probe(on: interface, at: start) }
        forgetAnswers(network: network)
    }

    /// Own records that somebody else gives too short a life are told again (RFC 6762 §6.6).
    private mutating func rescue(_ records: [DNSRecord], on link: LinkID, network: Network, now: Duration) {
        guard links[link] != nil else { return }
        let own = self.records(on: link.interface, network: network)
        for record in records {
            guard let ours = own.first(where: { $0.isSame(as: record) }) else { continue }
            if record.timeToLive < ours.timeToLive / 2 {
                links[link]?.add([ours], now: now, due: now)
            } else {
                links[link]?.remove(ours)
            }
        }
    }

    /// Whether the first set sorts before the second: by class, type, and data as unsigned bytes (§8.2.1).
    private static func precedes(_ ours: [DNSRecord], _ theirs: [DNSRecord]) -> Bool {
        func keys(_ records: [DNSRecord]) -> [[UInt8]] {
            let keys = records.map { record in
                [record.recordClass, record.type.rawValue].flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
                    + record.data.uncompressed
            }
            return keys.sorted { $0.lexicographicallyPrecedes($1) }
        }
        return keys(ours).lexicographicallyPrecedes(keys(theirs)) { $0.lexicographicallyPrecedes($1) }
    }
}
