import Metainfo
import PeerWire

/// A torrent without bytes: one file whose blocks are stood for by their hashes, and whole trees are right.
public struct SimulatedTorrent: Sendable {
    public let info: TorrentInfo
    public let layers: PieceLayers
    /// Tells this torrent's hashes from those of others.
    private let number: Int

    /// - Parameters:
    ///   - size: bytes.
    ///   - pieceLength: bytes, a power of two from 16 KiB; nil for what `duplex create` would take.
    ///   - isPrivate: whether hosts may tell each other of others (BEP 27).
    public init(
        size: Int64, pieceLength: Int? = nil, format: TorrentFormat = .v1, isPrivate: Bool = false, number: Int = 0
    ) throws(MetainfoError) {
        let pieceLength = pieceLength ?? PieceLength.suggested(forTotal: size)
        let name = "simulated-\(number)"
        let pieceCount = Int((size + Int64(pieceLength) - 1) / Int64(pieceLength))
        var file = HashedFile(path: [name], length: size)
        if format.hasV2 {
            let perPiece = pieceLength / PieceLayout.blockLength
            let blocks = Int((size + Int64(PieceLayout.blockLength) - 1) / Int64(PieceLayout.blockLength))
            let leaves = (0..<blocks).map { Self.leaf(number, $0) }
            if blocks > perPiece {
                file.pieceLayer = stride(from: 0, to: blocks, by: perPiece).map { start in
                    MerkleTree.root(of: leaves[start..<min(start + perPiece, blocks)], level: 0, width: perPiece)
                }
                file.root = MerkleTree.root(
                    of: file.pieceLayer, level: perPiece.trailingZeroBitCount,
                    width: 1 << MerkleTree.treeHeight(blocks: Int64(pieceCount)))
            } else {
                file.root = MerkleTree.root(
                    of: leaves, level: 0, width: 1 << MerkleTree.treeHeight(blocks: Int64(blocks)))
            }
        }
        // Pieces are judged by what their blocks stand for; these bytes only make the description whole.
        let digests = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 20 * pieceCount)
        if format == .hybrid { file.v1Pieces = digests }
        var builder = TorrentBuilder(
            name: name, pieceLength: pieceLength, format: format, files: [file],
            pieces: format == .v1 ? digests : [])
        builder.isPrivate = isPrivate
        let torrent = try builder.build()
        info = torrent.info
        layers = torrent.pieceLayers
        self.number = number
    }

    var pieceCount: Int { info.layout.pieceCount }
    var size: Int64 { info.files.reduce(0) { $0 + ($1.isPadding ? 0 : $1.length) } }

    /// What the good block of a piece hashes to.
    func hash(_ piece: PieceIndex, _ block: Int) -> MerkleHash {
        Self.leaf(number, piece.rawValue * (info.pieceLength / PieceLayout.blockLength) + block)
    }

    func leaf(_ block: Int) -> MerkleHash { Self.leaf(number, block) }

    /// What any bad block hashes to.
    static let badHash = MerkleTree.leaf([0xBA, 0xD0])

    private static func leaf(_ torrent: Int, _ block: Int) -> MerkleHash {
        MerkleTree.leaf(
            [torrent, block].flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) } })
    }
}

extension MerkleTree {
    fileprivate static func leaf(_ bytes: [UInt8]) -> MerkleHash { bytes.withUnsafeBytes { leaf($0) } }
}
