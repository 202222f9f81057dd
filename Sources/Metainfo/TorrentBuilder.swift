import Bencode

/// Makes a torrent out of hashed files.
///
/// The info dictionary holds what the BEPs ask for and nothing more, so that equal files give the info-hash that other
/// programs compute.
public struct TorrentBuilder: Sendable {
    public var name: String
    public var pieceLength: Int
    public var format: TorrentFormat
    /// The files; in v2 and hybrid torrents in file-tree order (``HashedFile/sortedInTreeOrder(_:)``).
    public var files: [HashedFile]
    /// For v1 alone: the SHA-1 of each piece, 20 bytes each, since pieces run across files there.
    public var pieces: [UInt8]
    /// Whether the one file is the torrent rather than being in a folder called ``name``. Nil: it is if its path is the
    /// name.
    public var isSingleFile: Bool?
    public var isPrivate = false
    /// Tracker addresses in tiers (BEP 12).
    public var trackers: [[String]] = []
    public var webSeeds: [String] = []
    public var comment: String?
    public var createdBy: String?
    /// Seconds since 1970.
    public var creationDate: Int64?

    public init(
        name: String, pieceLength: Int, format: TorrentFormat, files: [HashedFile], pieces: [UInt8] = [],
        isSingleFile: Bool? = nil
    ) {
        self.name = name
        self.pieceLength = pieceLength
        self.format = format
        self.files = files
        self.pieces = pieces
        self.isSingleFile = isSingleFile
    }

    /// Makes the torrent. What it has in memory is what a reader of its bytes gets.
    ///
    /// Names that a reader would change are refused, since nobody could then match them with the files on disk.
    public func build() throws(MetainfoError) -> Torrent {
        try PieceLength.validate(Int64(pieceLength), format: format)
        try checkPaths()
        if format.hasV2 { try checkOrder() }
        let files = try placedFiles()
        let (encoded, piecesRange) = try InfoWriter.write(self, files, single: single)
        let info = TorrentInfo(
            name: name, pieceLength: pieceLength, format: format, files: files, isPrivate: isPrivate,
            hashes: InfoHashes(hashing: encoded, format: format), isSingleFile: isReadAsSingleFile, encoded: encoded,
            piecesRange: piecesRange)
        try InfoReader.check(info)
        return Torrent(
            info: info, pieceLayers: try layers(), trackers: trackers, webSeeds: webSeeds, comment: comment,
            createdBy: createdBy, creationDate: creationDate)
    }

    private var single: HashedFile? {
        guard files.count == 1, isSingleFile ?? (files[0].path == [name]) else { return nil }
        return files[0]
    }

    /// A file tree alone cannot tell a folder with one file of its own name from that file.
    private var isReadAsSingleFile: Bool { format == .v2 ? files.count == 1 && files[0].path == [name] : single != nil }

    private func checkPaths() throws(MetainfoError) {
        guard PathSafety.isSafe(name) else { throw .unsafePath([name]) }
        guard !files.isEmpty else { throw .empty }
        if isSingleFile == true, files.count != 1 || files[0].path != [name] { throw .invalid("name") }
        for file in files {
            guard !file.path.isEmpty, file.path.count <= 90, file.path.allSatisfy({ PathSafety.isSafe($0) }) else {
                throw .unsafePath(file.path)
            }
            guard file.length >= 0, file.length <= TorrentInfo.maximumTotalLength else { throw .invalid("length") }
        }
        let paths = files.map(\.path)
        // What a reader renames it would look for under the wrong name.
        for (path, renamed) in zip(paths, PathSafety.disambiguated(paths)) where path != renamed {
            throw .duplicatePath(path)
        }
    }

    private func checkOrder() throws(MetainfoError) {
        for (file, next) in zip(files, files.dropFirst()) where !HashedFile.precedes(file.path, next.path) {
            throw file.path == next.path ? .duplicatePath(file.path) : .unorderedFiles
        }
    }

    /// The files and, in hybrids, the padding up to the next piece behind each one, also the last.
    private func placedFiles() throws(MetainfoError) -> [TorrentFile] {
        var placement = FilePlacement(pieceLength: Int64(pieceLength), format: format)
        placement.reserve(format == .hybrid ? 2 * files.count : files.count)
        for file in files {
            try placement.append(
                RawFile(
                    length: file.length, attributes: .init(isExecutable: file.isExecutable),
                    piecesRoot: format.hasV2 && file.length > 0 ? file.root : nil), path: file.path)
            let tail = file.length % Int64(pieceLength)
            // A file alone has nothing behind it to align, also when a folder is around it.
            guard format == .hybrid, files.count > 1, tail > 0 else { continue }
            let gap = Int64(pieceLength) - tail
            try placement.append(
                RawFile(length: gap, attributes: .init(isPadding: true)), path: [".pad", "\(gap)"])
        }
        return try placement.placed()
    }

    private func layers() throws(MetainfoError) -> PieceLayers {
        var layers = PieceLayers()
        guard format.hasV2 else { return layers }
        for file in files {
            guard let root = file.root, file.length > 0 else { continue }
            try layers.insert(file.pieceLayer, root: root, fileLength: file.length, pieceLength: pieceLength)
        }
        return layers
    }
}
