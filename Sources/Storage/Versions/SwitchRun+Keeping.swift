// What is the user's, and in the way.
extension SwitchRun {
    private static let attempts = 10_000

    /// Renames something to a name beside its place that is still free: `name (kept 2026-11-25).ext`.
    ///
    /// - Parameters:
    ///   - entry: where it is now.
    ///   - path: where it was, below the directory.
    ///   - folder: the folder of that path.
    func keepBeside(_ entry: Entry, path: [String], folder: OpenFile) throws(StorageError) {
        let isFolder = EntryMark(entry) == .folder
        for attempt in 1...Self.attempts {
            let name = Self.name(path.last ?? "", date: journal.date, attempt: attempt, isFolder: isFolder)
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

    /// File systems take 255 bytes.
    private static let maximumLength = 255

    static func name(_ name: String, date: String, attempt: Int, isFolder: Bool) -> String {
        let dot = isFolder ? nil : name.lastIndex(of: ".").flatMap { $0 == name.startIndex ? nil : $0 }
        var suffix = dot.map { String(name[$0...]) } ?? ""
        var stem = String(name[..<(dot ?? name.endIndex)])
        if suffix.utf8.count > 32 { (stem, suffix) = (name, "") }
        let addition = " (kept \(date))" + (attempt > 1 ? " \(attempt)" : "")
        while stem.utf8.count + addition.utf8.count + suffix.utf8.count > maximumLength, !stem.isEmpty {
            stem.removeLast()
        }
        return stem + addition + suffix
    }
}
