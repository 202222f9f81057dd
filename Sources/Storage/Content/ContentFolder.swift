import Metainfo
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The files of one torrent below one directory: opens and creates them, remembers which were seen and which have
/// unsaved data.
///
/// Every component is opened relative to the folder above it and without following links, so no symbolic link leads
/// outside of the directory, whoever puts it there and whenever. A file that was there once is not created again: when
/// it has vanished, so have the verified pieces in it, and an empty file in its place would hide that.
final class ContentFolder: Sendable {
    let info: TorrentInfo
    let directory: String
    private let rootName: String?
    private let wanted: Set<FileIndex>?
    private let spill: String?
    private let table: FileTable
    private let number = FileTable.makeStoreNumber()
    private let state: Mutex<State>

    private struct State {
        var isClosed = false
        var root: Identity?
        var seen: [Bool]
        var spillSeen = false
        var unsavedFiles: Set<FileTable.Item> = []
        var unsavedFolders: Set<String> = []
    }

    private struct Identity: Equatable {
        let device: UInt64
        let inode: UInt64
    }

    init(
        info: TorrentInfo, directory: String, rootName: String?, wanted: Set<FileIndex>?, spill: String?,
        table: FileTable
    ) {
        self.info = info
        self.directory = directory
        self.rootName = rootName
        self.wanted = wanted
        self.spill = spill
        self.table = table
        state = Mutex(State(seen: Array(repeating: false, count: info.files.count)))
    }

    func close() {
        state.withLock { $0.isClosed = true }
        table.removeAll(store: number)
    }

    // MARK: - Names

    func isWanted(_ file: FileIndex) -> Bool { wanted?.contains(file) ?? true }

    /// Components below the directory.
    func components(of file: FileIndex) -> [String] {
        var components = info.relativePath(of: file)
        if let rootName, !components.isEmpty { components[0] = rootName }
        return components
    }

    func path(of file: FileIndex) -> String { path(components(of: file)[...]) }

    private func path(_ components: ArraySlice<String>) -> String {
        components.isEmpty ? directory : directory + "/" + components.joined(separator: "/")
    }

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

    // MARK: - Bookkeeping

    func markSeen(_ file: FileIndex) {
        state.withLock { $0.seen[file.rawValue] = true }
    }

    func markUnsaved(_ item: FileTable.Item) {
        state.withLock { _ = $0.unsavedFiles.insert(item) }
    }

    func markUnsaved(folder: ArraySlice<String>) {
        state.withLock { _ = $0.unsavedFolders.insert(folder.joined(separator: "/")) }
    }

    /// Saves everything written since the last call. What could not be saved stays marked for the next one.
    func synchronize() throws(StorageError) {
        let (files, folders) = state.withLock { state in
            defer {
                state.unsavedFiles = []
                state.unsavedFolders = []
            }
            return (state.unsavedFiles, state.unsavedFolders)
        }
        do throws(StorageError) {
            for item in files { try save(item) }
            for folder in folders {
                let opened = try openFolder(folder.split(separator: "/").map(String.init)[...], create: false)
                guard fsync(opened.descriptor) == 0 else { throw opened.error(errno) }
            }
        } catch {
            state.withLock { state in
                state.unsavedFiles.formUnion(files)
                state.unsavedFolders.formUnion(folders)
            }
            throw error
        }
    }

    private func save(_ item: FileTable.Item) throws(StorageError) {
        // A file closed by the table meanwhile is opened again: its data is saved through any descriptor.
        let opened: OpenFile
        switch item {
        case .file(let index): opened = try open(FileIndex(index), writable: false)
        case .spill: opened = try openSpill(writable: false)
        case .folder: return
        }
        #if canImport(Darwin)
            let result = fsync(opened.descriptor)
        #else
            let result = fdatasync(opened.descriptor)
        #endif
        guard result == 0 else { throw opened.error(errno) }
        try checkLinked(opened)
    }

    // MARK: - System calls

    private func checkOpen() throws(StorageError) {
        if state.withLock({ $0.isClosed }) { throw StorageError(kind: .closed, path: directory) }
    }

    private func openat(
        _ folder: OpenFile, _ components: [String], _ flags: Int32, mode: mode_t = 0
    ) throws(StorageError) -> OpenFile {
        let name = components.last ?? ""
        // O_NONBLOCK: a FIFO in the way must not hold the worker; for regular files it has no effect.
        let all = flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
        let descriptor = retrying { Self.openat(folder.descriptor, name, all, mode) }
        guard descriptor >= 0 else { throw StorageError(errno: errno, path: path(components[...])) }
        return OpenFile(descriptor: descriptor, isWritable: flags & O_ACCMODE == O_RDWR, path: path(components[...]))
    }

    private func regularStatus(of file: OpenFile) throws(StorageError) -> stat {
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
