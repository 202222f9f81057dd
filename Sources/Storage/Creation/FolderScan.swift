#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The regular files at or below a path, in the order of BEP 52's file tree: raw byte order of the names at each level,
/// depth first. Every format uses this order, so a hybrid's two halves agree.
///
/// Symbolic links are not followed, and what nobody means to share is left out (see ``OmittedEntry``). Nothing is read
/// but folders. Scanning blocks, so it belongs on a ``DiskPool``.
public struct FolderScan: Sendable, Equatable {
    /// Folders inside folders. Readers of torrents limit how deep a file tree may nest (libtorrent: 100).
    public static let maximumDepth = 90

    /// The path given, absolute, with symbolic links resolved.
    public let path: String
    /// The last component of ``path``: what the torrent is called.
    public let name: String
    /// Whether the path is a file rather than a folder.
    public let isSingleFile: Bool
    /// A single file has the one component ``name``; the files of a folder have paths relative to it.
    public let files: [ScannedFile]
    public let omitted: [OmittedEntry]

    /// Bytes.
    public var totalSize: Int64 { files.reduce(0) { $0 &+ $1.stamp.size } }

    /// - Throws: ``CreationError`` if something cannot be read or nothing is left to share.
    public init(path given: String) throws(CreationError) {
        try self.init(path: given, isCancelled: { false })
    }

    init(path given: String, isCancelled: () -> Bool) throws(CreationError) {
        let resolved = try Self.resolve(given)
        var status = stat()
        guard lstat(resolved, &status) == 0 else { throw .storage(StorageError(errno: errno, path: resolved)) }
        guard let slash = resolved.utf8.lastIndex(of: UInt8(ascii: "/")) else {
            throw .notShareable(path: given, reason: "its absolute path is unknown")
        }
        path = resolved
        name = String(resolved[resolved.utf8.index(after: slash)...])
        guard !name.isEmpty else { throw .notShareable(path: given, reason: "the root of the file system has no name") }

        switch status.st_mode & S_IFMT {
        case S_IFREG:
            guard access(resolved, R_OK) == 0 else { throw .storage(StorageError(errno: errno, path: resolved)) }
            isSingleFile = true
            files = [ScannedFile(components: [name], status: status)].compactMap(\.self)
            omitted = []
        case S_IFDIR:
            var walk = FolderWalk(root: resolved)
            try walk.run(isCancelled: isCancelled)
            guard !walk.files.isEmpty else {
                throw Self.nothingReadable(resolved, walk.omitted)
                    ?? .nothingToShare(path: resolved, omitted: walk.omitted.count)
            }
            isSingleFile = false
            files = walk.files
            omitted = walk.omitted
        default:
            throw .notShareable(path: resolved, reason: "it is neither a file nor a folder")
        }
    }

    init(path: String, name: String, isSingleFile: Bool, files: [ScannedFile], omitted: [OmittedEntry]) {
        self.path = path
        self.name = name
        self.isSingleFile = isSingleFile
        self.files = files
        self.omitted = omitted
    }

    /// The absolute path of a file of this scan.
    public func absolutePath(of file: ScannedFile) -> String {
        isSingleFile ? path : path + "/" + file.components.joined(separator: "/")
    }

    /// The absolute path with symbolic links resolved; something must be there.
    public static func resolve(_ path: String) throws(CreationError) -> String {
        guard let resolved = realpath(path, nil) else { throw .storage(StorageError(errno: errno, path: path)) }
        defer { free(resolved) }
        guard let text = String(validatingCString: resolved) else {
            throw .notShareable(path: path, reason: "its path is not text in UTF-8")
        }
        return text
    }
}

/// One regular file that a ``FolderScan`` found.
public struct ScannedFile: Sendable, Equatable {
    public let components: [String]
    public let stamp: FileStamp
    /// Whether its owner may execute it (BEP 47 attribute `x`).
    public let isExecutable: Bool

    public init(components: [String], stamp: FileStamp, isExecutable: Bool) {
        self.components = components
        self.stamp = stamp
        self.isExecutable = isExecutable
    }

    /// Nil unless it is a regular file.
    init?(components: [String], status: stat) {
        guard let stamp = FileStamp(status) else { return nil }
        self.init(components: components, stamp: stamp, isExecutable: status.st_mode & S_IXUSR != 0)
    }
}
