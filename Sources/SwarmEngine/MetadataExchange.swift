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
    private static let answerTime = TimeSpan.seconds(10)
    private static let requestsPerPeer = 4
    /// Different sizes that are collected at the same time; liars cannot make this host hold more.
    private static let maximumCollections = 3

    static func blockCount(_ size: Int) -> Int { (size + blockLength - 1) / blockLength }

    /// Which blocks to ask of a peer that claims this size, at most a few at a time.
    mutating func requests(to peer: PeerKey, size: Int, now: Instant) -> [Int] {
        guard collections[size] != nil || collections.count < Self.maximumCollections else { return [] }
        var collection = collections[size] ?? Collection()
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
    mutating func release(peer: PeerKey, block: Int? = nil) {
        for size in Array(collections.keys) {
            guard var collection = collections[size] else { continue }
            collection.asked = collection.asked.filter {
                $0.value.of != peer || (block != nil && $0.key != block)
            }
            collections[size] = collection
        }
    }

    /// Forgets sizes that no connected peer claims any more.
    mutating func keepOnly(sizes: Set<Int>) {
        collections = collections.filter { sizes.contains($0.key) || !$0.value.blocks.isEmpty }
        if collections.count >= Self.maximumCollections {
            collections = collections.filter { sizes.contains($0.key) }
        }
    }
}
