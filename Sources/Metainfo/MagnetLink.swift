/// A magnet link (BEP 9, BEP 53): the names of a torrent and where to find peers.
public struct MagnetLink: Sendable, Equatable {
    /// The longest link accepted, in bytes.
    public static let maximumLength = 64 << 10
    /// The most trackers, web seeds and peers accepted, each; further ones are left out.
    public static let maximumAddressCount = 256

    /// `xt`: the v1 and v2 info-hashes.
    public var hashes: InfoHashes
    /// `dn`: the name to show until the info dictionary is there, made safe.
    public var name: String?
    /// `tr`
    public var trackers: [String]
    /// `ws`
    public var webSeeds: [String]
    /// `x.pe`: `host:port` or `[v6%zone]:port`, as written.
    public var peers: [String]
    /// `so`: the files to fetch, counted from zero without padding; nil for all. Ascending, not touching each other.
    public var selectedFiles: [ClosedRange<Int>]?

    public init(
        hashes: InfoHashes, name: String? = nil, trackers: [String] = [], webSeeds: [String] = [], peers: [String] = [],
        selectedFiles: [ClosedRange<Int>]? = nil
    ) {
        self.hashes = hashes
        self.name = name
        self.trackers = trackers
        self.webSeeds = webSeeds
        self.peers = peers
        self.selectedFiles = selectedFiles
    }
}

/// Why a text is no usable magnet link.
public enum MagnetError: Error, Equatable, Sendable {
    /// It does not start with `magnet:?`.
    case notMagnet
    case tooLong
    /// There is no `btih` or `btmh` topic.
    case missingHash
    /// A `btih` or `btmh` topic that is no info-hash.
    case invalidHash(String)
    /// Two different info-hashes of the same kind.
    case conflictingHashes
    /// An `so` that is no list of file numbers.
    case invalidSelection(String)
}

extension MagnetError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notMagnet: "not a magnet link"
        case .tooLong: "the magnet link is too long"
        case .missingHash: "the magnet link has no info-hash"
        case .invalidHash(let text): "the magnet link has an invalid info-hash: \(text)"
        case .conflictingHashes: "the magnet link has different info-hashes of the same kind"
        case .invalidSelection(let text): "the magnet link has an invalid file selection: \(text)"
        }
    }
}
