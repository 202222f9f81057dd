#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// One run of a ``VersionSwitch``: what goes away, what comes, and what must not be lost on the way.
final class SwitchRun {
    typealias Entry = AtomicRename.Entry

    let journal: SwitchJournal
    /// The user's side, and the staging folder.
    let target: FolderCursor
    let staged: FolderCursor
    let step: () throws(StorageError) -> Void
    /// Folders whose names changed, by path.
    var touched: Set<[String]> = []
    private let oldMarks: [[String]: EntryMark]
    /// What the version has in each of its folders.
    private(set) lazy var newFolders = SwitchFolders(journal.new)
    /// The folder that ``placeFolder(of:)`` looked at last.
    var lastFolder: ArraySlice<String> = []
    /// The one that it has moved last.
    var movedFolder: ArraySlice<String>?
    let keptList: KeptList

    init(_ version: VersionSwitch, step: @escaping () throws(StorageError) -> Void) throws(StorageError) {
        journal = version.journal
        target = try FolderCursor(version.directory)
        staged = try FolderCursor(version.stagingPath)
        keptList = KeptList(path: version.stagingPath + "/.duplex-kept")
        self.step = step
        // What an earlier run renamed may not be saved yet.
        if version.isResumed { touched = Set((journal.new + journal.old).map { Array($0.path.dropLast()) }) }
        oldMarks = Dictionary(journal.old.map { ($0.path, $0.mark) }) { first, _ in first }
    }

    /// Folders are saved once each, however many files changed in them.
    func synchronize() throws(StorageError) {
        for path in touched.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            guard let folder = try target.folder(path[...]) else { continue }
            // Some file systems cannot synchronise a folder; the renames are then as safe as they get.
            guard fsync(folder.descriptor) == 0 || errno == EINVAL else { throw folder.error(errno) }
        }
    }

    /// In this run and in those before that were cut short.
    func keptFiles() -> [VersionSwitchResult.KeptFile] {
        keptList.files { path in
            guard let name = path.last, let folder = try? target.folder(path.dropLast()) else { return false }
            return EntryMark(Entry(folder: folder, name: name)) != .nothing
        }
    }

    // MARK: - What comes

    func placeNewFiles() throws(StorageError) {
        for file in journal.new {
            if try placeFolder(of: file) { continue }
            guard let name = file.path.last, let folder = try staged.folder(file.path.dropLast()) else { continue }
            let entry = Entry(folder: folder, name: name)
            // If it is not there any more, or something else is, it is in place since an earlier run.
            if EntryMark(entry).isSame(as: file.mark) { try place(entry, file) }
            try save(leftIn: entry, file)
        }
    }

    private static let attempts = 100

    private func place(_ entry: Entry, _ file: SwitchJournal.Entry) throws(StorageError) {
        for _ in 0..<Self.attempts {
            let folder = try makeFolder(file.path.dropLast())
            let goal = Entry(folder: folder, name: entry.name)
            let found = EntryMark(goal)
            if found.isSame(as: file.mark) {
                // The same file by another name: it stays as it is.
                try step()
                return try remove(entry)
            }
            touched.insert(Array(file.path.dropLast()))
            try step()
            switch found {
            case .nothing:
                if try AtomicRename.move(entry, to: goal) { return }
            case .folder:
                // One that holds nothing is nobody's.
                if unlinkat(folder.descriptor, goal.name, AT_REMOVEDIR) == 0 { continue }
                try keepBeside(goal, path: file.path, folder: folder)
                target.reset()
            default:
                if try AtomicRename.exchange(entry, goal) { return }
                guard found == oldMark(file.path) else {
                    try keepBeside(goal, path: file.path, folder: folder)
                    continue
                }
                guard renameat(entry.folder.descriptor, entry.name, folder.descriptor, goal.name) == 0 else {
                    throw StorageError(errno: errno, path: goal.path)
                }
                return
            }
        }
        throw StorageError(kind: .occupied, path: target.directory + "/" + file.path.joined(separator: "/"))
    }

    /// What is in the staging folder after a file was put into place was in that place before.
    private func save(leftIn entry: Entry, _ file: SwitchJournal.Entry) throws(StorageError) {
        let found = EntryMark(entry)
        guard found != .nothing, !found.isSame(as: file.mark), found != oldMark(file.path) else { return }
        try keepBeside(entry, path: file.path, folder: try makeFolder(file.path.dropLast()))
    }

    private func oldMark(_ path: [String]) -> EntryMark? {
        guard let mark = oldMarks[path], mark != .nothing else { return nil }
        return mark
    }

    func remove(_ entry: Entry) throws(StorageError) {
        guard unlinkat(entry.folder.descriptor, entry.name, 0) == 0 || errno == ENOENT else {
            throw StorageError(errno: errno, path: entry.path)
        }
    }

    /// A folder of the new version. What is in its place and no folder, such as a link, is kept beside.
    func makeFolder(_ path: ArraySlice<String>) throws(StorageError) -> OpenFile {
        try target.folder(path) { parent, path, error throws(StorageError) in
            let name = path.last ?? ""
            switch error.kind {
            case .missing:
                break
            case .unsafePath:
                try step()
                try keepBeside(Entry(folder: parent, name: name), path: Array(path), folder: parent)
            default:
                throw error
            }
            try step()
            guard mkdirat(parent.descriptor, name, 0o777) == 0 || errno == EEXIST else {
                throw StorageError(errno: errno, path: error.path)
            }
            touched.insert(Array(path.dropLast()))
        }
    }
}
