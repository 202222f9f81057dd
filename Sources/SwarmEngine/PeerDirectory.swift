import PeerWire

/// The addresses at which peers of one torrent may be found, when each was tried, and who is not to be asked again.
struct PeerDirectory {
    private struct Entry {
        var source: PeerSource
        var failures = 0
        var notBefore = Instant.zero
        var isInUse = false
    }

    /// Strangers can name any number of addresses; this many are kept.
    private static let capacity = 2000
    /// Attempts at an address that a peer named; one that the user gave is tried for ever.
    private static let attempts = 5

    let maximumDialing: Int
    private var entries: [PeerAddress: Entry] = [:]
    /// Insertion order, so that runs repeat.
    private var order: [PeerAddress] = []
    private var bannedHosts: Set<PeerAddress> = []
    private var bannedIDs: Set<PeerID> = []
    private var dialing: Set<PeerAddress> = []

    init(maximumDialing: Int) {
        self.maximumDialing = maximumDialing
    }

    mutating func add(_ address: PeerAddress, from source: PeerSource) {
        guard address.port != 0 else { return }
        if let known = entries[address] {
            if source < known.source { entries[address]?.source = source }
        } else if entries.count < Self.capacity || source == .given {
            entries[address] = Entry(source: source)
            order.append(address)
        }
    }

    /// The addresses to connect to now: those given by the user first, then by canonical priority (BEP 40).
    mutating func dialable(limit: Int, own: PeerAddress?, now: Instant) -> [PeerAddress] {
        let room = min(limit, maximumDialing - dialing.count)
        guard room > 0 else { return [] }
        var candidates = order.filter { address in
            guard let entry = entries[address], !entry.isInUse, entry.notBefore <= now else { return false }
            return !isBanned(address) && (entry.source == .given || entry.failures < Self.attempts)
        }
        if let own, candidates.count > room {
            candidates.sort { left, right in
                let (first, second) = (entries[left]?.source ?? .exchange, entries[right]?.source ?? .exchange)
                if first != second { return first < second }
                return left.canonicalPriority(with: own) > right.canonicalPriority(with: own)
            }
        }
        let chosen = Array(candidates.prefix(room))
        for address in chosen {
            entries[address]?.isInUse = true
            dialing.insert(address)
        }
        return chosen
    }

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

    mutating func ban(_ address: PeerAddress, id: PeerID?) {
        // Many hosts of a test or of one computer share the loopback address: there the port tells them apart.
        bannedHosts.insert(address.isLoopback ? address : address.withPort(0))
        if let id { bannedIDs.insert(id) }
    }

    func isBanned(_ address: PeerAddress) -> Bool {
        bannedHosts.contains(address.isLoopback ? address : address.withPort(0))
    }

    func isBanned(_ id: PeerID) -> Bool { bannedIDs.contains(id) }

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
