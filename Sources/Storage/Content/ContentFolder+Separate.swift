import Metainfo
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

// A file that has another name elsewhere is somebody else's too. It is never written to: a copy takes its place.
extension ContentFolder {
    func isSeparated(_ file: Int) -> Bool {
        state.withLock { $0.separated.contains(file) }
    }

    /// Gives a file its own copy if it has other names, which are left to whoever has them.
    ///
    /// - Throws: ``StorageError/Kind/missing`` if there is no such file yet.
    func separate(_ file: FileIndex, _ folder: OpenFile, _ components: [String]) throws(StorageError) {
        guard let name = components.last else { return }
        try separating.withLock { _ throws(StorageError) in
            var status = stat()
            guard fstatat(folder.descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                throw StorageError(errno: errno, path: path(components[...]))
            }
            guard status.st_mode & S_IFMT == S_IFREG, status.st_nlink > 1 else { return }
            let linked = try openat(folder, components, O_RDONLY)
            let temporary = name + ".duplex-part"
            unlinkat(folder.descriptor, temporary, 0)
            let copy = try openat(
                folder, components.dropLast() + [temporary], O_RDWR | O_CREAT | O_EXCL,
                mode: status.st_mode & 0o777 | 0o600)
            do throws(StorageError) {
                try FileCopy.copy(linked, to: copy, limit: info.files[file.rawValue].length)
                guard renameat(folder.descriptor, temporary, folder.descriptor, name) == 0 else {
                    throw linked.error(errno)
                }
            } catch {
                unlinkat(folder.descriptor, temporary, 0)
                throw error
            }
            state.withLock { _ = $0.separated.insert(file.rawValue) }
            markUnsaved(.file(file.rawValue))
            markUnsaved(folder: components.dropLast())
        }
    }
}
