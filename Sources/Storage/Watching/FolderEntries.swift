#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Reads folders one at a time, without following links.
enum FolderEntries {
    struct Entry {
        let name: String
        let isFolder: Bool
    }

    static func open(_ name: String, in parent: Int32 = AT_FDCWD) -> Int32 {
        openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }

    /// What an open folder holds, in no order; names that are not text are left out. The descriptor stays open.
    static func read(_ descriptor: Int32) -> [Entry] {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { return [] }
        guard let stream = fdopendir(copy) else {
            close(copy)
            return []
        }
        defer { closedir(stream) }
        var entries: [Entry] = []
        while let entry = readdir(stream), let offset = MemoryLayout<dirent>.offset(of: \dirent.d_name) {
            let start = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
            guard let name = String(validatingCString: start), name != ".", name != ".." else { continue }
            var kind = Int32(entry.pointee.d_type)
            // Some file systems do not say.
            if kind == Int32(DT_UNKNOWN) { kind = Self.kind(of: name, in: descriptor) }
            entries.append(Entry(name: name, isFolder: kind == Int32(DT_DIR)))
        }
        return entries
    }

    /// What the folder at a path holds; nothing if it cannot be read.
    static func read(_ path: String) -> [Entry] {
        let descriptor = open(path)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        return read(descriptor)
    }

    private static func kind(of name: String, in folder: Int32) -> Int32 {
        var status = stat()
        guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return Int32(DT_UNKNOWN) }
        return status.st_mode & S_IFMT == S_IFDIR ? Int32(DT_DIR) : Int32(DT_REG)
    }
}
