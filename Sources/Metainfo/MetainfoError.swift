import Bencode

/// Why a torrent cannot be read or made.
public enum MetainfoError: Error, Equatable, Sendable {
    /// Not bencoding, or not in canonical order where BEP 52 demands it.
    case bencoding(BencodeError)
    /// The file or the info dictionary is no dictionary.
    case notDictionary
    /// A key that must be there is missing or of the wrong type.
    case missing(String)
    /// A key has a value that makes no sense.
    case invalid(String)
    /// A `meta version` other than 2.
    case unsupportedVersion(Int64)
    /// A piece length that the format does not allow.
    case invalidPieceLength(Int64)
    /// More than the supported number of pieces, files or bytes.
    case tooLarge(String)
    /// The torrent holds no bytes at all.
    case empty
    /// A hybrid whose v1 and v2 halves describe different files.
    case inconsistentHalves
    /// A piece layer of the wrong size, or one that does not fold to its root.
    case invalidPieceLayer(root: MerkleHash)
    /// The info dictionary does not have the hash that was asked for.
    case hashMismatch
    /// A path that another computer could not create or that would leave the folder.
    case unsafePath([String])
    /// Two files with the same path, or a file where a folder is.
    case duplicatePath([String])
    /// Files that are not in file-tree order where BEP 52 demands it.
    case unorderedFiles
}

extension MetainfoError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .bencoding(let error): "not a valid torrent: \(error)"
        case .notDictionary: "not a torrent"
        case .missing(let key): "the torrent has no valid \"\(key)\""
        case .invalid(let key): "the torrent has an invalid \"\(key)\""
        case .unsupportedVersion(let version): "unsupported torrent version \(version)"
        case .invalidPieceLength(let length): "invalid piece length \(length)"
        case .tooLarge(let what): "the torrent has too many \(what)"
        case .empty: "the torrent holds no data: all its files are empty"
        case .inconsistentHalves: "the v1 and v2 parts of the hybrid torrent describe different files"
        case .invalidPieceLayer(let root): "the piece hashes of the file with root \(root) are wrong"
        case .hashMismatch: "the torrent does not have the expected info-hash"
        case .unsafePath(let path): "unsafe file name \"\(path.joined(separator: "/"))\""
        case .duplicatePath(let path): "more than one file is named \"\(path.joined(separator: "/"))\""
        case .unorderedFiles: "the files are not in file-tree order"
        }
    }
}
