import Metainfo

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A shared folder into which strangers put files: where these are put together unseen, and how each gets its place.
///
/// A file comes into being in a hidden folder within the share, so on the same file system, and gets its name by one
/// rename that replaces nothing. Folders are opened one below the other and through no link. All methods block.
public struct InboxFolder: Sendable {
    /// What the hidden folder is called. It is never shared nor watched, and is there only while something is in it.
    public static let stagingName = ".duplex-uploads"
    /// Names that are tried for a file whose own is taken.
    private static let maximumNumber = 10_000

    /// Absolute.
    public let path: String

    public init(path: String) {
        self.path = path
    }

    /// Begins a file under a name by which ``reopen(_:)`` finds it: letters and digits.
    public func stage(_ name: String) throws(StorageError) -> StagedFile {
        let root = try openRoot()
        for attempt in 0..<3 {
            if mkdirat(root.descriptor, Self.stagingName, 0o700) != 0, errno != EEXIST {
                throw StorageError(errno: errno, path: path)
            }
            do throws(StorageError) {
                let flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
                return try StagedFile(name, in: try Self.open(Self.stagingName, in: root), flags)
            } catch {
                // Whoever was ready just then has removed the empty folder.
                guard error.kind == .missing, attempt < 2 else { throw error }
            }
        }
        throw StorageError(kind: .missing, path: path)
    }

    /// A file that was begun before, with what is in it.
    public func reopen(_ name: String) throws(StorageError) -> StagedFile {
        try StagedFile(
            name, in: try Self.open(Self.stagingName, in: try openRoot()), O_RDWR | O_CLOEXEC | O_NOFOLLOW)
    }

    /// Bytes that this user may still write there; nil if that cannot be known.
    public func freeBytes() -> Int64? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return overflow ? .max : Int64(clamping: bytes)
    }

    /// Gives a file its place below this folder and makes the folders on the way. If its name is taken, it gets a number.
    ///
    /// - Returns: the path that it has now.
    /// - Throws: `StorageError`; of kind `unsafePath` or `occupied` where a file or a link stands in place of a folder.
    public func place(_ file: StagedFile, at components: [String]) throws(StorageError) -> [String] {
        guard let wanted = components.last, components.allSatisfy({ PathSafety.isSafe($0) }) else {
            throw StorageError(kind: .unsafePath, path: path)
        }
        let root = try openRoot()
        var folder = root
        for name in components.dropLast() { folder = try Self.openOrMake(name, in: folder) }
        try file.synchronize()
        for number in 1...Self.maximumNumber {
            let name = PathSafety.numbered(wanted, number)
            if try AtomicRename.move(file.entry, to: AtomicRename.Entry(folder: folder, name: name)) {
                fsync(folder.descriptor)
                removeStagingIfEmpty(root)
                return components.dropLast() + [name]
            }
        }
        throw StorageError(kind: .occupied, path: folder.path + "/" + wanted)
    }

    /// Removes a file that will not be finished.
    public func discard(_ file: StagedFile) {
        file.remove()
        if let root = try? openRoot() { removeStagingIfEmpty(root) }
    }

    /// Removes what an earlier run left and nobody has touched for a while, in seconds, except for these names.
    public func sweep(olderThan age: Int64, keeping kept: Set<String>, now: Int64) {
        guard let root = try? openRoot(), let folder = try? Self.open(Self.stagingName, in: root) else { return }
        for entry in FolderEntries.read(folder.descriptor) where !entry.isFolder && !kept.contains(entry.name) {
            guard let time = FileTime.modified(folder.path + "/" + entry.name), time < now - age else { continue }
            unlinkat(folder.descriptor, entry.name, 0)
        }
        removeStagingIfEmpty(root)
    }

    // MARK: Folders

    private func removeStagingIfEmpty(_ root: OpenFile) {
        unlinkat(root.descriptor, Self.stagingName, AT_REMOVEDIR)
    }

    private func openRoot() throws(StorageError) -> OpenFile {
        let descriptor = openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StorageError(errno: errno, path: path) }
        return OpenFile(descriptor: descriptor, isWritable: false, path: path)
    }

    private static func open(_ name: String, in parent: OpenFile) throws(StorageError) -> OpenFile {
        let path = parent.path + "/" + name
        let descriptor = openat(parent.descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw StorageError(errno: errno, path: path) }
        return OpenFile(descriptor: descriptor, isWritable: false, path: path)
    }

    private static func openOrMake(_ name: String, in parent: OpenFile) throws(StorageError) -> OpenFile {
        if mkdirat(parent.descriptor, name, 0o777) != 0, errno != EEXIST {
            throw StorageError(errno: errno, path: parent.path + "/" + name)
        }
        return try open(name, in: parent)
    }
}
