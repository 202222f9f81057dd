/// Gives files their offsets, one after the other: in v2 each one that is not empty begins a piece (BEP 52).
struct FilePlacement {
    let pieceLength: Int64
    let format: TorrentFormat
    private var files: [TorrentFile] = []
    private var position: Int64 = 0

    init(pieceLength: Int64, format: TorrentFormat) {
        self.pieceLength = pieceLength
        self.format = format
    }

    mutating func reserve(_ count: Int) { files.reserveCapacity(count) }

    /// - Parameter path: safe, and no other file's. The raw one counts for nothing.
    mutating func append(_ file: RawFile, path: [String]) throws(MetainfoError) {
        if format == .v2, file.length > 0 { position = InfoReader.aligned(position, to: pieceLength) }
        files.append(
            TorrentFile(
                path: path, length: file.length, offset: position, isPadding: file.attributes.isPadding,
                isExecutable: file.attributes.isExecutable, isHidden: file.attributes.isHidden,
                symlinkTarget: file.symlinkTarget.map { PathSafety.safePath($0) }, piecesRoot: file.piecesRoot))
        position += file.length
        guard position <= TorrentInfo.maximumTotalLength else { throw .tooLarge("bytes") }
    }

    /// All of them.
    func placed() throws(MetainfoError) -> [TorrentFile] {
        guard files.count <= TorrentInfo.maximumFileCount else { throw .tooLarge("files") }
        guard InfoReader.aligned(position, to: pieceLength) / pieceLength <= Int64(PieceLength.maximumPieceCount) else {
            throw .tooLarge("pieces")
        }
        return files
    }
}
