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

    /// Makes the torrent and reads it back by the rules for foreign ones.
    ///
    /// Names that a reader would change are refused, since nobody could then match them with the files on disk.
    public func build() throws(MetainfoError) -> Torrent {
        try PieceLength.validate(Int64(pieceLength), format: format)
        try checkPaths()
        var dictionary = BencodeDictionary()
        dictionary.set("name", .text(name))
        dictionary.set("piece length", .integer(Int64(pieceLength)))
        if isPrivate { dictionary.set("private", .integer(1)) }
        if format.hasV1 { setV1(in: &dictionary) }
        if format.hasV2 {
            dictionary.set("meta version", .integer(2))
            dictionary.set("file tree", try FileTreeBuilder(files: files).tree())
        }
        let info = try TorrentInfo(encoded: BencodeValue.dictionary(dictionary).encoded())
        return Torrent(
            info: info, pieceLayers: try layers(), trackers: trackers, webSeeds: webSeeds, comment: comment,
            createdBy: createdBy, creationDate: creationDate)
    }

    private var single: HashedFile? {
        guard files.count == 1, isSingleFile ?? (files[0].path == [name]) else { return nil }
        return files[0]
    }

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

    // MARK: The v1 half

    private func setV1(in dictionary: inout BencodeDictionary) {
        if let single {
            dictionary.set("length", .integer(single.length))
            if single.isExecutable { dictionary.set("attr", .text("x")) }
        } else {
            dictionary.set("files", .list(files.flatMap { entries($0) }))
        }
        dictionary.set("pieces", .string(format == .hybrid ? Array(files.map(\.v1Pieces).joined()) : pieces))
    }

    /// The entry of a file and, in hybrids, the padding up to the next piece, also after the last file.
    private func entries(_ file: HashedFile) -> [BencodeValue] {
        var entry = BencodeDictionary()
        if file.isExecutable { entry.set("attr", .text("x")) }
        entry.set("length", .integer(file.length))
        entry.set("path", .list(file.path.map { .text($0) }))
        let tail = file.length % Int64(pieceLength)
        // A file alone has nothing behind it to align, also when a folder is around it.
        guard format == .hybrid, files.count > 1, tail > 0 else { return [.dictionary(entry)] }

        let gap = Int64(pieceLength) - tail
        var padding = BencodeDictionary()
        padding.set("attr", .text("p"))
        padding.set("length", .integer(gap))
        padding.set("path", .list([.text(".pad"), .text("\(gap)")]))
        return [.dictionary(entry), .dictionary(padding)]
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
