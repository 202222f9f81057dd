/// The number of a piece within a torrent, counted from zero.
public struct PieceIndex: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: Int

    @inlinable
    public init(rawValue: Int) { self.rawValue = rawValue }
    @inlinable
    public init(_ value: Int) { rawValue = value }

    public var description: String { "\(rawValue)" }
    @inlinable
    public static func < (first: Self, second: Self) -> Bool { first.rawValue < second.rawValue }
}

/// The number of a file within ``TorrentInfo/files``, counted from zero, padding included.
public struct FileIndex: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: Int

    public init(rawValue: Int) { self.rawValue = rawValue }
    public init(_ value: Int) { rawValue = value }

    public var description: String { "\(rawValue)" }
    public static func < (first: Self, second: Self) -> Bool { first.rawValue < second.rawValue }
}
