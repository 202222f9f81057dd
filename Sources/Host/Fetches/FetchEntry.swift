import Metainfo

/// What is remembered of something that this host fetches, or has fetched and serves.
struct FetchEntry: Codable, Sendable {
    /// The host and share that it comes from by name.
    struct Origin: Codable, Sendable, Equatable {
        var host: String
        var share: String
        /// The owner's key, hexadecimal: versions signed by another are not the same share's.
        var key: String
        /// What tells the share from the owner's others.
        var shareID: [UInt8]
        /// `HOST:PORT` of the owner when it was last spoken to.
        var addresses: [String]
    }

    var id: String
    /// Absolute.
    var directory: String
    /// What it is called in the folder, if not by the torrent's name.
    var rootName: String?
    var magnet: String
    var patterns: [String]
    var peers: [String]
    var origin: Origin?
    /// Whether new versions are fetched as they come.
    var follow: Bool
    /// It is followed up to one version and then no more.
    var once: Bool?
    /// The version that is whole at its place; 0 for none.
    var version: Int64
    var isPaused: Bool
    /// Everything wanted was there once.
    var isComplete: Bool
    /// The signed version that it was begun with, bencoded; of a share by name.
    var signed: [UInt8]?
    /// Verified and wanted bytes when it was paused: what is shown until it goes on.
    var done: Int64?
    var total: Int64?
}

/// What to fetch, as the control API takes it: a link, a torrent, or a share of a host by name.
public struct FetchOrder: Codable, Sendable {
    public var magnet: String?
    /// The bytes of a .torrent file, base64.
    public var torrent: String?
    /// A host's name, key or address.
    public var host: String?
    public var share: String?
    /// A file or folder in the share.
    public var path: String?
    /// The folder that the result goes to; absolute.
    public var to: String
    /// Shell patterns of the files to fetch; all if there are none.
    public var select: [String]?
    /// `HOST:PORT` of hosts to ask.
    public var peers: [String]?
    public var follow: Bool?

    public init(to: String) {
        self.to = to
    }
}

/// A fetch cannot begin.
public struct FetchError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: Sendable, Equatable {
        case notFound, invalid, conflict, failed
    }

    public let kind: Kind
    public let description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
