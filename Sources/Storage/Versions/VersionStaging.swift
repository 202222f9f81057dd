import Metainfo

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The folder in which a new version is put together, beside the share: `DIRECTORY/.duplex-next-HASH/ROOTNAME`.
///
/// Files that stay or move are hard links there, so they cost nothing and can be served to others while the rest is
/// fetched. Until the switch begins nothing outside of it changes. All methods block.
public struct VersionStaging: Sendable {
    public let info: TorrentInfo
    /// Where the share is: `directory/rootName`.
    public let directory: String
    public let rootName: String

    public init(of info: TorrentInfo, in directory: String, rootName: String) {
        self.info = info
        self.directory = directory
        self.rootName = rootName
    }

    /// The staging folder: a ``ContentStore`` for the new version has this as its directory.
    public var path: String { directory + "/" + name }

    var name: String { Self.folderName(info.hashes) }

    private static func folderName(_ hashes: InfoHashes) -> String {
        OmissionRule.stagingPrefix + String((hashes.v2?.hex ?? hashes.v1?.hex ?? "").prefix(8))
    }

    /// Whether the folder is there.
    public var exists: Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Gives the new version up and removes the folder. The share is as it was.
    ///
    /// - Throws: ``StorageError/Kind/occupied`` if the switch has begun, which can only be finished.
    public func abandon() throws(StorageError) {
        var status = stat()
        guard lstat(path + "/" + SwitchJournal.fileName, &status) != 0 else {
            throw StorageError(kind: .occupied, path: path)
        }
        try FolderRemoval.remove(name, in: try FolderCursor(directory).folder([]) { _, _, _ in })
    }

    /// Gives up what a kill has left of other versions of the same share. A switch that has begun is left alone.
    ///
    /// - Parameter kept: hashes of a version that is still wanted.
    public static func abandonAll(in directory: String, rootName: String, except kept: InfoHashes?) {
        for path in paths(in: directory) {
            var status = stat()
            // Killed just when it was made, or when all but the folder was gone: whose it was nobody knows any more.
            if path != kept.map({ directory + "/" + folderName($0) }), rmdir(path) == 0 { continue }
            guard path != kept.map({ directory + "/" + folderName($0) }), lstat(path + "/" + rootName, &status) == 0,
                lstat(path + "/" + SwitchJournal.fileName, &status) != 0
            else { continue }
            let name = path.split(separator: "/").last.map(String.init) ?? ""
            try? FolderRemoval.remove(name, in: try FolderCursor(directory).folder([]) { _, _, _ in })
        }
    }

    /// The staging folders that are in a directory, by path: what to abandon or to go on with after a restart.
    public static func paths(in directory: String) -> [String] {
        FolderEntries.read(directory).filter { $0.isFolder && $0.name.hasPrefix(OmissionRule.stagingPrefix) }
            .map { directory + "/" + $0.name }
    }
}

/// What a staging folder holds once it is prepared.
public struct StagedVersion: Sendable, Equatable {
    /// The files of the new version that are whole, or that somebody else has by another name. As long as a file has
    /// its stamp, what was trusted or checked of it holds.
    public let stamps: [FileStamp?]
    /// Pieces that need no look.
    public let trusted: PieceSet
    /// Pieces that may be there, ascending: for `ContentStore.check(pieces:)`. All others are not there.
    public let piecesToCheck: [PieceIndex]

    /// The files that are no longer as they were when they were staged: their pieces are to be checked before the
    /// switch. Those that were written to meanwhile are among them.
    public func changedFiles(now: [FileStamp?]) -> [FileIndex] {
        zip(stamps, now).enumerated().filter { $1.0 != nil && $1.0 != $1.1 }.map { FileIndex($0.offset) }
    }
}
