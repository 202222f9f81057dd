/// One file of a torrent and its place in the piece space.
public struct TorrentFile: Sendable, Equatable {
    /// Safe path components below the torrent's own folder; `[name]` in a single-file torrent.
    public let path: [String]
    /// Size in bytes; 0 for symbolic links.
    public let length: Int64
    /// Where the first byte lies in the piece space.
    public let offset: Int64
    /// Whether this is a BEP 47 padding file: zeros that are hashed but never written to disk.
    public let isPadding: Bool
    public let isExecutable: Bool
    public let isHidden: Bool
    /// For a symbolic link, the path it points to, from the torrent's own folder; safe components.
    public let symlinkTarget: [String]?
    /// The root of the file's hash tree (BEP 52); nil in v1, for empty files, padding and links.
    public let piecesRoot: MerkleHash?

    public init(
        path: [String], length: Int64, offset: Int64, isPadding: Bool = false, isExecutable: Bool = false,
        isHidden: Bool = false, symlinkTarget: [String]? = nil, piecesRoot: MerkleHash? = nil
    ) {
        self.path = path
        self.length = length
        self.offset = offset
        self.isPadding = isPadding
        self.isExecutable = isExecutable
        self.isHidden = isHidden
        self.symlinkTarget = symlinkTarget
        self.piecesRoot = piecesRoot
    }
}
