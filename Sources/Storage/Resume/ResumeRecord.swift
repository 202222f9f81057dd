import Metainfo

/// What is remembered of one transfer so that it can go on after any end of the process.
///
/// **When it is written.** At a clean stop, and after files became complete (a host may put several completions
/// together, a second's worth, so that 10,000 small files do not mean 10,000 records). Always in this order: write the
/// pieces, `fdatasync` the files, take the stamps, save the record. So a piece marked here is on the disk for good.
///
/// **What it proves.** A piece is trusted if it is marked and every file it touches still has the recorded stamp. After
/// `kill -9` or a power cut just the files that were being written have other stamps; they are hashed again, holes
/// skipped, which also finds the pieces that came in after the record was written. So nothing that was verified is
/// fetched again, and files that nobody touched are not read again. A file that somebody changed is hashed as well.
public struct ResumeRecord: Sendable {
    /// The exact info dictionary, the piece layers known so far, trackers and web seeds.
    public var torrent: Torrent
    /// Where the content is: `directory/rootName`.
    public var directory: String
    public var rootName: String
    /// The files that the user asked for; nil for all.
    public var wanted: Set<FileIndex>?
    /// One for each file of `torrent.info.files`; nil where there was no file, or for padding.
    public var stamps: [FileStamp?]
    /// The stamp of the side file that holds the parts of boundary pieces that belong to files nobody asked for.
    public var spillStamp: FileStamp?
    /// The verified pieces as a `bitfield` message has them (BEP 3): most significant bit first.
    public var verified: [UInt8]
    /// Payload bytes over all runs.
    public var downloaded: Int64
    public var uploaded: Int64
    /// Whether it was written by a clean stop.
    public var isClean: Bool

    public init(
        torrent: Torrent, directory: String, rootName: String, wanted: Set<FileIndex>? = nil, stamps: [FileStamp?],
        spillStamp: FileStamp? = nil, verified: [UInt8], downloaded: Int64 = 0, uploaded: Int64 = 0,
        isClean: Bool = false
    ) {
        self.torrent = torrent
        self.directory = directory
        self.rootName = rootName
        self.wanted = wanted
        self.stamps = stamps
        self.spillStamp = spillStamp
        self.verified = verified
        self.downloaded = downloaded
        self.uploaded = uploaded
        self.isClean = isClean
    }

    /// The files of a torrent as they are now, to be recorded or to be compared with a record; nil where there is none.
    public static func stamps(of info: TorrentInfo, directory: String, rootName: String) -> [FileStamp?] {
        info.files.indices.map { stamp(of: $0, info, directory: directory, rootName: rootName) }
    }

    /// Whether any file of a torrent is there. As long as one is, no more than few are looked at.
    public static func isAnythingThere(of info: TorrentInfo, directory: String, rootName: String) -> Bool {
        FileTime.exists(directory + "/" + rootName)
            && info.files.indices.contains { stamp(of: $0, info, directory: directory, rootName: rootName) != nil }
    }

    private static func stamp(
        of index: Int, _ info: TorrentInfo, directory: String, rootName: String
    ) -> FileStamp? {
        guard !info.files[index].isPadding else { return nil }
        var components = info.relativePath(of: FileIndex(index))
        if !components.isEmpty { components[0] = rootName }
        return FileStamp(path: directory + "/" + components.joined(separator: "/"))
    }
}
