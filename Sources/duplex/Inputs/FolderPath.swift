#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Folders and paths as the user names them.
enum FolderPath {
    /// Makes the folder and those above it where they are missing.
    static func create(_ path: String) throws(CommandFailure) {
        if isFolder(path) { return }
        var end = path.startIndex
        while end < path.endIndex {
            let next = path[end...].dropFirst().firstIndex(of: "/") ?? path.endIndex
            let prefix = String(path[..<next])
            if mkdir(prefix, 0o777) != 0 {
                let code = errno
                if code != EEXIST, !isFolder(prefix) { throw failure(path, SystemText.error(code)) }
            }
            end = next
        }
        guard isFolder(path) else { throw failure(path, "a file of that name is in the way") }
    }

    /// The path from the root of the file system with links resolved; nil if nothing is there.
    static func absolute(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Whether anything is there, a link that leads nowhere included.
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Why a new file must not take the place of what is there; nil if that is nothing or a regular file.
    static func obstacle(_ path: String) -> String? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return nil
        case S_IFDIR: return "it is a folder"
        case S_IFLNK: return "it is a symbolic link"
        default: return "it is a device or a pipe, not a regular file"
        }
    }

    private static func failure(_ path: String, _ reason: String) -> CommandFailure {
        CommandFailure(
            "cannot make the folder \(VisibleText.escaped(path))", why: reason, remedy: "name another one with --to")
    }
}
