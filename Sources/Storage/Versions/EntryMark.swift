#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What is at a path, so that it can be told from what should be there.
enum EntryMark: Equatable {
    case nothing
    case file(FileStamp)
    /// With what it points to.
    case link(String)
    case folder
    /// A device, a pipe, or something that cannot be looked at.
    case other

    /// Links are not followed.
    init(_ entry: AtomicRename.Entry) {
        var status = stat()
        guard fstatat(entry.folder.descriptor, entry.name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            self = errno == ENOENT ? .nothing : .other
            return
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: self = FileStamp(status).map { .file($0) } ?? .other
        case S_IFLNK: self = Self.target(entry).map { .link($0) } ?? .other
        case S_IFDIR: self = .folder
        default: self = .other
        }
    }

    /// Whether it is the same file, whatever was written to it since, or a link that says the same.
    func isSame(as other: EntryMark) -> Bool {
        switch (self, other) {
        case (.file(let first), .file(let second)): first.inode == second.inode
        case (.link(let first), .link(let second)): first == second
        default: false
        }
    }

    private static func target(_ entry: AtomicRename.Entry) -> String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlinkat(entry.folder.descriptor, entry.name, &buffer, buffer.count)
        guard count > 0, count < buffer.count else { return nil }
        return String(validating: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
