import Metainfo

/// Small torrents of zeros in each format, with hashes that are right.
struct SampleTorrent: Sendable {
    let torrent: Torrent

    /// One for each format; a file of several pieces with a short end, and an empty one.
    static let all: [SampleTorrent] = TorrentFormat.allCases.compactMap { SampleTorrent(format: $0) }

    private static let pieceLength = 32768
    private static let fileLength = 5 * pieceLength + 16384 + 100

    private init?(format: TorrentFormat) {
        let leaves = Self.leaves
        let pieces = stride(from: 0, to: leaves.count, by: 2).map { start in
            MerkleTree.root(of: leaves[start..<min(start + 2, leaves.count)], level: 0, width: 2)
        }
        let count = (Self.fileLength + Self.pieceLength - 1) / Self.pieceLength
        // The engine never sees SHA-1 hashes: any will do.
        let v1 = [UInt8](repeating: 1, count: 20 * count)
        let file = HashedFile(
            path: ["zeros"], length: Int64(Self.fileLength),
            root: format == .v1 ? nil : MerkleTree.root(of: pieces, level: 1, width: 8),
            pieceLayer: format == .v1 ? [] : pieces, v1Pieces: format == .hybrid ? v1 : [])
        let builder = TorrentBuilder(
            name: "sample", pieceLength: Self.pieceLength, format: format, files: [file],
            pieces: format == .v1 ? v1 : [])
        guard let torrent = try? builder.build() else { return nil }
        self.torrent = torrent
    }

    /// Of the file of zeros.
    static let leaves: [MerkleHash] = stride(from: 0, to: fileLength, by: PieceLayout.blockLength).map { start in
        [UInt8](repeating: 0, count: min(PieceLayout.blockLength, fileLength - start))
            .withUnsafeBytes { MerkleTree.leaf($0) }
    }
}
