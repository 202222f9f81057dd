/// A torrent's info dictionary (BEP 3, BEP 47, BEP 52): what is hashed, and so what can be trusted once the hash
/// matches.
///
/// It keeps the exact bytes it was read from, since the info-hash is over those.
public struct TorrentInfo: Sendable {
    /// The most bytes a torrent may hold, padding included: 2^50.
    public static let maximumTotalLength: Int64 = 1 << 50
    /// The most entries `files` or the file tree may have.
    public static let maximumFileCount = 1_000_000

    /// The name, made safe; the hexadecimal info-hash if nothing usable is left of it.
    public let name: String
    /// The nominal size of a piece in bytes.
    public let pieceLength: Int
    public let format: TorrentFormat
    /// All files in the order of the piece space, the padding of v1 and hybrid torrents included.
    public let files: [TorrentFile]
    /// Whether peers may only come from the torrent's trackers (BEP 27).
    public let isPrivate: Bool
    public let hashes: InfoHashes
    /// Where the pieces lie.
    public let layout: PieceLayout
    /// Whether this is one file called ``name`` rather than a folder of files.
    ///
    /// In v2 alone BEP 52 cannot tell a folder with one file from a single file; it is a single file if the one entry
    /// of the file tree has the torrent's name.
    public let isSingleFile: Bool
    /// Bytes of all files without padding.
    public let totalSize: Int64
    /// The name by which aria2 knows a hybrid: the SHA-1 of the dictionary without the entries that have an empty key. Nil for
    /// other torrents.
    public let hashWithoutEmptyKeys: WireInfoHash?
    /// The exact bytes that are hashed.
    public let encoded: [UInt8]

    /// Where the SHA-1 hashes lie within ``encoded``.
    let piecesRange: Range<Int>?

    /// Reads an info dictionary; strict about everything that is hashed.
    public init(encoded: [UInt8]) throws(MetainfoError) {
        self = try InfoReader.read(encoded)
    }

    /// Reads an info dictionary that must have the given hashes, such as one that peers sent (BEP 9).
    ///
    /// The hashes are checked before anything is parsed.
    public init(encoded: [UInt8], expecting hashes: InfoHashes) throws(MetainfoError) {
        guard hashes.match(infoBytes: encoded) else { throw .hashMismatch }
        self = try InfoReader.read(encoded)
    }

    init(
        name: String, pieceLength: Int, format: TorrentFormat, files: [TorrentFile], isPrivate: Bool,
        hashes: InfoHashes,
        isSingleFile: Bool, encoded: [UInt8], piecesRange: Range<Int>?
    ) {
        self.name = name
        self.pieceLength = pieceLength
        self.format = format
        self.files = files
        self.isPrivate = isPrivate
        self.hashes = hashes
        self.isSingleFile = isSingleFile
        self.encoded = encoded
        self.piecesRange = piecesRange
        layout = PieceLayout(files: files, pieceLength: pieceLength, format: format)
        hashWithoutEmptyKeys = format == .hybrid ? EmptyKeys.hashWithout(encoded) : nil
        totalSize = files.reduce(0) { $1.isPadding ? $0 : $0 + $1.length }
    }

    /// The path of a file below the folder that the torrent is saved in: `[name]`, or the name followed by the file's
    /// own path. Empty for an unknown index.
    public func relativePath(of file: FileIndex) -> [String] {
        guard files.indices.contains(file.rawValue) else { return [] }
        return isSingleFile ? [name] : [name] + files[file.rawValue].path
    }

    /// All names by which others may ask for it: those of ``InfoHashes/wireHashes``, and for a hybrid that of aria2.
    public var askedNames: [WireInfoHash] { hashes.wireHashes + [hashWithoutEmptyKeys].compactMap(\.self) }

    /// The SHA-1 of a piece, 20 bytes; nil in v2 torrents and for unknown pieces.
    public func pieceHashV1(_ piece: PieceIndex) -> ArraySlice<UInt8>? {
        guard let piecesRange, piece.rawValue >= 0, piece.rawValue < piecesRange.count / InfoHashV1.byteCount else {
            return nil
        }
        let start = piecesRange.lowerBound + piece.rawValue * InfoHashV1.byteCount
        return encoded[start..<start + InfoHashV1.byteCount]
    }
}
