import Metainfo

/// A new torrent, and what a host needs to serve the files that it was made of.
public struct CreatedTorrent: Sendable {
    public let torrent: Torrent
    /// The folder in which ``rootName`` lies; absolute.
    public let directory: String
    /// The file or folder on disk that the torrent was made of. The torrent is called the same, unless
    /// it was to have another name.
    public let rootName: String
    /// One for each file of `torrent.info.files`, as it was when it was hashed; nil for padding.
    public let stamps: [FileStamp?]
    public let omitted: [OmittedEntry]
    /// How many bytes had to be read and hashed; 0 if all was known from before.
    public let hashedBytes: Int64
    /// What a ``ShareCache`` remembers of it; nil for one that was not made by it.
    var memory: ShareCache.Memory?

    init(torrent: Torrent, scan: FolderScan, hashedBytes: Int64) {
        self.torrent = torrent
        directory = scan.parent
        rootName = scan.name
        omitted = scan.omitted
        self.hashedBytes = hashedBytes
        var files = scan.files.makeIterator()
        stamps = torrent.info.files.map { $0.isPadding ? nil : files.next()?.stamp }
    }

    /// What is remembered of an earlier run, without a look at the files.
    init(remembered memory: ShareCache.Memory, path: String) {
        self.memory = memory
        torrent = memory.record.torrent
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        directory = slash == path.startIndex ? "/" : String(path[..<slash])
        rootName = String(path[slash...].dropFirst())
        omitted = []
        hashedBytes = 0
        var files = memory.record.files.makeIterator()
        stamps = torrent.info.files.map { $0.isPadding ? nil : files.next()?.stamp }
    }
}
