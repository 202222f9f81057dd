import Metainfo
import SwarmEngine
import TestSupport

/// A torrent without bytes: each block is stood for by its leaf hash, and whole trees are right.
struct TestTorrent: Sendable {
    static let pieceLength = 32768
    let info: TorrentInfo
    let layers: PieceLayers
    /// Leaves of each file, in v2 and hybrid torrents.
    private let leaves: [[MerkleHash]]

    var pieceCount: Int { info.layout.pieceCount }
    var full: PieceSet { PieceSetFactory.full(pieceCount) }

    /// - Parameter blocks: length of each file in blocks; the last block of each is short.
    init(_ format: TorrentFormat, blocks: [Int], isPrivate: Bool = false) throws {
        let perPiece = Self.pieceLength / PieceLayout.blockLength
        var files: [HashedFile] = []
        for (number, count) in blocks.enumerated() {
            let row = (0..<count).map { Self.hash([UInt8(number), UInt8($0 >> 8), UInt8($0 & 255)]) }
            let length = Int64(count) * 16384 - 100
            let layer = stride(from: 0, to: count, by: perPiece).map { start in
                MerkleTree.root(of: row[start..<min(start + perPiece, count)], level: 0, width: perPiece)
            }
            let width = 1 << MerkleTree.treeHeight(blocks: Int64(layer.count))
            let isLong = count > perPiece
            let root =
                isLong
                ? MerkleTree.root(of: layer, level: 1, width: width)
                : MerkleTree.root(of: row, level: 0, width: 1 << MerkleTree.treeHeight(blocks: Int64(count)))
            files.append(
                HashedFile(
                    path: blocks.count == 1 ? ["sample"] : ["file\(number)"], length: length,
                    root: format.hasV2 ? root : nil, pieceLayer: format.hasV2 && isLong ? layer : [],
                    v1Pieces: format == .hybrid ? [UInt8](repeating: 1, count: 20 * layer.count) : []))
        }
        let total = files.reduce(0) { $0 + $1.length }
        let pieces = Int((total + Int64(Self.pieceLength) - 1) / Int64(Self.pieceLength))
        var builder = TorrentBuilder(
            name: "sample", pieceLength: Self.pieceLength, format: format, files: files,
            pieces: format == .v1 ? [UInt8](repeating: 1, count: 20 * pieces) : [])
        builder.isPrivate = isPrivate
        let torrent = try builder.build()
        info = torrent.info
        layers = torrent.pieceLayers
        var leaves = [[MerkleHash]](repeating: [], count: torrent.info.files.count)
        // Padding files of hybrids stand between the others.
        for (index, file) in torrent.info.files.enumerated() where !file.isPadding {
            guard let number = files.firstIndex(where: { $0.path == file.path || torrent.info.files.count == 1 }) else {
                continue
            }
            leaves[index] = (0..<blocks[number]).map {
                Self.hash([UInt8(number), UInt8($0 >> 8), UInt8($0 & 255)])
            }
        }
        self.leaves = leaves
    }

    func leaves(of file: FileIndex) -> [MerkleHash] { leaves[file.rawValue] }

    /// What a good block of a piece hashes to.
    func hash(_ piece: PieceIndex, _ block: Int) -> MerkleHash {
        guard info.format.hasV2, let file = info.layout.file(of: piece) else {
            return Self.hash([255, UInt8(piece.rawValue >> 8), UInt8(piece.rawValue & 255), UInt8(block)])
        }
        let inFile = piece.rawValue - info.layout.pieces(of: file).lowerBound
        return leaves[file.rawValue][inFile * (Self.pieceLength / PieceLayout.blockLength) + block]
    }

    static func hash(_ bytes: [UInt8]) -> MerkleHash {
        bytes.withUnsafeBytes { MerkleTree.leaf($0) }
    }

    static let badHash = hash([0xBA, 0xD0, 0, 0, 0])
}
