import Metainfo
import PeerWire

/// Which peers have been told a moment ago, so that repeats are not, and no neighbour can flood (BEP 14).
struct PeerHearing: Sendable {
    static let capacity = 4096
    /// Of one neighbour, in ``memory``.
    static let shareOfNeighbour = 512
    private static let memory = Duration.seconds(60)

    private struct Key: Hashable {
        let hash: WireInfoHash
        let address: PeerAddress
    }

    private var told: [Key: Duration] = [:]
    private var counts: [PeerAddress: Int] = [:]
    private var cleared = Duration.zero

    /// Whether this should be told; false also when there has been too much from there.
    mutating func isNews(_ hash: WireInfoHash, _ address: PeerAddress, now: Duration) -> Bool {
        if now - cleared >= Self.memory { clear(now: now) }
        let key = Key(hash: hash, address: address)
        let neighbour = address.withPort(0)
        guard told[key] == nil, told.count < Self.capacity, counts[neighbour, default: 0] < Self.shareOfNeighbour
        else { return false }
        told[key] = now
        counts[neighbour, default: 0] += 1
        return true
    }

    /// Torrents that are not announced any more may be told anew when they are again.
    mutating func keep(_ hashes: Set<WireInfoHash>) {
        told = told.filter { hashes.contains($0.key.hash) }
        recount()
    }

    private mutating func clear(now: Duration) {
        cleared = now
        told = told.filter { now - $0.value < Self.memory }
        recount()
    }

    private mutating func recount() {
        counts = [:]
        for key in told.keys { counts[key.address.withPort(0), default: 0] += 1 }
    }
}
