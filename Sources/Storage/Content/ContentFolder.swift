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
    let spill: String?
    /// Whether a file that has other names too gets its own copy before it is written to.
    let separatesLinks: Bool
    let table: FileTable
    let number = FileTable.makeStoreNumber()
    let state: Mutex<State>

    struct State {
        var isClosed = false
        var root: Identity?
        var seen: [Bool]
        /// A file that was at its place when that was last looked at.
        var lastFound: Int?
        var spillSeen = false
        var unsavedFiles: Set<FileTable.Item> = []
        var unsavedFolders: Set<String> = []
        /// Files that were given a copy of their own.
        var separated: Set<Int> = []
    }

    /// So that two workers do not both make a copy of the same file.
    let separating = Mutex(())

    /// So that nobody takes for saved what another is still saving.
    let saving = Mutex(())

    struct Identity: Equatable {
        let device: UInt64
        let inode: UInt64
    }

    init(
        info: TorrentInfo, directory: String, rootName: String?, wanted: Set<FileIndex>?, spill: String?,
        separatesLinks: Bool = false, table: FileTable
    ) {
        self.info = info
        self.directory = directory
        self.rootName = rootName
        self.wanted = wanted
        self.spill = spill
        self.separatesLinks = separatesLinks
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

    func path(_ components: ArraySlice<String>) -> String {
        components.isEmpty ? directory : directory + "/" + components.joined(separator: "/")
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
}
