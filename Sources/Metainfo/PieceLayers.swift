/// The piece hashes of a v2 or hybrid torrent's files: `piece layers` of BEP 52, for files longer than one piece.
///
/// The info-hash does not cover them, so each layer is checked against its root before it is kept.
public struct PieceLayers: Sendable, Equatable {
    private var layers: [MerkleHash: [MerkleHash]] = [:]

    /// No layers.
    public init() {}

    /// Whether there is none.
    public var isEmpty: Bool { layers.isEmpty }

    /// The piece hashes of the file with that root, without padding.
    public subscript(root: MerkleHash) -> [MerkleHash]? { layers[root] }

    /// The roots that have a layer, in the order of a `piece layers` dictionary.
    var sortedRoots: [MerkleHash] { layers.keys.sorted() }

    /// Takes a file's layer if it has one hash for each piece and folds to the root.
    ///
    /// A file of at most one piece has no layer: for it nothing is kept, and only an empty layer or the root is right.
    public mutating func insert(
        _ layer: [MerkleHash], root: MerkleHash, fileLength: Int64, pieceLength: Int
    ) throws(MetainfoError) {
        let tree = FileHashTree(root: root, fileLength: fileLength, pieceLength: pieceLength)
        guard tree.hasPieceLayer else {
            guard layer.isEmpty || layer == [root] else { throw .invalidPieceLayer(root: root) }
            return
        }
        let width = 1 << (tree.height - tree.pieceLevel)
        guard layer.count == tree.pieceCount, !layer.contains(.zero),
            MerkleTree.root(of: layer, level: tree.pieceLevel, width: width) == root
        else { throw .invalidPieceLayer(root: root) }
        layers[root] = layer
    }

    /// Whether every file longer than one piece has its layer. True for v1 torrents.
    public func isComplete(for info: TorrentInfo) -> Bool {
        info.files.allSatisfy { file in
            guard let root = file.piecesRoot, file.length > Int64(info.pieceLength) else { return true }
            return layers[root]?.count == pieceCount(of: file, in: info)
        }
    }

    /// The v2 hash of a piece: a node of the layer, or the root for a file of at most one piece. Nil if it is not
    /// known.
    public func pieceHash(_ piece: PieceIndex, in info: TorrentInfo) -> MerkleHash? {
        guard let index = info.layout.file(of: piece) else { return nil }
        let file = info.files[index.rawValue]
        guard let root = file.piecesRoot else { return nil }
        if file.length <= Int64(info.pieceLength) { return root }
        let pieceInFile = piece.rawValue - Int(file.offset / Int64(info.pieceLength))
        guard let layer = layers[root], layer.indices.contains(pieceInFile) else { return nil }
        return layer[pieceInFile]
    }

    private func pieceCount(of file: TorrentFile, in info: TorrentInfo) -> Int {
        Int((file.length + Int64(info.pieceLength) - 1) / Int64(info.pieceLength))
    }
}
