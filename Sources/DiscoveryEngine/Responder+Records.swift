import DiscoveryWire
import PeerWire

extension Responder {
    /// A and AAAA of one interface.
    func addressRecords(on interface: Int, network: Network) -> [DNSRecord] {
        let name = hostName
        return (network.interfaces[interface]?.addresses ?? []).map { entry in
            let data: RecordData =
                entry.address.ipv4.map { .a($0) } ?? .aaaa(high: entry.address.high64, low: entry.address.low64)
            return DNSRecord(name: name, timeToLive: OwnRecord.hostTime, cacheFlush: true, data: data)
        }
    }

    /// All records that are claimed on an interface.
    func records(on interface: Int, network: Network) -> [DNSRecord] {
        guard host.isClaimed(on: interface) else { return [] }
        let claimed = services.filter { $0.claim.isClaimed(on: interface) }
        var records = claimed.flatMap { $0.sharedRecords() + $0.uniqueRecords(host: hostName) }
        // Several services of one type are listed once.
        var listed: Set<DNSRecord> = []
        records = records.filter { $0.name != LocalName.typeList || listed.insert($0).inserted }
        return records + addressRecords(on: interface, network: network)
    }

    /// Says which types an own name has, for one that it has not (RFC 6762 §6.1). Nil for names that are not own.
    func denial(of name: DomainName, among records: [DNSRecord]) -> DNSRecord? {
        let types = Set(records.filter { $0.name == name && $0.cacheFlush }.map(\.type)).sorted()
        guard !types.isEmpty else { return nil }
        return DNSRecord(
            name: name, timeToLive: OwnRecord.hostTime, cacheFlush: true, data: .noneBut(next: name, types: types))
    }

    /// What the receiver of these answers will want to know next (RFC 6763 §12).
    func additional(to answers: [DNSRecord], among records: [DNSRecord]) -> [DNSRecord] {
        var wanted: [DNSRecord] = []
        var names = answers
        var asked: Set<DomainName> = []
        while let answer = names.popLast() {
            let target: DomainName? =
                switch answer.data {
                case .pointer(let target): target
                case .service(let location): location.target
                case .a, .aaaa: answer.name
                default: nil
                }
            guard let target, asked.insert(target).inserted else { continue }
            var found = records.filter { $0.name == target && $0.cacheFlush }
            let hasAddress = found.contains { $0.type == .a || $0.type == .aaaa }
            if hasAddress, Set(found.map(\.type)).count == 1, let denial = denial(of: target, among: records) {
                found.append(denial)
            }
            wanted += found.filter { !answers.contains($0) }
            names += found
        }
        return wanted
    }

    // MARK: Goodbyes

    /// What is taken back with a service. The list of types is not: others may offer the same type.
    func goodbyes(of service: OwnService) -> [DNSRecord] {
        service.sharedRecords().filter { $0.name != LocalName.typeList } + service.uniqueRecords(host: hostName)
    }

    func withdraw(_ service: OwnService, network: Network, now: Duration, outbox: inout Outbox) {
        withdraw(goodbyes(of: service), of: service.claim, network: network, now, &outbox)
    }

    func withdraw(
        _ records: [DNSRecord], of claim: Claim, network: Network, _ now: Duration, _ outbox: inout Outbox,
        except: Int? = nil
    ) {
        for interface in network.interfaces.keys.sorted() where interface != except && claim.isClaimed(on: interface) {
            sayGoodbye(to: records, on: interface, network: network, now: now, outbox: &outbox)
        }
    }

    func sayGoodbye(
        to records: [DNSRecord], on interface: Int, network: Network, now: Duration, outbox: inout Outbox
    ) {
        let gone = records.map { record in
            var record = record
            record.timeToLive = 0
            return record
        }
        for link in network.links(of: interface) { outbox.multicast(gone, on: link, now: now) }
    }

    /// Drops prepared answers that are no longer true.
    mutating func forgetAnswers(network: Network) {
        for link in links.keys {
            let valid = Set(records(on: link.interface, network: network))
            links[link]?.keep { valid.contains($0) }
        }
    }
}

extension PeerAddress {
    /// The halves of an IPv6 address in host order.
    var high64: UInt64 { ipBytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }
    var low64: UInt64 { ipBytes.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) } }
}
