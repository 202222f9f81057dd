import Metainfo

/// Where each file of a new version comes from, and which files of the old one go away. Only compares; touches nothing.
///
/// Files are the same if their hash trees have the same root and they have the same length (BEP 52). Between two
/// versions of which one is v1 alone, nothing but the bytes can tell.
public struct VersionPlan: Sendable, Equatable {
    /// A file of one of the sources.
    public struct SourceFile: Sendable, Hashable {
        public let source: Int
        public let file: FileIndex
    }

    public enum Origin: Sendable, Equatable {
        /// The same file at the same path, unchanged.
        case kept(SourceFile)
        /// The same file from another path or from another source.
        case moved(SourceFile)
        /// The same file, which is used at another path too: each gets its own.
        case copied(SourceFile)
        /// A file at the same path that the new one shares these pieces with, or had before somebody changed it.
        case base(SourceFile, pieces: [PieceIndex])
        /// A file at the same path with the same length, which may be the same.
        case likely(SourceFile)
        /// Nothing of it is here.
        case fetched
    }

    /// One for each file of the new version; nil for padding, and for links, which are made when all is there.
    public let origins: [Origin?]
    /// The files of the first source whose paths the new version does not have.
    public let removed: [FileIndex]

    /// - Parameters:
    ///   - sources: the version that the follower has comes first.
    ///   - layers: those of the new version as far as they are known. Without, a changed file is fetched from its
    ///     beginning; plan again once they are there.
    ///   - rootName: what the new version is called in its directory, if not by its own name.
    public init(from sources: [VersionSource], to info: TorrentInfo, layers: PieceLayers, rootName: String) {
        var index = SourceIndex(sources)
        var places: Set<[String]> = []
        var origins = [Origin?](repeating: nil, count: info.files.count)
        var open: [Int] = []
        // Those that stay come first: what is left may move.
        for (number, entry) in info.files.enumerated() where !entry.isPadding {
            let place = info.place(of: FileIndex(number), rootName: rootName)
            places.insert(place)
            if entry.symlinkTarget != nil { continue }
            if let kept = index.takeKept(entry, at: place) {
                origins[number] = .kept(kept)
            } else {
                open.append(number)
            }
        }
        for number in open {
            let file = FileIndex(number)
            let place = info.place(of: file, rootName: rootName)
            origins[number] =
                index.takeSame(info.files[number])
                ?? Self.base(of: file, in: info, layers: layers, candidates: index.files(at: place), sources)
        }
        self.origins = origins
        removed =
            sources.first.map { old in
                old.torrent.info.files.indices.map { FileIndex($0) }.filter { file in
                    !old.torrent.info.files[file.rawValue].isPadding
                        && !places.contains(old.torrent.info.place(of: file, rootName: old.rootName))
                }
            } ?? []
    }

    // MARK: - Files that differ

    private static func base(
        of file: FileIndex, in info: TorrentInfo, layers: PieceLayers, candidates: [SourceFile],
        _ sources: [VersionSource]
    ) -> Origin {
        let entry = info.files[file.rawValue]
        guard entry.length > 0 else { return .fetched }
        var best: (file: SourceFile, pieces: [PieceIndex])?
        for candidate in candidates {
            let source = sources[candidate.source]
            let old = source.torrent.info.files[candidate.file.rawValue]
            guard let found = source.foundStamp(of: candidate.file) else { continue }
            guard entry.piecesRoot != nil, old.piecesRoot != nil else {
                if found.size == entry.length { return .likely(candidate) }
                continue
            }
            let pieces = sharedPieces(file, info, layers, candidate.file, source)
            if pieces.count > best?.pieces.count ?? 0 { best = (candidate, pieces) }
        }
        return best.map { .base($0.file, pieces: $0.pieces) } ?? .fetched
    }

    private static func sharedPieces(
        _ file: FileIndex, _ info: TorrentInfo, _ layers: PieceLayers, _ oldFile: FileIndex, _ source: VersionSource
    ) -> [PieceIndex] {
        let old = source.torrent.info
        let first = info.layout.pieces(of: file).lowerBound
        let oldFirst = old.layout.pieces(of: oldFile).lowerBound
        func isThere(_ number: Int) -> Bool { source.verified?.contains(PieceIndex(oldFirst + number)) ?? true }

        let entry = info.files[file.rawValue]
        let oldEntry = old.files[oldFile.rawValue]
        guard old.pieceLength == info.pieceLength else { return [] }
        if entry.piecesRoot == oldEntry.piecesRoot, entry.length == oldEntry.length {
            // Somebody changed it, or not all of it came: what is left of it is good.
            return (0..<info.layout.pieces(of: file).count).filter(isThere).map { PieceIndex(first + $0) }
        }
        guard let root = entry.piecesRoot, let oldRoot = oldEntry.piecesRoot, let layer = layers[root],
            let oldLayer = source.torrent.pieceLayers[oldRoot]
        else { return [] }
        return zip(layer, oldLayer).enumerated().compactMap { number, hashes in
            hashes.0 == hashes.1 && isThere(number) ? PieceIndex(first + number) : nil
        }
    }
}
