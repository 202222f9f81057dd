/// The trusted part of one file's hash tree (BEP 52): what piece hashes are proven, what to ask for, what to answer.
///
/// It keeps the piece layer and what is above, never the leaves, so it takes at most 64 bytes a piece, and nothing
/// before the first hashes are proven. A node is stored only after it folded to the root.
public struct FileHashTree: Sendable {
    /// A run of nodes of one layer, as a hash request names it.
    public struct NodeRange: Hashable, Sendable {
        public let index: Int
        public let length: Int

        public init(index: Int, length: Int) {
            self.index = index
            self.length = length
        }
    }

    /// The most hashes to ask for at once (BEP 52).
    public static let maximumRequestLength = 512

    public let root: MerkleHash
    /// Size of the file in bytes.
    public let fileLength: Int64
    public let pieceLength: Int
    /// The number of 16 KiB blocks, which is the number of leaves without padding.
    public let blockCount: Int
    /// The level of the root above the leaves.
    public let height: Int
    /// The level of the piece hashes above the leaves. Higher than ``height`` in a file much smaller than a piece.
    public let pieceLevel: Int
    /// The number of pieces.
    public let pieceCount: Int

    /// The levels from ``pieceLevel`` up to below the root, without padding; zero stands for a node not yet proven.
    private var levels: [[MerkleHash]] = []
    private var provenPieceCount = 0

    /// A tree of which only the root is trusted.
    ///
    /// - Parameters:
    ///   - root: the file's `pieces root`.
    ///   - fileLength: in bytes.
    ///   - pieceLength: a power of two of at least 16 KiB.
    public init(root: MerkleHash, fileLength: Int64, pieceLength: Int) {
        let length = min(max(0, fileLength), TorrentInfo.maximumTotalLength)
        let blocks = MerkleTree.blockCount(length)
        let blocksPerPiece = max(1, pieceLength / PieceLayout.blockLength)
        self.root = root
        self.fileLength = length
        self.pieceLength = pieceLength
        blockCount = Int(blocks)
        height = MerkleTree.treeHeight(blocks: blocks)
        pieceLevel = MerkleTree.treeHeight(blocks: Int64(blocksPerPiece))
        pieceCount = (Int(blocks) + (1 << pieceLevel) - 1) >> pieceLevel
    }

    /// Whether the file is longer than a piece and so has a piece layer. Otherwise its piece hash is the root.
    public var hasPieceLayer: Bool { height > pieceLevel }

    /// All piece hashes, or nil until every one is known. For a file of one piece, the root.
    public var pieceLayer: [MerkleHash]? {
        guard hasPieceLayer else { return pieceCount == 0 ? [] : [root] }
        return provenPieceCount == pieceCount ? levels.first : nil
    }

    /// The hash of one piece, counted within the file, if it is known.
    public func pieceHash(_ pieceInFile: Int) -> MerkleHash? {
        guard pieceInFile >= 0, pieceInFile < pieceCount else { return nil }
        return hasPieceLayer ? node(level: pieceLevel, index: pieceInFile) : root
    }

    /// Takes a whole piece layer. Returns false, and keeps nothing, if it has the wrong size or does not fold to the
    /// root.
    public mutating func insertPieceLayer(_ layer: [MerkleHash]) -> Bool {
        guard hasPieceLayer else { return layer.isEmpty || layer == [root] }
        guard layer.count == pieceCount, !layer.contains(.zero) else { return false }
        var rows = [layer]
        for level in pieceLevel..<height {
            rows.append(MerkleTree.parents(of: rows[level - pieceLevel], level: level))
        }
        guard rows.removeLast() == [root] else { return false }
        levels = rows
        provenPieceCount = pieceCount
        return true
    }

    /// The runs of the piece layer in which a piece is unknown, each one a valid request: 512 hashes, and for the rest
    /// of the layer the next power of two. Ask for them at base layer ``pieceLevel`` with ``proofLayers(forBase:)``.
    public var missingPieceRanges: [NodeRange] {
        guard hasPieceLayer, provenPieceCount < pieceCount else { return [] }
        return stride(from: 0, to: pieceCount, by: Self.maximumRequestLength).compactMap { index in
            let pieces = min(Self.maximumRequestLength, pieceCount - index)
            let isComplete = (index..<index + pieces).allSatisfy { node(level: pieceLevel, index: $0) != nil }
            if isComplete { return nil }
            return NodeRange(index: index, length: max(2, 1 << MerkleTree.treeHeight(blocks: Int64(pieces))))
        }
    }

    /// The number of proof layers that reach up to the root from a base layer.
    public func proofLayers(forBase baseLayer: Int) -> Int {
        max(0, height - baseLayer - 1)
    }

    // MARK: Nodes

    /// A node at or above the piece layer, if it is trusted; padding and the root always are.
    func node(level: Int, index: Int) -> MerkleHash? {
        guard level >= 0, level <= height, index >= 0 else { return nil }
        if level == height { return index == 0 ? root : nil }
        if isPastEnd(level: level, index: index) { return MerkleTree.padHash(level) }
        guard level >= pieceLevel, level - pieceLevel < levels.count else { return nil }
        let hash = levels[level - pieceLevel][index]
        return hash == .zero ? nil : hash
    }

    func isPastEnd(level: Int, index: Int) -> Bool {
        index >= nodeCount(level: level)
    }

    /// Keeps proven nodes; those below the piece layer, padding and the root are dropped.
    mutating func store(_ nodes: [ProvenNode]) {
        guard hasPieceLayer else { return }
        if levels.isEmpty {
            levels = (pieceLevel..<height).map { Array(repeating: .zero, count: nodeCount(level: $0)) }
        }
        for node in nodes where node.level >= pieceLevel && node.level < height {
            guard !isPastEnd(level: node.level, index: node.index) else { continue }
            if node.level == pieceLevel, levels[0][node.index] == .zero { provenPieceCount += 1 }
            levels[node.level - pieceLevel][node.index] = node.hash
        }
    }

    struct ProvenNode {
        let level: Int
        let index: Int
        let hash: MerkleHash
    }

    private func nodeCount(level: Int) -> Int {
        (blockCount + (1 << level) - 1) >> level
    }
}
