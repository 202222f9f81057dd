import Metainfo

extension PieceHashes {
    /// Takes over the hashes of files that an earlier torrent describes.
    mutating func copy(_ files: [Int: FileIndex], from torrent: Torrent, plan: HashPlan) {
        let info = torrent.info
        for (file, known) in files {
            let first = plan.firstPieces[file]
            let count = plan.firstPieces[file + 1] - first
            for (offset, piece) in info.layout.pieces(of: known).prefix(count).enumerated() {
                let piece = PieceIndex(piece)
                if let hash = torrent.pieceLayers.pieceHash(piece, in: info) { hashes[first + offset] = hash }
                guard let digest = info.pieceHashV1(piece), !digestsV1.isEmpty else { continue }
                digestsV1.replaceSubrange((first + offset) * 20..<(first + offset + 1) * 20, with: digest)
            }
        }
    }
}
