import Crypto
import Metainfo
import NIOCore

/// One piece on its way: which blocks are on disk and how far they are hashed. Used by one worker at a time.
///
/// Each byte is hashed once for each algorithm, from memory where possible. The SHA-256 of a block (BEP 52) can be
/// taken in any order. The SHA-1 of a piece (BEP 3) cannot: a block that arrives ahead of its turn is only written,
/// and read back from the page cache when the blocks before it have arrived.
final class PieceAssembly {
    let piece: PieceIndex
    let blockCount: Int
    private let hashesLeaves: Bool
    private var isStored: [Bool]
    private var storedCount = 0
    /// Nil where the block is on disk but was not hashed yet.
    private var leaves: [MerkleHash?]
    private var sha1: Insecure.SHA1?
    /// How many blocks, from the first, the SHA-1 has seen.
    private var sha1Blocks = 0

    init(piece: PieceIndex, in info: TorrentInfo) {
        self.piece = piece
        blockCount = info.layout.blockCount(piece)
        hashesLeaves = info.format != .v1
        isStored = Array(repeating: false, count: blockCount)
        leaves = Array(repeating: nil, count: hashesLeaves ? blockCount : 0)
        sha1 = info.format == .v2 ? nil : Insecure.SHA1()
    }

    var isComplete: Bool { storedCount == blockCount }

    func needs(_ block: Int) -> Bool {
        isStored.indices.contains(block) && !isStored[block]
    }

    /// Hashes adjacent blocks, from `first` on, that are or will be on disk exactly like this.
    func hash(_ blocks: ArraySlice<IncomingBlock>, first: Int) {
        for (number, block) in zip(first..., blocks) where needs(number) {
            block.data.withUnsafeReadableBytes { bytes in
                if hashesLeaves { leaves[number] = MerkleTree.leaf(bytes) }
                if number == sha1Blocks && sha1 != nil {
                    sha1?.update(bufferPointer: bytes)
                    sha1Blocks += 1
                }
            }
        }
    }

    /// Hashes blocks while they wait for being written; when that fails they are as unknown as before.
    func hash(
        _ blocks: ArraySlice<IncomingBlock>, first: Int, before write: () throws(StorageError) -> Void
    ) throws(StorageError) {
        let (oldHash, oldBlocks) = (sha1, sha1Blocks)
        hash(blocks, first: first)
        do throws(StorageError) {
            try write()
        } catch {
            (sha1, sha1Blocks) = (oldHash, oldBlocks)
            for number in first..<first + blocks.count where leaves.indices.contains(number) { leaves[number] = nil }
            throw error
        }
    }

    /// Blocks that are on disk now.
    func markStored(first: Int, count: Int) {
        for number in first..<first + count where needs(number) {
            isStored[number] = true
            storedCount += 1
        }
    }

    /// Takes blocks to be on disk although nobody wrote them here.
    func assumeStored(except missing: [Int]) {
        isStored = Array(repeating: true, count: blockCount)
        storedCount = blockCount
        reset(missing)
    }

    /// The blocks have to come again.
    func reset(_ blocks: [Int]) {
        for block in blocks where isStored.indices.contains(block) && isStored[block] {
            isStored[block] = false
            storedCount -= 1
            if hashesLeaves { leaves[block] = nil }
        }
        // A hash cannot forget what it has seen, and finishing it uses it up.
        if sha1 != nil {
            sha1 = Insecure.SHA1()
            sha1Blocks = 0
        }
    }

    /// The next blocks that the SHA-1 can be fed with from disk, none when it has to wait for one or has all.
    var sha1Backlog: Range<Int> {
        guard sha1 != nil else { return 0..<0 }
        let end = isStored[sha1Blocks...].firstIndex(of: false) ?? blockCount
        return sha1Blocks..<end
    }

    /// Bytes read back from disk, of the first ``sha1Backlog`` blocks.
    func addToSHA1(_ bytes: UnsafeRawBufferPointer, blocks: Int) {
        sha1?.update(bufferPointer: bytes)
        sha1Blocks += blocks
    }

    var blocksWithoutLeaf: [Int] {
        leaves.indices.filter { leaves[$0] == nil }
    }

    func setLeaf(_ leaf: MerkleHash, of block: Int) {
        guard leaves.indices.contains(block) else { return }
        leaves[block] = leaf
    }

    /// The SHA-256 of each block; empty for v1, and while some are unknown.
    var knownLeaves: [MerkleHash] {
        let known = leaves.compactMap { $0 }
        return known.count == blockCount ? known : []
    }

    /// The SHA-1 of all blocks and of `padding` zeros after them.
    func finishSHA1(padding: Int) -> [UInt8]? {
        guard var hash = sha1, sha1Blocks == blockCount else { return nil }
        hash.update(zeros: padding)
        return Array(hash.finalize())
    }
}
