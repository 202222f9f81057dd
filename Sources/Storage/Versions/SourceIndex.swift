import Metainfo

/// Finds files of the sources of a ``VersionPlan`` by content and by path.
struct SourceIndex {
    private struct Content: Hashable {
        let root: MerkleHash
        let length: Int64
    }

    private let sources: [VersionSource]
    private var byContent: [Content: [VersionPlan.SourceFile]] = [:]
    private var byPlace: [[String]: [VersionPlan.SourceFile]] = [:]
    /// The inodes that a file of the new version has taken over: two that share one would change together.
    private var taken: Set<UInt64> = []

    init(_ sources: [VersionSource]) {
        self.sources = sources
        for (number, source) in sources.enumerated() {
            let info = source.torrent.info
            for (index, entry) in info.files.enumerated() where !entry.isPadding && entry.symlinkTarget == nil {
                let file = VersionPlan.SourceFile(source: number, file: FileIndex(index))
                byPlace[info.place(of: file.file, rootName: source.rootName), default: []].append(file)
                guard let root = entry.piecesRoot, source.isWhole(file.file) else { continue }
                byContent[Content(root: root, length: entry.length), default: []].append(file)
            }
        }
    }

    func files(at place: [String]) -> [VersionPlan.SourceFile] { byPlace[place] ?? [] }

    /// The file of the first source at this place, if it is the one wanted.
    mutating func takeKept(_ entry: TorrentFile, at place: [String]) -> VersionPlan.SourceFile? {
        guard let file = byPlace[place]?.first, file.source == 0 else { return nil }
        let old = sources[0].torrent.info.files[file.file.rawValue]
        guard old.length == entry.length, old.piecesRoot == entry.piecesRoot,
            entry.piecesRoot != nil || entry.length == 0, sources[0].isWhole(file.file)
        else { return nil }
        take(file)
        return file
    }

    /// A file with this content, at whatever path.
    mutating func takeSame(_ entry: TorrentFile) -> VersionPlan.Origin? {
        guard let root = entry.piecesRoot,
            let files = byContent[Content(root: root, length: entry.length)], let first = files.first
        else { return nil }
        guard let free = files.first(where: { !isTaken($0) }) else { return .copied(first) }
        take(free)
        return .moved(free)
    }

    private mutating func take(_ file: VersionPlan.SourceFile) {
        if let stamp = sources[file.source].foundStamp(of: file.file) { taken.insert(stamp.inode) }
    }

    private func isTaken(_ file: VersionPlan.SourceFile) -> Bool {
        guard let stamp = sources[file.source].foundStamp(of: file.file) else { return true }
        return taken.contains(stamp.inode)
    }
}
