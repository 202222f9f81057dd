// What is the user's, and in the way.
extension SwitchRun {
    /// Renames something to a name beside its place that is still free: `name (kept 2026-11-25).ext`.
    ///
    /// - Parameters:
    ///   - entry: where it is now.
    ///   - path: where it was, below the directory.
    ///   - folder: the folder of that path.
    func keepBeside(_ entry: Entry, path: [String], folder: OpenFile) throws(StorageError) {
        let isFolder = EntryMark(entry) == .folder
        for attempt in 1...KeptName.attempts {
            let name = KeptName.name(path.last ?? "", date: journal.date, attempt: attempt, isFolder: isFolder)
            let goal = Entry(folder: folder, name: name)
            guard EntryMark(goal) == .nothing else { continue }
            // Before it is done, so that it is known after a kill.
            try keptList.add(path, Array(path.dropLast()) + [name])
            try step()
            guard try AtomicRename.move(entry, to: goal) else { continue }
            touched.insert(Array(path.dropLast()))
            return
        }
        throw StorageError(kind: .occupied, path: entry.path)
    }
}
