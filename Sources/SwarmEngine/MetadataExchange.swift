import Metainfo

/// Fetches the info dictionary from peers (BEP 9), 16 KiB at a time, for a torrent known by its hash alone.
///
/// Sizes are claims: each claimed size is collected on its own, memory grows only with bytes that came, and whoever
/// contributed to a dictionary with a wrong hash is told. Those that did so together are then asked each alone.
struct MetadataExchange {
    static let blockLength = 16384

    /// What is collected together: blocks of dictionaries of one size, from everybody or from one peer alone.
    private struct Claim: Hashable {
        var size: Int
        var alone: PeerKey?
    }

    private struct Collection {
        var blocks: [Int: (bytes: [UInt8], from: PeerKey)] = [:]
        var asked: [Int: (of: PeerKey, at: Instant)] = [:]
    }

    enum Outcome: Equatable {
        case incomplete
        case complete([UInt8], contributors: [PeerKey])
        /// Not asked for, or of a wrong size.
        case unusable
    }

    private var collections: [Claim: Collection] = [:]
    /// Peers that took part in a dictionary that was wrong.
    private var separated: Set<PeerKey> = []
    /// Peers that refused or did not answer, and until when others come first.
    private var resting: [PeerKey: Instant] = [:]
    /// Bytes in all collections.
    private(set) var heldBytes = 0
    private let maximumHeldBytes: Int
    private static let answerTime = TimeSpan.seconds(3)
    private static let restTime = TimeSpan.seconds(30)
    private static let requestsPerPeer = 4

    /// - Parameter maximumHeldBytes: what liars can make this host hold.
    init(maximumHeldBytes: Int = 40 << 20) {
        self.maximumHeldBytes = maximumHeldBytes
    }

    static func blockCount(_ size: Int) -> Int { (size + blockLength - 1) / blockLength }

    /// Which blocks to ask of a peer that claims this size, at most a few at a time.
    mutating func requests(to peer: PeerKey, size: Int, now: Instant) -> [Int] {
        guard size > 0 else { return [] }
        let claim = claim(of: peer, size: size)
        var collection = collections[claim] ?? Collection()
        if let until = resting[peer] {
            guard now >= until else { return [] }
            resting[peer] = nil
        }
        let own = collection.asked.values.filter { $0.of == peer }
        let late = own.count { now - $0.at >= Self.answerTime }
        // What it owes goes to others; a late answer is taken as long as nobody else was asked.
        if late > 0, !own.contains(where: { $0.at + Self.answerTime + Self.restTime <= now }) {
            resting[peer] = now + Self.restTime
            return []
        }
        var room = Self.requestsPerPeer - (own.count - late)
        var blocks: [Int] = []
        for block in 0..<Self.blockCount(size) {
            guard room > 0 else { break }
            guard collection.blocks[block] == nil else { continue }
            if let asked = collection.asked[block], now - asked.at < Self.answerTime { continue }
            collection.asked[block] = (peer, now)
            blocks.append(block)
            room -= 1
        }
        collections[claim] = collection
        return blocks
    }

    mutating func receive(block: Int, size: Int, bytes: [UInt8], from peer: PeerKey) -> Outcome {
        let claim = claim(of: peer, size: size)
        let count = Self.blockCount(size)
        guard var collection = collections[claim], collection.asked[block]?.of == peer, block >= 0, block < count,
            bytes.count == min(Self.blockLength, size - block * Self.blockLength)
        else { return .unusable }
        collections[claim] = nil
        collection.asked[block] = nil
        collection.blocks[block] = (bytes, peer)
        heldBytes += bytes.count
        resting[peer] = nil
        guard collection.blocks.count == count else {
            collections[claim] = collection
            forgetLargest(except: claim)
            return .incomplete
        }
        heldBytes -= size
        var whole: [UInt8] = []
        whole.reserveCapacity(size)
        var contributors: Set<PeerKey> = []
        for index in 0..<count {
            guard let part = collection.blocks[index] else { return .unusable }
            whole += part.bytes
            contributors.insert(part.from)
        }
        return .complete(whole, contributors: contributors.sorted())
    }

    /// These made a wrong dictionary together: from now on each is asked for all of it, so that the liar is found.
    mutating func separate(_ contributors: [PeerKey]) {
        separated.formUnion(contributors)
        for key in contributors { withdraw(key) }
    }

    /// Lets others be asked first for a while.
    mutating func passOver(_ peer: PeerKey, now: Instant) {
        resting[peer] = now + Self.restTime
        withdraw(peer)
    }

    /// A peer is gone: others may be asked at once for what it was.
    mutating func forget(peer: PeerKey) {
        withdraw(peer)
        separated.remove(peer)
        resting[peer] = nil
        for claim in Array(collections.keys) where claim.alone == peer { forget(claim) }
    }

    /// Forgets sizes that no connected peer claims any more.
    mutating func keepOnly(sizes: Set<Int>) {
        for claim in Array(collections.keys) where !sizes.contains(claim.size) {
            if collections[claim]?.blocks.isEmpty ?? true { forget(claim) }
        }
    }

    // MARK: Helpers

    private func claim(of peer: PeerKey, size: Int) -> Claim {
        Claim(size: size, alone: separated.contains(peer) ? peer : nil)
    }

    private mutating func withdraw(_ peer: PeerKey) {
        for claim in Array(collections.keys) {
            guard var collection = collections[claim] else { continue }
            collections[claim] = nil
            collection.asked = collection.asked.filter { $0.value.of != peer }
            collections[claim] = collection
        }
    }

    /// Liars claim large sizes and any number of them; an honest dictionary is seldom the largest.
    private mutating func forgetLargest(except current: Claim) {
        while heldBytes > maximumHeldBytes {
            let others = collections.filter { $0.key != current && !$0.value.blocks.isEmpty }.keys
            let order = { (claim: Claim) in (claim.size, claim.alone?.rawValue ?? -1) }
            guard let largest = others.max(by: { order($0) < order($1) }) else { return }
            forget(largest)
        }
    }

    private mutating func forget(_ claim: Claim) {
        guard let collection = collections.removeValue(forKey: claim) else { return }
        heldBytes -= collection.blocks.values.reduce(0) { $0 + $1.bytes.count }
    }
}
