import Bencode

/// A file with its hashes, ready to go into a torrent.
public struct HashedFile: Sendable, Equatable {
    /// Path components below the torrent's folder; `[name]` in a single-file torrent.
    public var path: [String]
    /// Size in bytes.
    public var length: Int64
    public var isExecutable: Bool
    /// The root of the hash tree (BEP 52); needed in v2 and hybrid torrents unless the file is empty.
    public var root: MerkleHash?
    /// The hash of each piece, in v2 and hybrid torrents of files longer than one piece.
    public var pieceLayer: [MerkleHash]
    /// For hybrids: the SHA-1 of each piece of this file, 20 bytes each. The last piece is hashed with zeros up to the
    /// piece length, but at its true length in a single-file torrent.
    public var v1Pieces: [UInt8]

    public init(
        path: [String], length: Int64, isExecutable: Bool = false, root: MerkleHash? = nil,
        pieceLayer: [MerkleHash] = [], v1Pieces: [UInt8] = []
    ) {
        self.path = path
        self.length = length
        self.isExecutable = isExecutable
        self.root = root
        self.pieceLayer = pieceLayer
        self.v1Pieces = v1Pieces
    }

    /// Whether `first` comes before `second` in a file tree: by the raw bytes of the components, level by level (BEP
    /// 52).
    public static func precedes(_ first: [String], _ second: [String]) -> Bool {
        first.lexicographicallyPrecedes(second) { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The files in file-tree order, the order that v2 has and hybrids must have.
    public static func sortedInTreeOrder(_ files: [HashedFile]) -> [HashedFile] {
        files.sorted { precedes($0.path, $1.path) }
    }
}
