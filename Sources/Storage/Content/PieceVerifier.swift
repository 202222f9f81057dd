import Crypto
import Metainfo
import Synchronization

/// Compares the hashes of a piece with what the torrent says (BEP 3 `pieces`, BEP 52 piece layers).
///
/// In a hybrid torrent both must agree (BEP 52, "Upgrade Path"). As long as the piece layer of a hybrid is not known,
/// because every peer so far speaks v1 only, its SHA-1 alone decides.
final class PieceVerifier: Sendable {
    private let info: TorrentInfo
    private let layers = Mutex(PieceLayers())
    private let zeroHashes = Mutex<Hashes?>(nil)

    struct Hashes: Sendable {
        var sha1: [UInt8]?
        /// SHA-256 of each block; empty if not needed.
        var leaves: [MerkleHash]
    }

    init(info: TorrentInfo) {
        self.info = info
    }

    func setPieceLayers(_ new: PieceLayers) {
        layers.withLock { $0 = new }
    }

    /// Nil when nothing is known yet to compare with.
    func isGood(_ piece: PieceIndex, _ hashes: Hashes) -> Bool? {
        let v1 = info.pieceHashV1(piece)
        let v2 = info.format == .v1 ? nil : layers.withLock { $0.pieceHash(piece, in: info) }
        if v1 == nil && v2 == nil { return nil }
        if let v1 {
            guard let sha1 = hashes.sha1, sha1.elementsEqual(v1) else { return false }
        }
        if let v2 {
            guard !hashes.leaves.isEmpty, fold(hashes.leaves, of: piece) == v2 else { return false }
        }
        return true
    }

    /// Whether a hybrid's piece has the right content by one half of the torrent and the wrong one by the other. No peer can
    /// bring that about: whoever made the torrent did.
    func halvesDisagree(_ piece: PieceIndex, _ hashes: Hashes) -> Bool {
        guard info.format == .hybrid, let v1 = info.pieceHashV1(piece), let sha1 = hashes.sha1,
            let v2 = layers.withLock({ $0.pieceHash(piece, in: info) })
        else { return false }
        return sha1.elementsEqual(v1) != (fold(hashes.leaves, of: piece) == v2)
    }

    /// Whether a piece of full length that is all zeros is as it should be. Hashed once for the torrent.
    func isGoodAsZeros(_ piece: PieceIndex) -> Bool {
        let hashes = zeroHashes.withLock { known in
            let hashes = known ?? hashZeros()
            known = hashes
            return hashes
        }
        return isGood(piece, hashes) ?? false
    }

    private func hashZeros() -> Hashes {
        var hashes = Hashes(sha1: nil, leaves: [])
        if info.format != .v2 {
            var sha1 = Insecure.SHA1()
            sha1.update(zeros: info.pieceLength)
            hashes.sha1 = Array(sha1.finalize())
        }
        if info.format != .v1 {
            let leaf = Zeros.withBytes(PieceLayout.blockLength) { MerkleTree.leaf($0) }
            hashes.leaves = Array(repeating: leaf, count: max(1, info.pieceLength / PieceLayout.blockLength))
        }
        return hashes
    }

    /// The tree of a file that fits into one piece is only as wide as its own blocks.
    private func fold(_ leaves: [MerkleHash], of piece: PieceIndex) -> MerkleHash? {
        guard let file = info.layout.file(of: piece), info.files.indices.contains(file.rawValue) else { return nil }
        let isOnePiece = info.files[file.rawValue].length <= Int64(info.pieceLength)
        var width = isOnePiece ? 1 : max(1, info.pieceLength / PieceLayout.blockLength)
        while width < leaves.count { width *= 2 }
        return MerkleTree.root(of: leaves, level: 0, width: width)
    }
}

/// Memory full of zeros.
enum Zeros {
    private static let bytes = [UInt8](repeating: 0, count: 65536)

    /// At most 65,536 of them.
    static func withBytes<Result>(_ count: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<max(0, min(count, $0.count))])) }
    }
}

extension HashFunction {
    mutating func update(zeros count: Int) {
        var left = count
        while left > 0 {
            left -= Zeros.withBytes(left) { bytes in
                update(bufferPointer: bytes)
                return bytes.count
            }
        }
    }
}
