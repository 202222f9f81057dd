import Metainfo

/// Content on this computer that a new version can be made of: the version that a follower has, or what is already
/// there of one that it was about to have.
public struct VersionSource: Sendable {
    public var torrent: Torrent
    /// The content is at `directory/rootName`.
    public var directory: String
    public var rootName: String
    /// One for each file of `torrent.info.files`: as it was when its content was known. A file with another stamp was
    /// changed by somebody since. Nil where nothing is known, and for padding.
    public var stamps: [FileStamp?]
    /// The same as it is now: `ResumeRecord.stamps(of:directory:rootName:)` looks.
    public var found: [FileStamp?]
    /// The pieces that are there; nil for all.
    public var verified: PieceSet?

    public init(
        torrent: Torrent, directory: String, rootName: String, stamps: [FileStamp?], found: [FileStamp?],
        verified: PieceSet? = nil
    ) {
        self.torrent = torrent
        self.directory = directory
        self.rootName = rootName
        self.stamps = stamps
        self.found = found
        self.verified = verified
    }

    func stamp(of file: FileIndex) -> FileStamp? {
        stamps.indices.contains(file.rawValue) ? stamps[file.rawValue] : nil
    }

    func foundStamp(of file: FileIndex) -> FileStamp? {
        found.indices.contains(file.rawValue) ? found[file.rawValue] : nil
    }

    /// Whether nobody has changed a file since its content was known.
    func isUnchanged(_ file: FileIndex) -> Bool {
        guard let stamp = stamp(of: file), torrent.info.files.indices.contains(file.rawValue) else { return false }
        return stamp == foundStamp(of: file) && stamp.size == torrent.info.files[file.rawValue].length
    }

    /// Whether a file is there unchanged and with all its pieces.
    func isWhole(_ file: FileIndex) -> Bool {
        guard isUnchanged(file) else { return false }
        guard let verified else { return true }
        return torrent.info.layout.pieces(of: file).allSatisfy { verified.contains(PieceIndex($0)) }
    }
}

extension TorrentInfo {
    /// Where a file is below the directory if the torrent's own name is another one there.
    func place(of file: FileIndex, rootName: String) -> [String] {
        var components = relativePath(of: file)
        if !components.isEmpty { components[0] = rootName }
        return components
    }
}
