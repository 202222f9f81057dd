import Metainfo

/// The address of a web seed (BEP 19), and from it those of a torrent's files.
public struct WebSeedURL: Sendable {
    public let base: HTTPURL
    private let info: TorrentInfo

    /// - Throws: ``HTTPURLError`` for what is no address, and for `ftp` and the like, which BEP 19 lets a client ignore.
    public init(parsing text: String, of info: TorrentInfo) throws(HTTPURLError) {
        base = try HTTPURL(parsing: text)
        self.info = info
    }

    /// Where a file is: the address itself for a single file, unless it ends in a slash; else the torrent's name and the
    /// file's path below it. Nil for a file that the torrent does not have.
    public func url(of file: FileIndex) -> HTTPURL? {
        let path = info.relativePath(of: file)
        guard !path.isEmpty else { return nil }
        return info.isSingleFile && !base.isFolder ? base : base.appending(path)
    }
}
