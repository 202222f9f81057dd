import Metainfo

extension TorrentCreator {
    /// Puts the hashes of a finished run into a torrent.
    static func build(
        _ plan: HashPlan, _ hashes: PieceHashes, _ options: CreationOptions
    ) throws(CreationError) -> Torrent {
        let scan = plan.scan
        // By default the name of the file or folder that the user named; on disk it may be one that no torrent can carry.
        let name = PathSafety.safeComponent(Array((options.name ?? scan.name).utf8)) ?? "share"
        let files = scan.files.indices.map { index in
            hashedFile(index, path: scan.isSingleFile ? [name] : scan.files[index].components, plan, hashes)
        }
        var builder = TorrentBuilder(
            name: name, pieceLength: plan.pieceLength, format: plan.format, files: files,
            pieces: plan.format == .v1 ? hashes.digestsV1 : [], isSingleFile: scan.isSingleFile)
        builder.trackers = options.trackers
        builder.webSeeds = options.webSeeds
        builder.isPrivate = options.isPrivate
        do {
            return try builder.build()
        } catch {
            throw .metainfo(error)
        }
    }

    private static func hashedFile(
        _ index: Int, path: [String], _ plan: HashPlan, _ hashes: PieceHashes
    ) -> HashedFile {
        let file = plan.scan.files[index]
        var hashed = HashedFile(path: path, length: file.stamp.size, isExecutable: file.isExecutable)
        guard plan.format != .v1 else { return hashed }
        let pieces = plan.firstPieces[index]..<plan.firstPieces[index + 1]
        let nodes = hashes.hashes[pieces]
        if nodes.count > 1 {
            let blocksPerPiece = Int64(plan.pieceLength / PieceLayout.blockLength)
            hashed.pieceLayer = Array(nodes)
            hashed.root = MerkleTree.root(
                of: nodes, level: MerkleTree.treeHeight(blocks: blocksPerPiece), width: nodes.count.powerOfTwoAbove)
        } else {
            hashed.root = nodes.first
        }
        if plan.format == .hybrid {
            hashed.v1Pieces = Array(hashes.digestsV1[pieces.lowerBound * 20..<pieces.upperBound * 20])
        }
        return hashed
    }
}
