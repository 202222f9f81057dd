import DiscoveryWire
import PeerWire

/// What other hosts have told on one interface about services that are looked for (RFC 6762 §10).
///
/// Only what leads to a service is kept: pointers of the types that are looked for, SRV and TXT of the instances they name,
/// addresses of the hosts that those name. Each sender has a share of the room. When all is full, somebody with little
/// takes the place of what came from whoever has most; so a flood from one sender never costs another its records.
struct RecordCache: Sendable {
    static let shareOfSender = 256
    static let capacity = 8192
    /// Nobody's record lives longer than a day without being told again.
    private static let longestTime: UInt32 = 86400

    struct Key: Hashable, Sendable {
        let name: DomainName
        let type: RecordType

        /// Dictionaries have an order of their own in each run; the same events must give the same questions.
        var order: Order { Order(name: name.description, type: type) }

        struct Order: Comparable {
            let name: String
            let type: RecordType

            static func < (one: Order, other: Order) -> Bool { (one.name, one.type) < (other.name, other.type) }
        }
    }

    struct Entry: Sendable {
        let record: DNSRecord
        let sender: PeerAddress
        let received: Duration
        /// Where it was told last.
        let families: Set<AddressFamily>
        var expires: Duration
        /// When to ask again, earliest first.
        var refreshes: [Duration]
        /// Doubted: it is not told to others as known.
        var isSuspect = false

        var deadline: Duration { min(expires, refreshes.first ?? expires) }

        /// Where to ask again: first on one family on which it was told, since the answer is for all who hear it, and if
        /// that brought nothing on all.
        var askedOn: Set<AddressFamily> {
            let isFirst = !isSuspect && refreshes.count == RecordCache.refreshTimes.count
            let family = AddressFamily.allCases.first(where: families.contains)
            return isFirst ? family.map { [$0] } ?? [] : Set(AddressFamily.allCases)
        }
    }

    /// Hundredths of a record's life after which it is asked for again (§5.2).
    private static let refreshTimes = [80, 85, 90, 95]
    /// Told on both families within that time, it was told on both.
    private static let togetherTime = Duration.seconds(1)

    private(set) var entries: [Key: [RecordData: Entry]] = [:]
    /// Instances by the host that their SRV records name.
    private(set) var instancesByHost: [DomainName: Set<DomainName>] = [:]
    private var counts: [PeerAddress: Int] = [:]
    private(set) var count = 0
    /// No entry needs anything before that.
    private(set) var deadline: Duration?

    subscript(name: DomainName, type: RecordType) -> [Entry] {
        entries[Key(name: name, type: type)].map { Array($0.values) } ?? []
    }

    func knows(instance: DomainName) -> Bool {
        entries[Key(name: instance.parent, type: .ptr)]?[.pointer(instance)] != nil
    }

    /// All instances that pointers of a type name.
    func instances(of type: DomainName) -> [DomainName] {
        self[type, .ptr].compactMap { if case .pointer(let instance) = $0.record.data { instance } else { nil } }
    }

    /// The location told last.
    func location(of instance: DomainName) -> (location: ServiceLocation, received: Duration)? {
        let latest = self[instance, .srv].max { ($0.received, $0.portForOrder) < ($1.received, $1.portForOrder) }
        guard let latest, case .service(let location) = latest.record.data else { return nil }
        return (location, latest.received)
    }

    func text(of instance: DomainName) -> TextRecord? {
        let latest = self[instance, .txt].max { $0.received < $1.received }
        if case .text(let text) = latest?.record.data { return text }
        return nil
    }

    func addresses(of host: DomainName) -> [PeerAddress] {
        (self[host, .a] + self[host, .aaaa]).compactMap { entry in
            switch entry.record.data {
            case .a(let address): PeerAddress(ipv4: address, port: 0)
            case .aaaa(let high, let low): PeerAddress(ipv6High: high, low: low, port: 0)
            default: nil
            }
        }
    }

    // MARK: Changes

    /// Where a record comes from, and how much later than others this host asks for it again.
    struct Origin {
        var sender: PeerAddress
        var family: AddressFamily
        /// In hundred-thousandths of the record's life. The same for all of one datagram, which are asked for together.
        var delay: Int

        /// Up to 2 %, so that not all hosts ask at once (§5.2).
        init(_ sender: PeerAddress, _ family: AddressFamily, generator: inout SeededGenerator) {
            self.sender = sender
            self.family = family
            delay = Int.random(in: 0...2000, using: &generator)
        }
    }

    /// Keeps a record, or prolongs the life of the same.
    ///
    /// - Returns: whether it is new; nil if there is no room for it.
    mutating func insert(_ record: DNSRecord, from origin: Origin, now: Duration) -> Bool? {
        let key = Key(name: record.name, type: record.type)
        let before = entries[key]?[record.data]
        if before == nil { guard makeRoom(for: origin.sender) else { return nil } }
        let seconds = min(record.timeToLive, Self.longestTime)
        let life = Duration.seconds(Int64(seconds))
        let refreshes = Self.refreshTimes.map { now + life * ($0 * 1000 + origin.delay) / 100_000 }
        let isTogether = before.map { now - $0.received <= Self.togetherTime } ?? false
        let families = (isTogether ? before?.families ?? [] : []).union([origin.family])
        let entry = Entry(
            record: record, sender: before?.sender ?? origin.sender, received: now, families: families,
            expires: now + life, refreshes: refreshes)
        entries[key, default: [:]][record.data] = entry
        if before == nil { added(entry) }
        note(entry.deadline)
        return before == nil
    }

    /// The sender takes a record back: it lives for another second (§10.1).
    mutating func goodbye(_ record: DNSRecord, now: Duration) {
        update(Key(name: record.name, type: record.type), record.data) { entry in
            entry.expires = min(entry.expires, now + .seconds(1))
            entry.refreshes = []
        }
    }

    /// These are all records of that name and type: others that are older than a second go in another (§10.2).
    mutating func flush(_ name: DomainName, _ type: RecordType, except kept: Set<RecordData>, now: Duration) {
        let key = Key(name: name, type: type)
        for (data, entry) in entries[key] ?? [:] where !kept.contains(data) && now - entry.received > .seconds(1) {
            update(key, data) { entry in
                entry.expires = min(entry.expires, now + .seconds(1))
                entry.refreshes = []
            }
        }
    }

    /// Doubts a record: unless somebody tells it again it is gone after `span` (§10.4).
    mutating func suspect(
        _ key: Key, _ data: RecordData, within span: Duration, asking times: [Duration], now: Duration
    ) {
        update(key, data) { entry in
            guard !entry.isSuspect else { return }
            entry.isSuspect = true
            entry.expires = min(entry.expires, now + span)
            entry.refreshes = times.map { now + $0 }
        }
    }

    mutating func remove(_ key: Key, _ data: RecordData) {
        guard let entry = entries[key]?.removeValue(forKey: data) else { return }
        if entries[key]?.isEmpty ?? false { entries[key] = nil }
        removed(entry)
    }

    /// Takes out what has expired, and names what should be asked for again, and on which families.
    mutating func collect(now: Duration) -> (expired: [DNSRecord], stale: [Key: Set<AddressFamily>]) {
        guard let deadline, deadline <= now else { return ([], [:]) }
        var expired: [DNSRecord] = []
        var stale: [Key: Set<AddressFamily>] = [:]
        self.deadline = nil
        for (key, all) in entries {
            for (data, entry) in all {
                if entry.expires <= now {
                    expired.append(entry.record)
                } else if let next = entry.refreshes.first, next <= now {
                    stale[key, default: []].formUnion(entry.askedOn)
                    let left = entry.refreshes.filter { $0 > now }
                    update(key, data) { $0.refreshes = left }
                } else {
                    note(entry.deadline)
                }
            }
        }
        for record in expired { remove(Key(name: record.name, type: record.type), record.data) }
        return (expired, stale)
    }

    /// What is to be asked for on a family by an instant, the earliest first.
    func upcoming(by end: Duration, on family: AddressFamily) -> [Key] {
        var found: [(instant: Duration, key: Key)] = []
        for (key, all) in entries {
            let instants = all.values.lazy.filter { $0.askedOn.contains(family) }.compactMap(\.refreshes.first)
            if let first = instants.min(), first <= end { found.append((first, key)) }
        }
        return found.sorted { ($0.instant, $0.key.order) < ($1.instant, $1.key.order) }.map(\.key)
    }

    /// It is asked for now: what was to be asked by then need not be.
    ///
    /// - Parameter isOwn: whether by this host. If others ask and are not answered, this one asks once itself.
    mutating func asked(_ key: Key, by end: Duration, isOwn: Bool) {
        for (data, entry) in entries[key] ?? [:] where !entry.isSuspect && (isOwn || entry.refreshes.count > 1) {
            update(key, data) { entry in entry.refreshes.removeAll { $0 <= end } }
        }
    }

    // MARK: Helpers

    private mutating func update(_ key: Key, _ data: RecordData, _ change: (inout Entry) -> Void) {
        guard var entry = entries[key]?[data] else { return }
        change(&entry)
        entries[key]?[data] = entry
        note(entry.deadline)
    }

    private mutating func note(_ instant: Duration) {
        deadline = min(deadline ?? instant, instant)
    }

    private mutating func added(_ entry: Entry) {
        count += 1
        counts[entry.sender, default: 0] += 1
        if case .service(let location) = entry.record.data {
            instancesByHost[location.target, default: []].insert(entry.record.name)
        }
    }

    private mutating func removed(_ entry: Entry) {
        count -= 1
        let left = (counts[entry.sender] ?? 1) - 1
        counts[entry.sender] = left > 0 ? left : nil
        guard case .service(let location) = entry.record.data else { return }
        let name = entry.record.name
        let stillNames = self[name, .srv].contains {
            if case .service(let other) = $0.record.data { other.target == location.target } else { false }
        }
        guard !stillNames else { return }
        instancesByHost[location.target]?.remove(name)
        if instancesByHost[location.target]?.isEmpty ?? false { instancesByHost[location.target] = nil }
    }

    private mutating func makeRoom(for sender: PeerAddress) -> Bool {
        let share = counts[sender] ?? 0
        guard share < Self.shareOfSender else { return false }
        guard count >= Self.capacity else { return true }
        guard let most = counts.max(by: { ($0.value, $0.key.ipText) < ($1.value, $1.key.ipText) }),
            most.value > share + 1
        else { return false }
        let victim = entries.lazy.flatMap { key, all in all.map { (key, $0.key, $0.value) } }
            .filter { $0.2.sender == most.key }.max { $0.2.received < $1.2.received }
        guard let victim else { return false }
        remove(victim.0, victim.1)
        return true
    }
}

extension RecordCache.Entry {
    /// Makes the choice among records of the same instant the same in every run.
    fileprivate var portForOrder: UInt16 {
        if case .service(let location) = record.data { location.port } else { 0 }
    }
}
