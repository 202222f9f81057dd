import Metainfo
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

// How files and folders are opened: one component after the other, none through a link.
extension ContentFolder {
    // MARK: - Files

    /// The file, opened now or before.
    ///
    /// - Parameter writable: opens for writing as well, and creates a file that was not there yet at its full length.
    func open(_ file: FileIndex, writable: Bool) throws(StorageError) -> OpenFile {
        let key = FileTable.Key(store: number, item: .file(file.rawValue))
        if let known = table.file(key, writable: writable) { return known }
        try checkOpen()
        guard info.files.indices.contains(file.rawValue) else {
            throw StorageError(kind: .invalid("the torrent has no file \(file.rawValue)"), path: directory)
        }
        let opened = try writable ? openForWriting(file) : openForReading(file)
        table.insert(opened, key)
        return opened
    }

    /// The file, if it is open now.
    func opened(_ file: FileIndex) -> OpenFile? {
        table.file(FileTable.Key(store: number, item: .file(file.rawValue)), writable: false)
    }

    private func openForReading(_ file: FileIndex) throws(StorageError) -> OpenFile {
        let components = components(of: file)
        let folder = try openFolder(components.dropLast(), create: false)
        let opened = try openat(folder, components, O_RDONLY)
        _ = try regularStatus(of: opened)
        markSeen(file)
        return opened
    }

    private func openForWriting(_ file: FileIndex) throws(StorageError) -> OpenFile {
        let entry = info.files[file.rawValue]
        let components = components(of: file)
        let wasSeen = state.withLock { $0.seen[file.rawValue] }
        let folder = try openFolder(components.dropLast(), create: !wasSeen)
        let opened: OpenFile
        do throws(StorageError) {
            if separatesLinks { try separate(file, folder, components) }
            opened = try openat(folder, components, O_RDWR)
        } catch {
            guard error.kind == .missing, !wasSeen else { throw error }
            opened = try openat(folder, components, O_RDWR | O_CREAT, mode: entry.isExecutable ? 0o777 : 0o666)
            markUnsaved(folder: components.dropLast())
        }
        let size = Int64(try regularStatus(of: opened).st_size)
        // A longer file is something else of the same name. It is not ours to cut.
        guard size <= entry.length else { throw StorageError(kind: .occupied, path: opened.path) }
        if size < entry.length {
            guard ftruncate(opened.descriptor, off_t(entry.length)) == 0 else { throw opened.error(errno) }
            markUnsaved(.file(file.rawValue))
        }
        markSeen(file)
        return opened
    }

    /// The side file that holds what boundary pieces contain of files nobody asked for, by offset in piece space.
    func openSpill(writable: Bool) throws(StorageError) -> OpenFile {
        let key = FileTable.Key(store: number, item: .spill)
        if let known = table.file(key, writable: writable) { return known }
        try checkOpen()
        guard let spill else {
            throw StorageError(kind: .invalid("there is no place for parts of files not asked for"), path: directory)
        }
        let wasSeen = state.withLock { $0.spillSeen }
        let flags = writable ? O_RDWR | (wasSeen ? 0 : O_CREAT) : O_RDONLY
        let descriptor = retrying { Self.open(spill, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600) }
        guard descriptor >= 0 else { throw StorageError(errno: errno, path: spill) }
        let opened = OpenFile(descriptor: descriptor, isWritable: writable, path: spill)
        _ = try regularStatus(of: opened)
        state.withLock { $0.spillSeen = true }
        table.insert(opened, key)
        return opened
    }

    /// Whether the open file still has a name; one without is gone as soon as it is closed.
    func checkLinked(_ file: OpenFile) throws(StorageError) {
        guard try file.status().st_nlink > 0 else {
            table.removeAll(store: number)
            throw StorageError(kind: .missing, path: file.path)
        }
    }

    // MARK: - Folders

    /// The folder of these components below the directory, none for the directory itself.
    func openFolder(_ components: ArraySlice<String>, create: Bool) throws(StorageError) -> OpenFile {
        let key = FileTable.Key(store: number, item: .folder(components.joined(separator: "/")))
        if let known = table.file(key, writable: false) { return known }
        try checkOpen()
        let opened: OpenFile
        if let name = components.last {
            let parent = try openFolder(components.dropLast(), create: create)
            opened = try openFolder(name, in: parent, create: create, path: path(components)) {
                markUnsaved(folder: components.dropLast())
            }
        } else {
            opened = try openDirectory()
        }
        table.insert(opened, key)
        return opened
    }

    private func openFolder(
        _ name: String, in parent: OpenFile, create: Bool, path: String, created: () -> Void
    ) throws(StorageError) -> OpenFile {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        var descriptor = retrying { Self.openat(parent.descriptor, name, flags, 0) }
        if descriptor < 0 && errno == ENOENT && create {
            if mkdirat(parent.descriptor, name, 0o777) == 0 {
                created()
            } else if errno != EEXIST {
                throw StorageError(errno: errno, path: path)
            }
            descriptor = retrying { Self.openat(parent.descriptor, name, flags, 0) }
        }
        guard descriptor >= 0 else { throw StorageError(errno: errno, path: path) }
        return OpenFile(descriptor: descriptor, isWritable: false, path: path)
    }

    /// The directory the user named. It may be reached through links, but must stay the same one: an empty mount point
    /// where a disk was is not a place to go on writing.
    private func openDirectory() throws(StorageError) -> OpenFile {
        let descriptor = retrying { Self.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0) }
        guard descriptor >= 0 else { throw StorageError(errno: errno, path: directory) }
        let opened = OpenFile(descriptor: descriptor, isWritable: false, path: directory)
        let status = try opened.status()
        let identity = Identity(device: UInt64(truncatingIfNeeded: status.st_dev), inode: UInt64(status.st_ino))
        let isSame = state.withLock { state in
            if state.root == nil { state.root = identity }
            return state.root == identity
        }
        guard isSame else { throw StorageError(kind: .missing, path: directory) }
        return opened
    }

    // MARK: - System calls

    private func checkOpen() throws(StorageError) {
        if state.withLock({ $0.isClosed }) { throw StorageError(kind: .closed, path: directory) }
    }

    func openat(
        _ folder: OpenFile, _ components: [String], _ flags: Int32, mode: mode_t = 0
    ) throws(StorageError) -> OpenFile {
        let name = components.last ?? ""
        // O_NONBLOCK: a FIFO in the way must not hold the worker; for regular files it has no effect.
        let all = flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
        let descriptor = retrying { Self.openat(folder.descriptor, name, all, mode) }
        guard descriptor >= 0 else { throw StorageError(errno: errno, path: path(components[...])) }
        return OpenFile(descriptor: descriptor, isWritable: flags & O_ACCMODE == O_RDWR, path: path(components[...]))
    }

    func regularStatus(of file: OpenFile) throws(StorageError) -> stat {
        let status = try file.status()
        guard status.st_mode & S_IFMT == S_IFREG else { throw StorageError(kind: .occupied, path: file.path) }
        return status
    }

    /// Makes room and tries once more when too many files are open.
    private func retrying(_ call: () -> Int32) -> Int32 {
        var result = call()
        while result < 0 && errno == EINTR { result = call() }
        if result < 0 && (errno == EMFILE || errno == ENFILE) {
            table.shrink()
            result = call()
        }
        return result
    }

    // The names of the C functions are those of methods here.
    private static func open(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
        #if canImport(Darwin)
            Darwin.open(path, flags, mode)
        #else
            Glibc.open(path, flags, mode)
        #endif
    }

    private static func openat(_ folder: Int32, _ name: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
        #if canImport(Darwin)
            Darwin.openat(folder, name, flags, mode)
        #else
            Glibc.openat(folder, name, flags, mode)
        #endif
    }
}
