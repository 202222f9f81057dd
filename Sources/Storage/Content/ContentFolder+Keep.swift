import Metainfo

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

// What its user has changed is the user's. It is not written to: it gets another name, and a copy takes its place.
extension ContentFolder {
    /// Renames a file to a free name beside its place, and leaves a copy there: much of it may still be good.
    ///
    /// - Returns: the path of what is kept.
    func keepBeside(_ file: FileIndex) throws(StorageError) -> String {
        let components = components(of: file)
        let folder = try openFolder(components.dropLast(), create: false)
        let entry = AtomicRename.Entry(folder: folder, name: components.last ?? "")
        // Whoever opens it from now on must get the copy.
        if let opened = opened(file) { table.remove(FileTable.Key(store: number, item: .file(file.rawValue)), opened) }
        let date = KeptName.today()
        for attempt in 1...KeptName.attempts {
            let name = KeptName.name(entry.name, date: date, attempt: attempt, isFolder: false)
            let kept = AtomicRename.Entry(folder: folder, name: name)
            guard try AtomicRename.move(entry, to: kept) else { continue }
            markUnsaved(folder: components.dropLast())
            try copy(kept, to: file, in: folder, components)
            return kept.path
        }
        throw StorageError(kind: .occupied, path: entry.path)
    }

    private func copy(
        _ kept: AtomicRename.Entry, to file: FileIndex, in folder: OpenFile, _ components: [String]
    ) throws(StorageError) {
        let original = try openat(folder, components.dropLast() + [kept.name], O_RDONLY)
        let mode = try regularStatus(of: original).st_mode & 0o777 | 0o600
        let copy = try openat(folder, components, O_RDWR | O_CREAT | O_EXCL, mode: mode)
        // What is beyond the end of the torrent's file is the user's alone.
        try FileCopy.copy(original, to: copy, limit: info.files[file.rawValue].length)
        markSeen(file)
        markUnsaved(.file(file.rawValue))
    }
}

extension ContentStore {
    /// Gives a file that its user has changed another name beside its place, and leaves a copy to be completed. Blocks.
    ///
    /// - Returns: the path of what is kept.
    public func keepBeside(_ file: FileIndex) throws(StorageError) -> String { try folder.keepBeside(file) }
}
