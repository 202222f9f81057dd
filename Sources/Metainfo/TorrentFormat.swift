/// Which of the two kinds of hashes an info dictionary holds.
public enum TorrentFormat: String, Sendable, CaseIterable {
    /// SHA-1 over pieces that run across files (BEP 3).
    case v1
    /// A SHA-256 tree for each file (BEP 52).
    case v2
    /// Both over the same bytes, aligned by padding files (BEP 52, "upgrade path").
    case hybrid

    /// Whether there are SHA-1 piece hashes.
    public var hasV1: Bool { self != .v2 }
    /// Whether there are SHA-256 trees.
    public var hasV2: Bool { self != .v1 }
}
