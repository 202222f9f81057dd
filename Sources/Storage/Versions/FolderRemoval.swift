#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Removes a folder with all that is in it, following no link.
enum FolderRemoval {
    /// - Parameter last: an entry that goes after all others, so that it tells whether all of them are gone.
    static func remove(_ name: String, in parent: OpenFile, last: String? = nil) throws(StorageError) {
        let path = parent.path + "/" + name
        let descriptor = FolderEntries.open(name, in: parent.descriptor)
        guard descriptor >= 0 else {
            if errno == ENOENT { return }
            throw StorageError(errno: errno, path: path)
        }
        let folder = OpenFile(descriptor: descriptor, isWritable: false, path: path)
        for entry in FolderEntries.read(descriptor).map(\.name) where entry != last {
            if unlinkat(descriptor, entry, 0) == 0 || errno == ENOENT { continue }
            guard errno == EISDIR || errno == EPERM else { throw StorageError(errno: errno, path: path + "/" + entry) }
            try remove(entry, in: folder)
        }
        if let last, unlinkat(descriptor, last, 0) != 0, errno != ENOENT {
            throw StorageError(errno: errno, path: path + "/" + last)
        }
        guard unlinkat(parent.descriptor, name, AT_REMOVEDIR) == 0 || errno == ENOENT else {
            throw StorageError(errno: errno, path: path)
        }
    }
}
