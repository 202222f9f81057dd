import Crypto
import Metainfo

/// Content and hashes made the slow and plain way, to compare with.
enum Samples {
    /// Byte i is i modulo 251.
    static func content(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8($0 % 251) }
    }

    static func leaves(_ content: [UInt8]) -> [MerkleHash] {
        stride(from: 0, to: content.count, by: 16384).map { start in
            content[start..<min(content.count, start + 16384)].withUnsafeBytes { MerkleTree.leaf($0) }
        }
    }

    /// The root over all leaves, written down from the definition: pad with zeros, hash pairs.
    static func root(_ leaves: [MerkleHash]) -> MerkleHash {
        var row = leaves
        while row.count & (row.count - 1) != 0 { row.append(.zero) }
        while row.count > 1 {
            row = stride(from: 0, to: row.count, by: 2).map { MerkleTree.combine(row[$0], row[$0 + 1]) }
        }
        return row[0]
    }

    /// One node a piece, each over a full row of leaves.
    static func layer(_ leaves: [MerkleHash], blocksPerPiece: Int) -> [MerkleHash] {
        stride(from: 0, to: leaves.count, by: blocksPerPiece).map { start in
            var row = Array(leaves[start..<min(leaves.count, start + blocksPerPiece)])
            while row.count < blocksPerPiece { row.append(.zero) }
            return root(row)
        }
    }

    static func sha1Pieces(_ content: [UInt8], pieceLength: Int, padded: Bool) -> [UInt8] {
        stride(from: 0, to: content.count, by: pieceLength).flatMap { start -> [UInt8] in
            var piece = Array(content[start..<min(content.count, start + pieceLength)])
            if padded { piece += [UInt8](repeating: 0, count: pieceLength - piece.count) }
            return Array(Insecure.SHA1.hash(data: piece))
        }
    }

    static func file(
        _ path: [String], _ count: Int, pieceLength: Int, padded: Bool = true, isExecutable: Bool = false
    ) -> HashedFile {
        let content = content(count)
        let leaves = leaves(content)
        return HashedFile(
            path: path, length: Int64(count), isExecutable: isExecutable, root: count == 0 ? nil : root(leaves),
            pieceLayer: count > pieceLength ? layer(leaves, blocksPerPiece: pieceLength / 16384) : [],
            v1Pieces: sha1Pieces(content, pieceLength: pieceLength, padded: padded))
    }

    /// A tree over `blocks` made-up leaves: fast even for large files.
    static func tree(blocks: Int, blocksPerPiece: Int) -> (leaves: [MerkleHash], layer: [MerkleHash], root: MerkleHash)
    {
        let leaves = (0..<blocks).map { block in
            withUnsafeBytes(of: UInt64(block)) { MerkleTree.leaf($0) }
        }
        return (leaves, layer(leaves, blocksPerPiece: blocksPerPiece), root(leaves))
    }
}
