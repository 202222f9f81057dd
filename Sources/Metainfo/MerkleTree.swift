import Crypto

/// The arithmetic of BEP 52 hash trees.
///
/// Level 0 holds the leaves, the SHA-256 of each 16 KiB block (the last one at its true length). The row is filled up
/// to a power of two with zero values, and each node above is the SHA-256 of its two children.
public enum MerkleTree {
    /// The node at `level` above the leaves under which there are only blocks past the end of the file.
    public static func padHash(_ level: Int) -> MerkleHash {
        padHashes[min(max(0, level), padHashes.count - 1)]
    }

    /// The leaf of one block: its SHA-256.
    public static func leaf(_ block: UnsafeRawBufferPointer) -> MerkleHash {
        var hash = SHA256()
        hash.update(bufferPointer: block)
        return MerkleHash(digest: hash.finalize())
    }

    /// The node above two others.
    public static func combine(_ left: MerkleHash, _ right: MerkleHash) -> MerkleHash {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 8) { pair in
            guard let base = pair.baseAddress else { return .zero }
            left.copyBytes(to: base)
            right.copyBytes(to: base + MerkleHash.byteCount)
            return leaf(UnsafeRawBufferPointer(pair))
        }
    }

    /// Folds `nodes`, which are at `level` above the leaves, to one node.
    ///
    /// The row counts as filled up with ``padHash(_:)`` to `width`, a power of two that is at least the number of
    /// nodes.
    public static func root(of nodes: some Collection<MerkleHash>, level: Int, width: Int) -> MerkleHash {
        var row = Array(nodes)
        var level = level
        var width = width
        if row.isEmpty { return padHash(level + treeHeight(blocks: Int64(width))) }
        while width > 1 || row.count > 1 {
            row = parents(of: row, level: level)
            level += 1
            width = max(1, width / 2)
        }
        return row[0]
    }

    /// The number of levels above the leaves of a tree with that many blocks: the logarithm, rounded up.
    public static func treeHeight(blocks: Int64) -> Int {
        blocks <= 1 ? 0 : Int64.bitWidth - (blocks - 1).leadingZeroBitCount
    }

    /// The number of 16 KiB blocks of a file.
    public static func blockCount(_ fileLength: Int64) -> Int64 {
        fileLength <= 0 ? 0 : (fileLength - 1) / Int64(PieceLayout.blockLength) + 1
    }

    /// The row above `row`, which is at `level`; an odd last node pairs with padding.
    static func parents(of row: [MerkleHash], level: Int) -> [MerkleHash] {
        var above: [MerkleHash] = []
        above.reserveCapacity((row.count + 1) / 2)
        for index in stride(from: 0, to: row.count, by: 2) {
            above.append(combine(row[index], index + 1 < row.count ? row[index + 1] : padHash(level)))
        }
        return above
    }

    private static let padHashes: [MerkleHash] = {
        var hashes: [MerkleHash] = [.zero]
        for level in 0..<64 { hashes.append(combine(hashes[level], hashes[level])) }
        return hashes
    }()
}
