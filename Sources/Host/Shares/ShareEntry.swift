import Metainfo
import Storage

/// What is remembered of a share, so that it is there again when the host is.
struct ShareEntry: Codable, Sendable {
    /// Hexadecimal; tells it from other shares of this host, whatever it is called. 16 bytes.
    var id: String
    var name: String
    /// Absolute, symbolic links resolved.
    var path: String
    var scope: ShareScope
    var format: String
    /// Bytes; nil where it follows from the size.
    var pieceLength: Int?
    /// For content of a torrent that somebody else made: it does not change.
    var isFixed: Bool
    /// Whether visitors of this host's pages may put files into it; nil in records of before there was that.
    var isInbox: Bool?
    /// The signed version that was offered last, bencoded; empty before the first.
    @Packed var version: [UInt8]
    /// It is shared no more. What is shared again from the same place under the same name is the same share, so that those
    /// who follow it go on.
    var hasEnded: Bool?

    /// The folder that the file or folder at the path is in, and its name there.
    var place: (directory: String, rootName: String) {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        return (slash == path.startIndex ? "/" : String(path[..<slash]), String(path[slash...].dropFirst()))
    }

    /// How its torrents are made.
    var options: CreationOptions {
        CreationOptions(
            format: TorrentFormat(rawValue: format) ?? .hybrid, pieceLength: pieceLength,
            name: place.rootName == name ? nil : name)
    }
}

/// A share cannot be added, or is not there.
public struct ShareError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: Sendable, Equatable {
        case notFound, nameTaken, invalid
    }

    public let kind: Kind
    public let description: String
}
