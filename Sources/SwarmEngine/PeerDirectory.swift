import PeerWire

/// The addresses at which peers of one torrent may be found, when each was tried, and who is not to be asked again.
struct PeerDirectory {
    private struct Entry {
        var source: PeerSource
        var failures = 0
        var notBefore = Instant.zero
        var isInUse = false
        /// Canonical priority with `own` (BEP 40).
        var priority: UInt32?
    }

    /// Strangers can name any number of addresses; this many are kept.
    private static let capacity = 2000
    /// Attempts at an address that a peer named; one that the user gave is tried for ever.
    private static let attempts = 5

    let maximumDialing: Int
    private var entries: [PeerAddress: Entry] = [:]
    /// Insertion order, so that runs repeat.
    private var order: [PeerAddress] = []
    private var bannedHosts = BoundedSet<PeerAddress>()
    private var bannedIDs = BoundedSet<PeerID>()
    /// Addresses at which this host met itself.
    private var avoided = BoundedSet<PeerAddress>()
    private var dialing: Set<PeerAddress> = []
    /// This host's address, with which the priorities in `entries` were computed.
    private var own: PeerAddress?

    init(maximumDialing: Int) {
        self.maximumDialing = maximumDialing
    }

    mutating func add(_ address: PeerAddress, from source: PeerSource) {
        guard address.port != 0, !avoided.contains(address) else { return }
        if let known = entries[address] {
            if source < known.source { entries[address]?.source = source }
        } else if entries.count < Self.capacity || source == .given || makeRoom(for: source) {
            entries[address] = Entry(source: source)
            order.append(address)
        }
    }

    /// The addresses to connect to now: those given by the user first, then by canonical priority (BEP 40).
    mutating func dialable(limit: Int, own: PeerAddress?, now: Instant) -> [PeerAddress] {
        let room = min(limit, maximumDialing - dialing.count)
        guard room > 0 else { return [] }
        var candidates = order.filter { address in
            guard let entry = entries[address], !entry.isInUse, entry.notBefore <= now, !avoided.contains(address)
            else {
                return false
            }
            return !isBanned(address) && (entry.source == .given || entry.failures < Self.attempts)
        }
        if candidates.count > room { sort(&candidates, own: own) }
        let chosen = Array(candidates.prefix(room))
        for address in chosen {
            entries[address]?.isInUse = true
            dialing.insert(address)
        }
        return chosen
    }

    var isDialing: Bool { !dialing.isEmpty }

    mutating func dialFailed(_ address: PeerAddress, now: Instant) {
        dialing.remove(address)
        postpone(address, now: now)
    }

    /// A connection to or from this listening address is up.
    mutating func connected(_ address: PeerAddress) {
        dialing.remove(address)
        entries[address]?.isInUse = true
    }

    /// The connection ended. One that was of use is tried again soon, one that was not later each time.
    mutating func disconnected(_ address: PeerAddress, wasUseful: Bool, now: Instant) {
        if wasUseful { entries[address]?.failures = 0 }
        postpone(address, now: now)
    }

    /// This host met itself there. Other hosts at the same address are not meant.
    mutating func avoid(_ address: PeerAddress) {
        avoided.insert(address)
    }

    /// Forgets what peers told of others.
    mutating func forgetExchanged() {
        for (address, entry) in entries where entry.source == .exchange && !entry.isInUse { entries[address] = nil }
        order.removeAll { entries[$0] == nil }
    }

    /// Whoever introduced itself so is not asked again: a peer by its address too, a web seed only by its id, since there
    /// may be many at one address.
    mutating func ban(_ introduction: PeerIntroduction, listeningAt address: PeerAddress?) {
        if introduction.webSeed != nil {
            bannedIDs.insert(introduction.id)
        } else {
            ban(address ?? introduction.address, id: introduction.id)
        }
    }

    mutating func ban(_ address: PeerAddress, id: PeerID?) {
        // Many hosts of a test or of one computer share the loopback address: there the port tells them apart.
        bannedHosts.insert(address.isLoopback ? address : address.withPort(0))
        if let id { bannedIDs.insert(id) }
    }

    func isBanned(_ address: PeerAddress) -> Bool {
        bannedHosts.contains(address.isLoopback ? address : address.withPort(0))
    }

    func isBanned(_ id: PeerID) -> Bool { bannedIDs.contains(id) }

    /// Those given by the user first, then by priority. Each priority is computed once.
    private mutating func sort(_ candidates: inout [PeerAddress], own: PeerAddress?) {
        if own != self.own {
            self.own = own
            for address in order { entries[address]?.priority = nil }
        }
        let ranked = candidates.enumerated().map { offset, address in
            (rank: (entries[address]?.source ?? .exchange).rawValue, priority: priority(of: address), offset: offset)
        }
        let sorted = ranked.sorted {
            ($0.rank, $1.priority, $0.offset) < ($1.rank, $0.priority, $1.offset)
        }
        candidates = sorted.map { [candidates] in candidates[$0.offset] }
    }

    private mutating func priority(of address: PeerAddress) -> UInt32 {
        guard let own else { return 0 }
        if let known = entries[address]?.priority { return known }
        let priority = address.canonicalPriority(with: own)
        entries[address]?.priority = priority
        return priority
    }

    /// A full directory gives up an address that a peer named and nobody answered at, so that strangers cannot fill it
    /// for good; for a peer that was met itself, any that was only named.
    private mutating func makeRoom(for source: PeerSource) -> Bool {
        let place = order.firstIndex { address in
            guard let entry = entries[address], entry.source > .given, !entry.isInUse else { return false }
            return entry.failures > 0 || entry.source > source
        }
        guard let place else { return false }
        entries[order.remove(at: place)] = nil
        return true
    }

    private mutating func postpone(_ address: PeerAddress, now: Instant) {
        guard var entry = entries[address] else { return }
        let isGiven = entry.source == .given
        let first = isGiven ? TimeSpan.milliseconds(500) : .seconds(5)
        entry.notBefore = now + first.doubled(entry.failures, limit: isGiven ? .seconds(15) : .seconds(300))
        entry.failures += 1
        entry.isInUse = false
        entries[address] = entry
    }
}

/// A set that forgets its oldest member when it is full: strangers decide how much goes in.
struct BoundedSet<Element: Hashable> {
    private static var capacity: Int { 4096 }
    private var members: Set<Element> = []
    private var order: [Element] = []

    var count: Int { members.count }

    func contains(_ element: Element) -> Bool { members.contains(element) }

    mutating func insert(_ element: Element) {
        guard members.insert(element).inserted else { return }
        order.append(element)
        if order.count > Self.capacity { members.remove(order.removeFirst()) }
    }
}
