#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

// What the new version does not have any more. A file is taken aside first and looked at then: so what the user changes
// at the last moment is seen.
extension SwitchRun {
    func removeOldFiles() throws(StorageError) {
        let places = Set(journal.new.map(\.path))
        var parents: Set<[String]> = []
        for (index, file) in journal.old.enumerated() {
            guard let name = file.path.last, file.mark != .nothing, !places.contains(file.path) else { continue }
            let aside = Entry(folder: try staged.folder([]) { _, _, _ in }, name: ".duplex-old-\(index)")
            try restore(aside, file)
            parents.insert(Array(file.path.dropLast()))
            guard let folder = try target.folder(file.path.dropLast()) else { continue }
            let entry = Entry(folder: folder, name: name)
            let found = EntryMark(entry)
            guard found == file.mark else {
                // The user has changed it: it stays, and is told of. A folder there may be one of the new version.
                if found != .nothing, found != .folder { try keptList.add(file.path, file.path) }
                continue
            }
            try step()
            guard try AtomicRename.move(entry, to: aside) else { continue }
            touched.insert(Array(file.path.dropLast()))
            try restore(aside, file)
        }
        try removeEmptyFolders(parents)
    }

    /// Puts back what was taken aside and is not what was meant.
    private func restore(_ aside: Entry, _ file: SwitchJournal.Entry) throws(StorageError) {
        let found = EntryMark(aside)
        guard found != .nothing, found != file.mark, let name = file.path.last else { return }
        let folder = try makeFolder(file.path.dropLast())
        touched.insert(Array(file.path.dropLast()))
        try step()
        if try AtomicRename.move(aside, to: Entry(folder: folder, name: name)) {
            return try keptList.add(file.path, file.path)
        }
        try keepBeside(aside, path: file.path, folder: folder)
    }

    /// Folders that hold nothing now and that the new version has no file in, from the innermost outwards.
    private func removeEmptyFolders(_ paths: Set<[String]>) throws(StorageError) {
        var needed: Set<[String]> = []
        for file in journal.new {
            var path = file.path.dropLast()
            while !path.isEmpty, needed.insert(Array(path)).inserted { path = path.dropLast() }
        }
        var candidates: Set<[String]> = []
        for path in paths {
            var path = path[...]
            while path.count > 1, !needed.contains(Array(path)), candidates.insert(Array(path)).inserted {
                path = path.dropLast()
            }
        }
        for path in candidates.sorted(by: { $0.count > $1.count }) {
            guard let name = path.last, let parent = try target.folder(path.dropLast()) else { continue }
            try step()
            if unlinkat(parent.descriptor, name, AT_REMOVEDIR) == 0 { touched.insert(Array(path.dropLast())) }
        }
        target.reset()
    }
}
