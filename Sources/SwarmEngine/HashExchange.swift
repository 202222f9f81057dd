import Metainfo
import PeerWire

/// The Merkle trees of a BEP 52 torrent's files: which piece hashes are proven, and which must be asked of peers.
struct HashExchange {
    /// The trees of files longer than a piece, whose piece layers have to be proven.
    private var trees: [FileIndex: FileHashTree] = [:]
    private var info: TorrentInfo?
    private var filesByRoot: [MerkleHash: FileIndex] = [:]
    /// Further files with the root of an earlier one: equal content.
    private var twins: [MerkleHash: [FileIndex]] = [:]
    /// Files whose piece layer is not known yet, in file order.
    private(set) var missing: [FileIndex] = []
    private var asked: [HashRequest: (of: PeerKey, at: Instant)] = [:]
    private static let answerTime = TimeSpan.seconds(10)

    mutating func load(_ info: TorrentInfo, layers: PieceLayers) {
        self.info = info
        filesByRoot.reserveCapacity(info.files.count)
        for (index, file) in info.files.enumerated() {
            guard let root = file.piecesRoot, file.length > 0 else { continue }
            if file.length > Int64(info.pieceLength) {
                var tree = FileHashTree(root: root, fileLength: file.length, pieceLength: info.pieceLength)
                if let layer = layers[root] {
                    _ = tree.insertPieceLayer(layer)
                } else if filesByRoot[root] == nil {
                    missing.append(FileIndex(index))
                }
                trees[FileIndex(index)] = tree
            }
            if filesByRoot[root] == nil {
                filesByRoot[root] = FileIndex(index)
            } else {
                twins[root, default: []].append(FileIndex(index))
            }
        }
    }

    /// What is proven of a file's tree. That of a small file is nothing but its root, and is not kept: there can be a
    /// hundred thousand of them.
    func tree(of file: FileIndex) -> FileHashTree? {
        if let tree = trees[file] { return tree }
        guard let info, info.files.indices.contains(file.rawValue) else { return nil }
        let (root, length) = (info.files[file.rawValue].piecesRoot, info.files[file.rawValue].length)
        guard let root, length > 0 else { return nil }
        return FileHashTree(root: root, fileLength: length, pieceLength: info.pieceLength)
    }

    /// The first file with that root.
    func file(of root: MerkleHash) -> FileIndex? { filesByRoot[root] }

    /// The other files with that root.
    func twins(of root: MerkleHash) -> [FileIndex] { twins[root] ?? [] }

    /// What to ask of a peer next, if anything is missing that nobody is being asked for and that it did not refuse.
    mutating func nextRequest(
        for peer: PeerKey, except refused: [HashRequest: Instant] = [:], now: Instant
    ) -> HashRequest? {
        for file in missing {
            guard let tree = trees[file] else { continue }
            for range in tree.missingPieceRanges {
                let request = Self.pieceLayerRequest(tree, index: range.index, length: range.length)
                if let pending = asked[request], now - pending.at < Self.answerTime { continue }
                if refused[request] != nil { continue }
                asked[request] = (peer, now)
                return request
            }
        }
        return nil
    }

    enum Outcome: Equatable {
        case proven
        /// The whole layer of this file is known now.
        case fileComplete(FileIndex)
        case wrong
    }

    mutating func receive(_ request: HashRequest, _ hashes: [MerkleHash]) -> Outcome {
        asked[request] = nil
        guard let file = filesByRoot[request.root], var tree = trees.removeValue(forKey: file) ?? tree(of: file) else {
            return .wrong
        }
        defer { if tree.hasPieceLayer { trees[file] = tree } }
        guard
            tree.verify(
                baseLayer: request.baseLayer, index: request.index, length: request.length,
                proofLayers: request.proofLayers, hashes: hashes)
        else { return .wrong }
        guard request.baseLayer == tree.pieceLevel, tree.pieceLayer != nil, let place = missing.firstIndex(of: file)
        else { return .proven }
        missing.remove(at: place)
        return .fileComplete(file)
    }

    /// Gives a file the piece layer of another one with equal content.
    mutating func share(_ layer: [MerkleHash], with file: FileIndex) {
        _ = trees[file]?.insertPieceLayer(layer)
    }

    mutating func release(_ request: HashRequest) { asked[request] = nil }

    mutating func release(peer: PeerKey) {
        asked = asked.filter { $0.value.of != peer }
    }

    /// Requests that prove the leaves of one piece, in ranges of at most 512 (BEP 52).
    func leafRequests(for piece: Int, in file: FileIndex) -> [HashRequest] {
        guard let tree = tree(of: file) else { return [] }
        let blocksPerPiece = 1 << tree.pieceLevel
        // A file smaller than a piece has a tree of its own, smaller size.
        let width = min(blocksPerPiece, 1 << tree.height)
        guard width >= 2 else { return [] }
        let length = min(width, 512)
        let depth = length.trailingZeroBitCount
        let treeDepth = width.trailingZeroBitCount
        let proof = treeDepth > depth ? treeDepth - 1 : 0
        return stride(from: 0, to: width, by: length).compactMap { offset in
            let index = piece * blocksPerPiece + offset
            guard index < tree.blockCount else { return nil }
            return HashRequest(
                root: tree.root, baseLayer: 0, index: index, length: length, proofLayers: proof)
        }
    }

    private static func pieceLayerRequest(_ tree: FileHashTree, index: Int, length: Int) -> HashRequest {
        HashRequest(
            root: tree.root, baseLayer: tree.pieceLevel, index: index, length: length,
            proofLayers: tree.proofLayers(forBase: tree.pieceLevel))
    }
}
