import Metainfo

extension PieceHashes {
    /// Takes over the hashes of files that an earlier torrent describes.
    ///
    /// - Parameter files: for each file of the plan the one in `torrent`, or nil.
    mutating func copy(_ files: [FileIndex?], from torrent: Torrent, plan: HashPlan) {
        let info = torrent.info
        for (file, known) in files.enumerated() {
            guard let known else { continue }
            let (first, end) = (plan.firstPieces[file], plan.firstPieces[file + 1])
            if let root = info.files[known.rawValue].piecesRoot {
                let layer = end - first > 1 ? torrent.pieceLayers[root] ?? [] : [root]
                for (offset, hash) in layer.prefix(end - first).enumerated() { hashes[first + offset] = hash }
            }
            guard !digestsV1.isEmpty else { continue }
            for (piece, known) in zip(first..<end, info.layout.pieces(of: known)) {
                guard let digest = info.pieceHashV1(PieceIndex(known)) else { continue }
                for (offset, byte) in digest.enumerated() { digestsV1[piece * 20 + offset] = byte }
            }
        }
    }
}
