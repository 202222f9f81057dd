#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Renames that never lose what is at the new name.
enum AtomicRename {
    /// A name in an open folder.
    struct Entry {
        let folder: OpenFile
        let name: String

        var path: String { folder.path + "/" + name }
    }

    /// Renames unless something is at the new name already; false if so.
    static func move(_ old: Entry, to new: Entry) throws(StorageError) -> Bool {
        if rename(old, new, noReplace) == 0 { return true }
        switch errno {
        case EEXIST: return false
        case EINVAL, ENOSYS, ENOTSUP: return try moveOverPlaceholder(old, to: new)
        default: throw StorageError(errno: errno, path: old.path)
        }
    }

    /// Lets two entries change places; false if this file system cannot do that.
    static func exchange(_ first: Entry, _ second: Entry) throws(StorageError) -> Bool {
        if rename(first, second, exchange) == 0 { return true }
        switch errno {
        case EINVAL, ENOSYS, ENOTSUP: return false
        default: throw StorageError(errno: errno, path: second.path)
        }
    }

    /// Where the system cannot: an empty entry of our own at the new name, which is then renamed over.
    private static func moveOverPlaceholder(_ old: Entry, to new: Entry) throws(StorageError) -> Bool {
        var status = stat()
        guard fstatat(old.folder.descriptor, old.name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            throw StorageError(errno: errno, path: old.path)
        }
        let isFolder = status.st_mode & S_IFMT == S_IFDIR
        if isFolder {
            guard mkdirat(new.folder.descriptor, new.name, 0o700) == 0 else { return try taken(new) }
        } else {
            let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
            let descriptor = openat(new.folder.descriptor, new.name, flags, 0o600)
            guard descriptor >= 0 else { return try taken(new) }
            close(descriptor)
        }
        guard renameat(old.folder.descriptor, old.name, new.folder.descriptor, new.name) == 0 else {
            let code = errno
            unlinkat(new.folder.descriptor, new.name, isFolder ? AT_REMOVEDIR : 0)
            // Somebody has put something into our empty folder.
            if isFolder, code == ENOTEMPTY || code == EEXIST { return false }
            throw StorageError(errno: code, path: old.path)
        }
        return true
    }

    private static func taken(_ entry: Entry) throws(StorageError) -> Bool {
        guard errno == EEXIST else { throw StorageError(errno: errno, path: entry.path) }
        return false
    }

    // MARK: - System calls

    private static func rename(_ old: Entry, _ new: Entry, _ flags: UInt32) -> Int32 {
        guard let call else {
            errno = ENOSYS
            return -1
        }
        return call(old.folder.descriptor, old.name, new.folder.descriptor, new.name, flags)
    }

    private typealias Call =
        @convention(c) @Sendable (
            Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32
        ) -> Int32

    #if canImport(Darwin)
        private static let noReplace = UInt32(RENAME_EXCL)
        private static let exchange = UInt32(RENAME_SWAP)
        private static let call: Call? = { renameatx_np($0, $1, $2, $3, $4) }
    #else
        private static let noReplace: UInt32 = 1
        private static let exchange: UInt32 = 2
        /// Glibc has it, but its module does not show it.
        private static let call: Call? = dlsym(nil, "renameat2").map { unsafeBitCast($0, to: Call.self) }
    #endif
}
