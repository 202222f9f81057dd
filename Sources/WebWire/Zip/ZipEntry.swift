import Metainfo

/// A file or an empty folder that goes into an archive.
public struct ZipEntry: Sendable, Equatable {
    /// Path components within the archive.
    public var path: [String]
    /// Size in bytes; 0 for folders.
    public var length: Int64
    public var modified: HTTPDate
    public var isFolder: Bool
    /// The checksum of the content, where it is known already.
    public var crc32: UInt32?

    public init(path: [String], length: Int64, modified: HTTPDate, isFolder: Bool = false, crc32: UInt32? = nil) {
        self.path = path
        self.length = isFolder ? 0 : length
        self.modified = modified
        self.isFolder = isFolder
        self.crc32 = crc32
    }
}

/// Why entries cannot become an archive.
public enum ZipLayoutError: Error, Equatable, Sendable {
    /// A path of more than 65,535 bytes, or none at all.
    case invalidPath(entry: Int)
    /// A length below zero, or more bytes in all than 2^62.
    case invalidLength(entry: Int)
}
