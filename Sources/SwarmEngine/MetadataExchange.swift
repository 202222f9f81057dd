import Metainfo

/// Fetches the info dictionary from peers (BEP 9), 16 KiB at a time, for a torrent known by its hash alone.
///
/// Sizes are claims: each claimed size is collected on its own, memory grows only with bytes that came, and whoever
/// contributed to a dictionary with a wrong hash is told.
struct MetadataExchange {
    static let blockLength = 16384

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

    private var collections: [Int: Collection] = [:]
    /// Peers that did not answer, or not with what was asked for, and until when they are passed over.
    private var unhelpful: [PeerKey: Instant] = [:]
    private static let answerTime = TimeSpan.seconds(3)
    private static let passOverTime = TimeSpan.seconds(30)
    private static let requestsPerPeer = 4
    /// Different sizes that are collected at the same time; liars cannot make this host hold more.
    private static let maximumCollections = 3

    static func blockCount(_ size: Int) -> Int { (size + blockLength - 1) / blockLength }

    /// Which blocks to ask of a peer that claims this size, at most a few at a time.
    mutating func requests(to peer: PeerKey, size: Int, now: Instant) -> [Int] {
        if let until = unhelpful[peer], until > now { return [] }
        guard collections[size] != nil || collections.count < Self.maximumCollections else { return [] }
        var collection = collections[size] ?? Collection()
        if collection.asked.values.contains(where: { $0.of == peer && now - $0.at >= Self.answerTime }) {
            passOver(peer, now: now)
            return []
        }
        var room = Self.requestsPerPeer - collection.asked.values.count { $0.of == peer }
        var blocks: [Int] = []
        for block in 0..<Self.blockCount(size) where room > 0 && collection.blocks[block] == nil {
            if let asked = collection.asked[block], now - asked.at < Self.answerTime { continue }
            collection.asked[block] = (peer, now)
            blocks.append(block)
            room -= 1
        }
        collections[size] = collection
        return blocks
    }

    /// Lets others be asked first for a while.
    mutating func passOver(_ peer: PeerKey, now: Instant) {
        unhelpful[peer] = now + Self.passOverTime
        release(peer: peer)
    }

    mutating func receive(block: Int, size: Int, bytes: [UInt8], from peer: PeerKey) -> Outcome {
        let count = Self.blockCount(size)
        guard var collection = collections[size], collection.asked[block] != nil, block >= 0, block < count,
            bytes.count == min(Self.blockLength, size - block * Self.blockLength)
        else { return .unusable }
        collections[size] = nil
        collection.asked[block] = nil
        collection.blocks[block] = (bytes, peer)
        guard collection.blocks.count == count else {
            collections[size] = collection
            return .incomplete
        }
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

    /// A peer refused a block or is gone: others may be asked for it at once.
    mutating func release(peer: PeerKey) {
        for size in Array(collections.keys) {
            guard var collection = collections[size] else { continue }
            collection.asked = collection.asked.filter { $0.value.of != peer }
            collections[size] = collection.asked.isEmpty && collection.blocks.isEmpty ? nil : collection
        }
    }

    mutating func forget(peer: PeerKey) {
        release(peer: peer)
        unhelpful[peer] = nil
    }

    /// Forgets sizes that no connected peer claims any more.
    mutating func keepOnly(sizes: Set<Int>) {
        collections = collections.filter { sizes.contains($0.key) || !$0.value.blocks.isEmpty }
        if collections.count >= Self.maximumCollections {
            collections = collections.filter { sizes.contains($0.key) }
        }
    }
}
