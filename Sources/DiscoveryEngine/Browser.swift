import DiscoveryWire
import PeerWire

/// Looks for services of some types, resolves them, and notices when they go (RFC 6762 §5, §10; RFC 6763 §4).
struct Browser: Sendable {
    var types: [DomainName] = []
    var caches: [Int: RecordCache] = [:]
    var asks: [Int: [RecordCache.Key: AskSchedule]] = [:]
    var reported: [DomainName: FoundService] = [:]
    /// Instances to look at again before the call returns.
    var dirty: Set<DomainName> = []
    /// Questions of others that are not complete.
    var overheard: [Overheard] = []
    var generator: SeededGenerator

    init(generator: SeededGenerator) {
        self.generator = generator
    }

    var deadline: Duration? {
        let asking = asks.values.lazy.flatMap(\.values).map(\.next).min()
        return (caches.values.compactMap(\.deadline) + [asking].compactMap(\.self)).min()
    }

    // MARK: What is looked for

    mutating func browse(_ list: [DomainName], network: Network, now: Duration) {
        let gone = Set(types).subtracting(list)
        let new = list.filter { !types.contains($0) }
        types = list.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        for interface in caches.keys {
            for type in gone {
                let instances = caches[interface]?.instances(of: type) ?? []
                for instance in instances { drop(instance, on: interface) }
                asks[interface]?[.init(name: type, type: .ptr)] = nil
            }
        }
        for interface in network.interfaces.keys { ask(for: new, on: interface, now: now) }
    }

    /// Interfaces have come or gone.
    mutating func networkChanged(from old: Network, to network: Network, now: Duration) {
        for interface in old.interfaces.keys where network.interfaces[interface] == nil {
            dirty.formUnion(instances(on: interface))
            caches[interface] = nil
            asks[interface] = nil
        }
        for (index, interface) in network.interfaces {
            let before = old.interfaces[index]
            if before == nil { caches[index] = RecordCache() }
            guard before == nil || !interface.families.isSubset(of: before?.families ?? []) else { continue }
            for type in types { asks[index]?[.init(name: type, type: .ptr)] = nil }
            ask(for: types, on: index, now: now)
        }
    }

    /// After sleep everything is doubted: asked for again, and gone soon if nobody answers.
    mutating func woke(network: Network, now: Duration) {
        for interface in network.interfaces.keys {
            asks[interface] = [:]
            ask(for: types, on: interface, now: now)
            for (key, entries) in caches[interface]?.entries ?? [:] where key.type != .txt {
                for data in entries.keys {
                    let times = [2000, 5000, 9000].map { Duration.milliseconds($0) + generator.milliseconds(0...200) }
                    caches[interface]?.suspect(key, data, within: .seconds(15), asking: times, now: now)
                }
            }
            dirty.formUnion(instances(on: interface))
        }
    }

    /// Doubts one service.
    mutating func reconfirm(instance: DomainName, network: Network, now: Duration) {
        for interface in network.interfaces.keys {
            guard let cache = caches[interface], cache.knows(instance: instance) else { continue }
            var doubted: [(RecordCache.Key, RecordData)] = [
                (.init(name: instance.parent, type: .ptr), .pointer(instance))
            ]
            for entry in cache[instance, .srv] {
                doubted.append((.init(name: instance, type: .srv), entry.record.data))
            }
            if let host = cache.location(of: instance)?.location.target {
                for entry in cache[host, .a] + cache[host, .aaaa] {
                    doubted.append((.init(name: host, type: entry.record.type), entry.record.data))
                }
            }
            let jitter = generator.milliseconds(0...100)
            let times = [0, 1, 3, 6].map { Duration.seconds($0) + jitter }
            for (key, data) in doubted {
                caches[interface]?.suspect(key, data, within: .seconds(10), asking: times, now: now)
            }
        }
    }

    // MARK: Helpers

    func instances(on interface: Int) -> [DomainName] {
        types.flatMap { caches[interface]?.instances(of: $0) ?? [] }
    }

    private mutating func ask(for types: [DomainName], on interface: Int, now: Duration) {
        let first = now + generator.milliseconds(20...120)
        for type in types {
            let key = RecordCache.Key(name: type, type: .ptr)
            if asks[interface]?[key] == nil { asks[interface, default: [:]][key] = AskSchedule(first: first) }
        }
    }

    /// Forgets an instance and what only it leads to.
    mutating func drop(_ instance: DomainName, on interface: Int) {
        guard var cache = caches[interface] else { return }
        let hosts = cache[instance, .srv].compactMap { entry -> DomainName? in
            if case .service(let location) = entry.record.data { location.target } else { nil }
        }
        cache.remove(.init(name: instance.parent, type: .ptr), .pointer(instance))
        for type in [RecordType.srv, .txt] {
            for entry in cache[instance, type] {
                cache.remove(.init(name: instance, type: type), entry.record.data)
            }
            asks[interface]?[.init(name: instance, type: type)] = nil
        }
        caches[interface] = cache
        for host in hosts { dropIfUnused(host: host, on: interface) }
        dirty.insert(instance)
    }

    mutating func dropIfUnused(host: DomainName, on interface: Int) {
        guard let cache = caches[interface], cache.instancesByHost[host] == nil else { return }
        for type in [RecordType.a, .aaaa] {
            let key = RecordCache.Key(name: host, type: type)
            for entry in cache[host, type] { caches[interface]?.remove(key, entry.record.data) }
            asks[interface]?[key] = nil
        }
    }
}
