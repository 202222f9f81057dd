import DiscoveryWire
import PeerWire

/// What others say.
extension Browser {
    /// Takes what is of interest from a response.
    ///
    /// - Parameter isOwn: whether an instance is this host's own.
    mutating func heard(
        response records: [DNSRecord], from datagram: ReceivedDatagram, now: Duration,
        isOwn: (DomainName) -> Bool
    ) {
        let interface = datagram.link.interface
        guard !types.isEmpty, caches[interface] != nil else { return }
        let origin = RecordCache.Origin(datagram.source.withPort(0), datagram.link.family, generator: &generator)
        let records = records.filter { $0.recordClass == 1 }
        flush(records, on: interface, now: now)
        // In the order in which one leads to the other, whatever the order in the datagram.
        for record in records {
            guard case .pointer(let instance) = record.data, types.contains(record.name),
                instance.parent == record.name, !isOwn(instance)
            else { continue }
            take(record, from: origin, about: [instance], on: interface, now: now)
        }
        for record in records where record.type == .srv || record.type == .txt {
            guard caches[interface]?.knows(instance: record.name) ?? false else { continue }
            // Names elsewhere are not for the neighbours to say.
            if case .service(let location) = record.data, !location.target.isWithin(LocalName.domain) { continue }
            take(record, from: origin, about: [record.name], on: interface, now: now)
        }
        for record in records where record.type == .a || record.type == .aaaa {
            guard let instances = caches[interface]?.instancesByHost[record.name] else { continue }
            take(record, from: origin, about: instances, on: interface, now: now)
        }
        settle(on: interface, now: now)
    }

    // MARK: Helpers

    private mutating func flush(_ records: [DNSRecord], on interface: Int, now: Duration) {
        var sets: [RecordCache.Key: Set<RecordData>] = [:]
        for record in records where record.cacheFlush && record.timeToLive > 0 {
            let key = RecordCache.Key(name: record.name, type: record.type)
            guard caches[interface]?.entries[key] != nil else { continue }
            sets[key, default: []].insert(record.data)
        }
        for (key, kept) in sets { caches[interface]?.flush(key.name, key.type, except: kept, now: now) }
    }

    private mutating func take(
        _ record: DNSRecord, from origin: RecordCache.Origin, about instances: Set<DomainName>, on interface: Int,
        now: Duration
    ) {
        if record.timeToLive == 0 {
            caches[interface]?.goodbye(record, now: now)
        } else if caches[interface]?.insert(record, from: origin, now: now) != nil {
            dirty.formUnion(instances)
        }
    }

    /// Sees to it that what is missing of instances that changed is asked for.
    mutating func settle(on interface: Int, now: Duration) {
        guard let cache = caches[interface] else { return }
        // Soon, but not at once: the rest may be in the next datagram.
        let first = now + generator.milliseconds(20...60)
        for instance in dirty where cache.knows(instance: instance) {
            for type in [RecordType.srv, .txt] {
                need(.init(name: instance, type: type), cache[instance, type].isEmpty, on: interface, first: first)
            }
            guard let host = cache.location(of: instance)?.location.target else { continue }
            let isMissing = cache[host, .a].isEmpty && cache[host, .aaaa].isEmpty
            for type in [RecordType.a, .aaaa] {
                need(.init(name: host, type: type), isMissing, on: interface, first: first)
            }
        }
    }

    private mutating func need(_ key: RecordCache.Key, _ isMissing: Bool, on interface: Int, first: Duration) {
        if !isMissing {
            asks[interface]?[key] = nil
        } else if asks[interface]?[key] == nil {
            asks[interface, default: [:]][key] = AskSchedule(first: first)
        }
    }
}
