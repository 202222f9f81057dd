import DiscoveryWire
import PeerWire

/// Questions that are due, with what is known already (RFC 6762 §5.2, §7.1, §7.2).
extension Browser {
    /// Questions due within that time travel together.
    private static let gathering = Duration.milliseconds(20)
    /// Records that are to be asked for again within that time fill up the message.
    private static let refreshGathering = Duration.seconds(1)
    /// Beyond any honest network.
    private static let maximumMessages = 64

    mutating func tick(network: Network, now: Duration, outbox: inout Outbox) {
        for interface in network.interfaces.keys.sorted() {
            let stale = expire(on: interface, now: now)
            ask(stale, on: interface, network: network, now: now, outbox: &outbox)
        }
    }

    /// - Returns: what should be asked for again, and on which families.
    private mutating func expire(on interface: Int, now: Duration) -> [RecordCache.Key: Set<AddressFamily>] {
        guard let (expired, stale) = caches[interface]?.collect(now: now) else { return [:] }
        for record in expired {
            switch record.data {
            case .pointer(let instance):
                drop(instance, on: interface)
            case .service(let location):
                dirty.insert(record.name)
                dropIfUnused(host: location.target, on: interface)
            case .text:
                dirty.insert(record.name)
            default:
                dirty.formUnion(caches[interface]?.instancesByHost[record.name] ?? [])
            }
        }
        settle(on: interface, now: now)
        return stale
    }

    private mutating func ask(
        _ stale: [RecordCache.Key: Set<AddressFamily>], on interface: Int, network: Network, now: Duration,
        outbox: inout Outbox
    ) {
        let due = (asks[interface] ?? [:]).filter { $0.value.next <= now }
        guard !due.isEmpty || !stale.isEmpty else { return }
        let soon = (asks[interface] ?? [:]).filter { $0.value.next <= now + Self.gathering }
        let links = network.links(of: interface)
        let families = Set(links.map(\.family))
        let end = now + Self.refreshGathering
        var filled: Set<RecordCache.Key> = []
        for link in links {
            let asked = soon.filter { !$0.value.covered.contains(link.family) }.map(\.key)
            // On all families if those on which it was told are gone.
            let again = stale.filter { $0.value.contains(link.family) || $0.value.isDisjoint(with: families) }.map(
                \.key)
            let keys = Set(asked).union(again)
            guard !keys.isEmpty else { continue }
            let more = (caches[interface]?.upcoming(by: end, on: link.family) ?? []).filter { !keys.contains($0) }
            let (messages, filling) = messages(
                asking: keys.sorted { $0.order < $1.order }, filledUpWith: more, on: interface, now: now)
            filled.formUnion(filling)
            for bytes in messages { outbox.multicast(bytes, on: link, isQuestion: true, now: now) }
        }
        for key in filled { caches[interface]?.asked(key, by: end, isOwn: true) }
        for key in soon.keys { asks[interface]?[key]?.asked(now: now, generator: &generator) }
    }

    /// Questions first, then known answers; in further messages what does not fit.
    ///
    /// - Returns: the messages, and which of `more` are asked in them.
    private func messages(
        asking keys: [RecordCache.Key], filledUpWith more: [RecordCache.Key], on interface: Int, now: Duration
    ) -> (messages: [[UInt8]], filling: [RecordCache.Key]) {
        guard let cache = caches[interface] else { return ([], []) }
        var messages: [[UInt8]] = []
        var writer = DNSWriter(isResponse: false, limit: Outbox.usualLength)
        var known: [DNSRecord] = []
        func finish(moreFollows: Bool) {
            if moreFollows { writer.setTruncated() }
            messages.append(writer.finished())
            writer = DNSWriter(isResponse: false, limit: Outbox.usualLength)
        }
        func add(_ answers: [DNSRecord]) {
            for answer in answers where !writer.add(answer, to: .answer) {
                finish(moreFollows: true)
                _ = writer.add(answer, to: .answer)
            }
        }
        // Not QU: a unicast answer would go to one of all programs on this computer that share the port (§15.1).
        func add(_ key: RecordCache.Key) -> Bool { writer.add(DNSQuestion(name: key.name, type: key.type)) }
        for key in keys {
            if !add(key) {
                add(known)
                known = []
                finish(moreFollows: false)
                _ = add(key)
            }
            known += Self.knownAnswers(key, in: cache, now: now)
        }
        var filling: [RecordCache.Key] = []
        if known.isEmpty {
            for key in more where key.type != .ptr {
                guard add(key) else { break }
                filling.append(key)
            }
        }
        add(known)
        finish(moreFollows: false)
        return (Array(messages.prefix(Self.maximumMessages)), filling)
    }

    /// Those with more than half of their life left, which nobody doubts.
    private static func knownAnswers(_ key: RecordCache.Key, in cache: RecordCache, now: Duration) -> [DNSRecord] {
        guard key.type == .ptr else { return [] }
        let fresh = cache[key.name, key.type].filter { entry in
            !entry.isSuspect && (entry.expires - now) * 2 > entry.expires - entry.received
        }
        let records = fresh.map { entry in
            var record = entry.record
            record.cacheFlush = false
            record.timeToLive = UInt32(clamping: (entry.expires - now).components.seconds)
            return record
        }
        return records.sorted { $0.data.uncompressed.lexicographicallyPrecedes($1.data.uncompressed) }
    }
}
