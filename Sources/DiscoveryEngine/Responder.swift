import DiscoveryWire
import PeerWire

/// Offers this host's name and services to the network: claims names, announces, answers, says goodbye (RFC 6762 §6, §8,
/// §10).
///
/// Names belong to the whole host and are claimed on each interface; each interface tells its own addresses. A host that
/// offers nothing claims nothing.
struct Responder: Sendable {
    var host: Claim
    var services: [OwnService] = []
    var links: [LinkID: AnswerQueue] = [:]
    var generator: SeededGenerator
    private var nextNumber = 0

    init(hostLabel: String, generator: SeededGenerator) {
        host = Claim(label: hostLabel)
        self.generator = generator
    }

    var hostName: DomainName { LocalName.host(host.label) }

    var deadline: Duration? {
        let claims = [host.deadline].compactMap(\.self) + services.compactMap(\.claim.deadline)
        return (claims + links.values.compactMap(\.deadline)).min()
    }

    /// Whether an instance is this host's own: claimed under that name somewhere.
    func isOwn(instance: DomainName) -> Bool {
        services.contains { service in
            service.name == instance && service.claim.phases.keys.contains { service.claim.isClaimed(on: $0) }
        }
    }

    // MARK: What is offered

    /// Takes the whole set and works out the differences.
    mutating func offer(
        _ registrations: [ServiceRegistration], network: Network, now: Duration, outbox: inout Outbox
    ) {
        var remaining = services
        var kept: [OwnService] = []
        var changed: [Int] = []
        let start = now + generator.milliseconds(0...250)
        if services.isEmpty, !registrations.isEmpty {
            for interface in network.interfaces.keys { host.probe(on: interface, at: start) }
        }
        for registration in registrations.prefix(Self.maximumServices) {
            guard let type = LocalName.type(registration.type) else {
                outbox.tell(.trouble("\(registration.type) is not a type of service, it is not offered"))
                continue
            }
            // By the name that was wished for, or by the one that it got since.
            let label = LocalName.clipped(registration.instance)
            let same =
                remaining.firstIndex { $0.type == type && $0.claim.original == label }
                ?? remaining.firstIndex { $0.type == type && $0.claim.label == label }
            guard let same else {
                var claim = Claim(label: registration.instance)
                for interface in network.interfaces.keys {
                    claim.probe(on: interface, at: host.firstProbe(on: interface) ?? start)
                }
                kept.append(OwnService(number: nextNumber, type: type, registration: registration, claim: claim))
                nextNumber += 1
                continue
            }
            var service = remaining.remove(at: same)
            if service.registration.differs(from: registration) {
                let gone = service.sharedRecords()
                service.registration = registration
                let left = service.sharedRecords()
                withdraw(gone.filter { !left.contains($0) }, of: service.claim, network: network, now, &outbox)
                changed.append(service.number)
            }
            kept.append(service)
        }
        for service in remaining { withdraw(service, network: network, now: now, outbox: &outbox) }
        services = kept
        // Who offers nothing tells nobody of its existence.
        if kept.isEmpty { withdrawAll(network: network, now: now, outbox: &outbox) }
        forgetAnswers(network: network)
        for index in services.indices where changed.contains(services[index].number) {
            for interface in network.interfaces.keys { services[index].claim.announce(on: interface, now: now) }
        }
    }

    /// Takes back everything.
    mutating func withdrawAll(network: Network, now: Duration, outbox: inout Outbox) {
        for interface in network.interfaces.keys.sorted() {
            let records = services.filter { $0.claim.isClaimed(on: interface) }.flatMap { goodbyes(of: $0) }
            let addresses = host.isClaimed(on: interface) ? addressRecords(on: interface, network: network) : []
            sayGoodbye(to: records + addresses, on: interface, network: network, now: now, outbox: &outbox)
        }
        services = []
        host.phases = [:]
    }

    // MARK: The network

    /// Interfaces have come, gone or changed their addresses.
    mutating func networkChanged(from old: Network, to network: Network, now: Duration, outbox: inout Outbox) {
        let gone = Set(old.interfaces.keys).subtracting(network.interfaces.keys)
        for interface in gone {
            host.phases[interface] = nil
            for index in services.indices { services[index].claim.phases[interface] = nil }
        }
        links = links.filter { network.interfaces[$0.key.interface]?.families.contains($0.key.family) ?? false }
        for link in network.links where links[link] == nil { links[link] = AnswerQueue() }
        let start = now + generator.milliseconds(0...250)
        for (index, interface) in network.interfaces {
            guard let before = old.interfaces[index] else {
                probe(on: index, at: start)
                continue
            }
            guard before != interface else { continue }
            if host.isClaimed(on: index) {
                let left = addressRecords(on: index, network: network)
                // Those that announced it less than a second ago would not let it go for the new ones (§10.2).
                let lost = addressRecords(on: index, network: old).filter { !left.contains($0) }
                sayGoodbye(to: lost, on: index, network: network, now: now, outbox: &outbox)
            }
            host.announce(on: index, now: now)
            guard !interface.families.isSubset(of: before.families) else { continue }
            for service in services.indices { services[service].claim.announce(on: index, now: now) }
        }
        forgetAnswers(network: network)
    }

    /// After sleep the names may have been taken (RFC 6762 §8).
    mutating func woke(network: Network, now: Duration) {
        let start = now + generator.milliseconds(0...250)
        for interface in network.interfaces.keys { probe(on: interface, at: start) }
        for link in links.keys { links[link] = AnswerQueue() }
    }

    mutating func tick(network: Network, now: Duration, outbox: inout Outbox) {
        for interface in network.interfaces.keys.sorted() {
            advance(on: interface, network: network, now: now, outbox: &outbox)
        }
        for link in network.links { answer(on: link, network: network, now: now, outbox: &outbox) }
    }

    // MARK: Helpers

    private static let maximumServices = 64

    private mutating func probe(on interface: Int, at start: Duration) {
        guard !services.isEmpty else { return }
        host.probe(on: interface, at: start)
        for index in services.indices { services[index].claim.probe(on: interface, at: start) }
    }
}
