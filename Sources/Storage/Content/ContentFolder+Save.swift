import Metainfo
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

// Putting what was written on stable storage. Of ten thousands of small files each alone costs a commit of the file
// system, and the disk's whole delay; together they cost a few.
extension ContentFolder {
    /// Saves everything written since the last call. What could not be saved stays marked for the next one.
    func synchronize() throws(StorageError) {
        try saving.withLock { _ throws(StorageError) in
            let (files, folders) = state.withLock { state in
                defer {
                    state.unsavedFiles = []
                    state.unsavedFolders = []
                }
                return (state.unsavedFiles, state.unsavedFolders)
            }
            do throws(StorageError) {
                try save(files)
                try ParallelWaits.forEach(folders.sorted()) { [self] folder throws(StorageError) in
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
    }

    private func save(_ items: Set<FileTable.Item>) throws(StorageError) {
        if items.contains(.spill) { try save(try openSpill(writable: false)) }
        let parts = parts(of: items)
        // All are on their way before the first is waited for.
        if parts.count > 1 || (parts.first?.count ?? 0) > 1 {
            try ParallelWaits.forEach(parts) { [self] part in
                // What is wrong with them is said when they are saved.
                try? open(part) { Writeback.start($0) }
            }
        }
        try ParallelWaits.forEach(parts) { [self] part throws(StorageError) in
            try open(part) { file throws(StorageError) in try save(file) }
        }
    }

    private func save(_ file: OpenFile) throws(StorageError) {
        #if canImport(Darwin)
            let result = fsync(file.descriptor)
        #else
            let result = fdatasync(file.descriptor)
        #endif
        guard result == 0 else { throw file.error(errno) }
        try checkLinked(file)
    }

    /// A few files of one folder each, in the order of the tree.
    private func parts(of items: Set<FileTable.Item>) -> [[[String]]] {
        let files = items.compactMap { if case .file(let index) = $0 { index } else { nil } }.sorted()
        var parts: [[[String]]] = []
        for file in files {
            let components = components(of: FileIndex(file))
            if let last = parts.last, last.count < Self.partLimit, let other = last.last,
                other.dropLast() == components.dropLast()
            {
                parts[parts.count - 1].append(components)
            } else {
                parts.append([components])
            }
        }
        return parts
    }

    private static let partLimit = 32

    /// Opens files of one folder, one after the other: data is saved through any descriptor. The table does not get them,
    /// since thousands that nobody reads would drive out what is in use.
    private func open(
        _ part: [[String]], _ body: (OpenFile) throws(StorageError) -> Void
    ) throws(StorageError) {
        do throws(StorageError) {
            let folder = try openFolder(part.first?.dropLast() ?? [], create: false)
            for components in part {
                let file = try openat(folder, components, O_RDONLY)
                _ = try regularStatus(of: file)
                try body(file)
            }
        } catch {
            // Whoever has it open holds what has no name any more.
            if error.kind == .missing { table.removeAll(store: number) }
            throw error
        }
    }
}

/// Starts writing a file's data to the disk, and does not wait for it.
enum Writeback {
    static func start(_ file: OpenFile) {
        #if os(Linux)
            // SYNC_FILE_RANGE_WRITE from the beginning to the end. A hint: whether it was followed nobody needs to know.
            _ = call?(file.descriptor, 0, 0, 2)
        #endif
    }

    #if os(Linux)
        private typealias Call = @convention(c) @Sendable (Int32, Int64, Int64, UInt32) -> Int32

        /// Glibc has it, but its module does not show it.
        private static let call: Call? = dlsym(nil, "sync_file_range").map { unsafeBitCast($0, to: Call.self) }
    #endif
}
