import Metainfo

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Puts a version that is whole in its staging folder into the place of the one before, losing nothing of the user's.
///
/// What it does is written down first (``SwitchJournal``), and each step tells from what is on disk whether it was done
/// already: after a kill at any moment ``run()`` goes on. What lies where a new file belongs, and is not what the
/// version before had there, is kept beside it under a name of its own. Nothing is ever overwritten: entries change
/// places, and only then it is looked at what came out. Where a file system cannot let them do so, a file that is still that
/// of the version before is renamed over: what its user saves between that look and the rename is lost. A folder that is not
/// there yet comes with one rename. All methods block.
public struct VersionSwitch: Sendable {
    let directory: String
    /// The staging folder.
    public let stagingPath: String
    let journal: SwitchJournal
    /// Whether there may have been an earlier run.
    let isResumed: Bool

    /// Of the new version.
    public var hashes: InfoHashes { journal.hashes }
    /// What the share is called in its directory.
    public var rootName: String { journal.rootName }

    /// Begins: from now on it can only be finished.
    ///
    /// To be called when `ContentStore.complete(_:)` says that it is whole, with its store closed.
    ///
    /// - Parameters:
    ///   - staging: where the new version is.
    ///   - old: the version before, nil if there is none.
    ///   - stamps: those that it is whole with.
    /// - Throws: ``StorageError/Kind/changed`` if a file in the staging folder is another one now. Then its pieces are
    ///   to be checked again. Nothing has changed.
    public static func begin(
        _ staging: VersionStaging, replacing old: VersionSource?, stamps: [FileStamp?]
    ) throws(StorageError) -> VersionSwitch {
        var new = Self.entries(staging.info, staging.rootName, stamps)
        let cursor = try FolderCursor(staging.path)
        for (index, entry) in new.enumerated() {
            guard let name = entry.path.last else { continue }
            let folder = try cursor.folder(entry.path.dropLast())
            let found = folder.map { EntryMark(AtomicRename.Entry(folder: $0, name: name)) } ?? .nothing
            if found == .nothing, case .link = entry.mark {
                // One that is not safe to make.
                new[index] = SwitchJournal.Entry(path: [], mark: .nothing)
                continue
            }
            guard found != .nothing, found == entry.mark else {
                throw StorageError(kind: .changed, path: staging.path + "/" + entry.path.joined(separator: "/"))
            }
        }
        let journal = SwitchJournal(
            hashes: staging.info.hashes, rootName: staging.rootName, date: KeptName.today(),
            old: old.map { Self.entries($0.torrent.info, $0.rootName, $0.stamps) } ?? [], new: new)
        try journal.save(in: staging.path)
        return VersionSwitch(
            directory: staging.directory, stagingPath: staging.path, journal: journal, isResumed: false)
    }

    /// The switches in a directory that were begun and not finished, such as by a process that was killed.
    public static func unfinished(in directory: String) throws(StorageError) -> [VersionSwitch] {
        var found: [VersionSwitch] = []
        for path in VersionStaging.paths(in: directory) {
            guard let journal = try SwitchJournal.load(from: path) else { continue }
            found.append(
                VersionSwitch(directory: directory, stagingPath: path, journal: journal, isResumed: true))
        }
        return found
    }

    /// Does what is left to do. It can be called again until ``finish()``, with the same result.
    public func run() throws(StorageError) -> VersionSwitchResult {
        try run { () throws(StorageError) in }
    }

    /// - Parameter step: called before each change on disk.
    func run(step: @escaping () throws(StorageError) -> Void) throws(StorageError) -> VersionSwitchResult {
        let run = try SwitchRun(self, step: step)
        try run.removeOldFiles()
        try run.placeNewFiles()
        try run.synchronize()
        let kept = run.keptFiles()
        return VersionSwitchResult(
            stamps: journal.new.map { entry in if case .file(let stamp) = entry.mark { stamp } else { nil } },
            kept: kept, removed: removed(butFor: Set(kept.map(\.path))))
    }

    /// Removes the staging folder, with what is left in it of the version before. Call it once the result is saved.
    public func finish() throws(StorageError) {
        let parent = try FolderCursor(directory).folder([]) { _, _, _ in }
        let name = stagingPath.split(separator: "/").last.map(String.init) ?? ""
        try FolderRemoval.remove(name, in: parent, last: SwitchJournal.fileName)
    }

    // MARK: - Helpers

    /// What a share that is a folder has no more; what its user had changed has stayed.
    private func removed(butFor kept: Set<String>) -> [String] {
        let here = Set(journal.new.map(\.path))
        guard here.allSatisfy({ $0.count != 1 }) else { return [] }
        return journal.old.map(\.path)
            .filter { $0.count > 1 && !here.contains($0) && !kept.contains($0.joined(separator: "/")) }
            .map { $0.dropFirst().joined(separator: "/") }.sorted(byName: { $0 })
    }

    private static func entries(
        _ info: TorrentInfo, _ rootName: String, _ stamps: [FileStamp?]
    ) -> [SwitchJournal.Entry] {
        info.files.enumerated().map { index, file in
            guard !file.isPadding else { return SwitchJournal.Entry(path: [], mark: .nothing) }
            let place = info.place(of: FileIndex(index), rootName: rootName)
            let stamp = stamps.indices.contains(index) ? stamps[index] : nil
            let mark: EntryMark
            if let target = file.symlinkTarget {
                mark = .link(ContentFolder.linkText(place: place, target: target))
            } else {
                mark = stamp.map { .file($0) } ?? .nothing
            }
            return SwitchJournal.Entry(path: place, mark: mark)
        }
    }
}

/// What came of a ``VersionSwitch``.
public struct VersionSwitchResult: Sendable, Equatable {
    /// Something of the user's that was in the way, and its new name beside. Paths below the directory.
    public struct KeptFile: Sendable, Hashable {
        public let path: String
        public let keptPath: String
    }

    /// The files of the new version as they came out of the staging folder: what has another stamp later was changed
    /// by somebody. Nil for padding and links.
    public let stamps: [FileStamp?]
    public let kept: [KeptFile]
    /// Files of the version before that the new one has no more and that are gone. Paths below the share's folder.
    public let removed: [String]
}
