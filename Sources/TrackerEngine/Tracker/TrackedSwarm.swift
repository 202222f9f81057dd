import PeerWire

/// The peers of one torrent, as far as the tracker knows.
struct TrackedSwarm: Sendable {
    struct Peer: Sendable {
        let address: PeerAddress
        var id: PeerID
        var isSeeder: Bool
        var isPaused: Bool
        var lastSeen: Duration
    }

    /// In no order; a new one takes the place behind the last, the last takes the place of one that goes.
    private(set) var peers: [Peer] = []
    private var places: [PeerAddress: Int] = [:]
    /// How many there are at one address, whatever the port.
    private var perAddress: [PeerAddress: Int] = [:]
    private var cursor = 0
    private var nextSweep: Duration?
    private(set) var seederCount = 0
    private(set) var pausedCount = 0
    var completedCount: Int64 = 0

    var leecherCount: Int { peers.count - seederCount }

    func contains(_ address: PeerAddress) -> Bool { places[address] != nil }

    func count(at address: PeerAddress) -> Int { perAddress[address.withPort(0), default: 0] }

    /// Whether a known peer had not everything so far.
    func isLeecher(_ address: PeerAddress) -> Bool {
        places[address].map { !peers[$0].isSeeder } ?? false
    }

    mutating func set(_ peer: Peer) {
        if let place = places[peer.address] {
            count(peers[place], -1)
            peers[place] = peer
        } else {
            places[peer.address] = peers.count
            perAddress[peer.address.withPort(0), default: 0] += 1
            peers.append(peer)
        }
        count(peer, 1)
    }

    mutating func remove(_ address: PeerAddress) {
        guard let place = places.removeValue(forKey: address) else { return }
        count(peers[place], -1)
        let key = address.withPort(0)
        let left = perAddress[key, default: 1] - 1
        perAddress[key] = left > 0 ? left : nil
        let last = peers.removeLast()
        guard place < peers.count else { return }
        peers[place] = last
        places[last.address] = place
    }

    /// Forgets who was silent for too long. It looks at most every half a minute, since it looks at all; true when it did.
    mutating func sweep(now: Duration, lifetime: Duration) {
        if let nextSweep, now < nextSweep { return }
        nextSweep = now + .seconds(30)
        for peer in peers where now - peer.lastSeen > lifetime { remove(peer.address) }
    }

    /// Up to `limit` peers that pass, going on where the last call ended, so that each is named as often as any other.
    mutating func select(_ limit: Int, where passes: (Peer) -> Bool) -> [Peer] {
        var chosen: [Peer] = []
        let count = peers.count
        guard count > 0, limit > 0 else { return [] }
        let start = cursor % count
        var step = 0
        while step < count, chosen.count < limit {
            let peer = peers[(start + step) % count]
            if passes(peer) { chosen.append(peer) }
            step += 1
        }
        cursor = (start + step) % count
        return chosen
    }

    private mutating func count(_ peer: Peer, _ change: Int) {
        if peer.isSeeder { seederCount += change } else if peer.isPaused { pausedCount += change }
    }
}
