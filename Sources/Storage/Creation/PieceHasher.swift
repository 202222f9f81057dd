import Crypto
import Metainfo

/// Hashes a run of pieces as their bytes come in: SHA-1 for v1 (BEP 3), a Merkle tree for v2 (BEP 52), both in one pass
/// over each 16 KiB while it is in the processor's cache.
struct PieceHasher {
    let pieceLength: Int
    let hashesV1: Bool
    let hashesV2: Bool
    let padsWithZeros: Bool

    private(set) var digestsV1: [UInt8] = []
    private(set) var hashes: [MerkleHash] = []

    private var sha1 = Insecure.SHA1()
    private var leaves: [MerkleHash] = []
    private var filled = 0

    init(plan: HashPlan) {
        pieceLength = plan.pieceLength
        hashesV1 = plan.format != .v2
        hashesV2 = plan.format != .v1
        padsWithZeros = plan.padsLastPieces
    }

    /// Starts over for the next unit.
    mutating func reset() {
        digestsV1.removeAll(keepingCapacity: true)
        hashes.removeAll(keepingCapacity: true)
        leaves.removeAll(keepingCapacity: true)
        sha1 = Insecure.SHA1()
        filled = 0
    }

    /// The next bytes. For v2 each call but the last one of a file brings a multiple of 16 KiB.
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        var offset = 0
        while offset < bytes.count {
            let count = min(PieceLayout.blockLength, bytes.count - offset, pieceLength - filled)
            let block = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
            if hashesV2 { leaves.append(MerkleTree.leaf(block)) }
            if hashesV1 { sha1.update(bufferPointer: block) }
            offset += count
            filled += count
            if filled == pieceLength { finishPiece(width: pieceLength / PieceLayout.blockLength) }
        }
    }

    /// The end of a file (v2, hybrid) or of the whole torrent (v1): finishes a piece that is not full.
    mutating func finish(fileLength: Int64) {
        guard filled > 0 else { return }
        if hashesV1, padsWithZeros {
            var missing = pieceLength - filled
            Self.zeros.withUnsafeBytes { zeros in
                while missing > 0 {
                    let count = min(missing, zeros.count)
                    sha1.update(bufferPointer: UnsafeRawBufferPointer(rebasing: zeros[..<count]))
                    missing -= count
                }
            }
        }
        // A file of at most one piece has a tree just wide enough for its own blocks.
        let width =
            fileLength > Int64(pieceLength) ? pieceLength / PieceLayout.blockLength : leaves.count.powerOfTwoAbove
        finishPiece(width: width)
    }

    private mutating func finishPiece(width: Int) {
        if hashesV2 {
            hashes.append(MerkleTree.root(of: leaves, level: 0, width: width))
            leaves.removeAll(keepingCapacity: true)
        }
        if hashesV1 {
            digestsV1.append(contentsOf: sha1.finalize())
            sha1 = Insecure.SHA1()
        }
        filled = 0
    }

    private static let zeros = [UInt8](repeating: 0, count: 64 << 10)
}

extension Int {
    /// The smallest power of two that is not below this; 1 for anything below 1.
    var powerOfTwoAbove: Int {
        self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount)
    }
}
