import Metainfo
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

// Whether files are still where they were. What is open can be read and written long after it was deleted or moved, so
// nothing else would tell.
extension ContentFolder {
    /// Whether nothing of what was seen here is at its place any more. What cannot be told counts as there.
    ///
    /// As long as something is there it looks at one file only.
    func isGone() -> Bool {
        if let last = state.withLock({ $0.lastFound }), isThere(last) { return false }
        let seen = state.withLock { $0.seen }
        for index in seen.indices where seen[index] && isThere(index) {
            state.withLock { $0.lastFound = index }
            return false
        }
        return seen.contains(true)
    }

    private func isThere(_ index: Int) -> Bool {
        var status = stat()
        guard lstat(path(of: FileIndex(index)), &status) == 0 else { return !Self.saysAbsent(errno) }
        return status.st_mode & S_IFMT == S_IFREG
    }

    /// Closes what was deleted, so that the disk has its space back.
    ///
    /// - Parameter movedToo: whether to close also what is at another place now, or has another file in its place.
    func closeDeleted(movedToo: Bool) {
        for (key, file) in table.opened(store: number) {
            guard let status = try? file.status() else { continue }
            if status.st_nlink == 0 || (movedToo && !isAtPlace(key.item, status)) { table.remove(key, file) }
        }
    }

    private func isAtPlace(_ item: FileTable.Item, _ opened: stat) -> Bool {
        var found = stat()
        let result: Int32
        switch item {
        case .file(let index): result = lstat(path(of: FileIndex(index)), &found)
        // The directory that the user named may be reached through a link.
        case .folder(""): result = stat(directory, &found)
        case .folder(let name): result = lstat(directory + "/" + name, &found)
        case .spill: return true
        }
        guard result == 0 else { return !Self.saysAbsent(errno) }
        return found.st_dev == opened.st_dev && found.st_ino == opened.st_ino
    }

    private static func saysAbsent(_ code: Int32) -> Bool { code == ENOENT || code == ENOTDIR }
}
