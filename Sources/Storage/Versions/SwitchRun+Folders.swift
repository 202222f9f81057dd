#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

// Folders that come as a whole: where nothing is yet one rename does for all that is below, as for the whole share when
// it is fetched for the first time.
extension SwitchRun {
    /// Moves the outermost folder on the way to a file that is not at its place yet, if there is one and it holds files
    /// of the new version and nothing else. All others come one by one.
    ///
    /// - Returns: whether the file is at its place with such a folder.
    func placeFolder(of file: SwitchJournal.Entry) throws(StorageError) -> Bool {
        let path = file.path.dropLast()
        if let movedFolder, path.starts(with: movedFolder) { return true }
        guard path != lastFolder else { return false }
        lastFolder = path
        for count in stride(from: 1, through: path.count, by: 1) {
            let place = path.prefix(count)
            guard let name = place.last, let above = try target.folder(place.dropLast()) else { return false }
            let goal = Entry(folder: above, name: name)
            let found = EntryMark(goal)
            if found == .folder { continue }
            guard found == .nothing, let folder = try staged.folder(place.dropLast()) else { return false }
            let entry = Entry(folder: folder, name: name)
            guard try isWholeAndSaved(entry, place) else { return false }
            try step()
            guard try AtomicRename.move(entry, to: goal) else { return false }
            touched.insert(Array(place.dropLast()))
            movedFolder = place
            // What was open below is at its place now. Nothing may take it for the staging folder.
            staged.reset()
            target.reset()
            return true
        }
        return false
    }

    /// Whether a folder of the staging folder holds nothing but what belongs there. Its names are on the disk then, so
    /// that no power cut leaves a folder at its place that lacks some.
    private func isWholeAndSaved(_ entry: Entry, _ path: ArraySlice<String>) throws(StorageError) -> Bool {
        guard let expected = newFolders.contents[path] else { return false }
        let descriptor = FolderEntries.open(entry.name, in: entry.folder.descriptor)
        guard descriptor >= 0 else { return false }
        let folder = OpenFile(descriptor: descriptor, isWritable: false, path: entry.path)
        for below in FolderEntries.read(descriptor) {
            let inner = Entry(folder: folder, name: below.name)
            switch expected[below.name] {
            case .folder?: guard try isWholeAndSaved(inner, path + [below.name]) else { return false }
            // After an earlier run it can be what was in the place of the new one.
            case let mark?: guard EntryMark(inner).isSame(as: mark) else { return false }
            case nil: return false
            }
        }
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw folder.error(errno) }
        return true
    }
}

/// The folders of a version, with the names in them.
struct SwitchFolders {
    private(set) var contents: [ArraySlice<String>: [String: EntryMark]] = [:]

    init(_ files: [SwitchJournal.Entry]) {
        for file in files {
            var path = file.path[...]
            var mark = file.mark
            while let name = path.popLast() {
                let isKnown = contents[path] != nil
                contents[path, default: [:]][name] = mark
                // Then all above it are known too.
                if isKnown { break }
                mark = .folder
            }
        }
    }
}
