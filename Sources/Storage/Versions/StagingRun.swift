import Metainfo

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Links and copies files into a staging folder, one after the other.
final class StagingRun {
    private let staging: VersionStaging
    private let sources: [VersionSource]
    private let target: FolderCursor
    private let origins: [FolderCursor?]
    private var stamps: [FileStamp?]
    private var trusted: PieceSet
    private var toCheck: PieceSet

    init(_ staging: VersionStaging, _ sources: [VersionSource]) throws(StorageError) {
        self.staging = staging
        self.sources = sources
        target = try FolderCursor(staging.directory)
        // What cannot be opened has nothing to give.
        origins = sources.map { try? FolderCursor($0.directory) }
        stamps = Array(repeating: nil, count: staging.info.files.count)
        trusted = PieceSet(capacity: staging.info.layout.pieceCount)
        toCheck = trusted
        _ = try folder([staging.name])
    }

    var result: StagedVersion {
        var pieces: [PieceIndex] = []
        toCheck.subtracting(trusted).forEach { pieces.append($0) }
        return StagedVersion(stamps: stamps, trusted: trusted, piecesToCheck: pieces)
    }

    func stage(_ file: FileIndex, _ origin: VersionPlan.Origin) throws(StorageError) {
        switch origin {
        case .kept(let source), .moved(let source):
            try link(file, source, isSame: true)
        case .copied(let source):
            try copy(file, source, isSame: true, pieces: nil)
        case .base(let source, let pieces):
            try copy(file, source, isSame: false, pieces: pieces)
        case .likely(let source):
            try link(file, source, isSame: false)
        case .fetched:
            // Perhaps of an earlier run.
            let place = place(of: file)
            guard let folder = try target.folder(place.dropLast()) else { return }
            if EntryMark(AtomicRename.Entry(folder: folder, name: place.last ?? "")) != .nothing { check(file) }
        }
    }

    // MARK: - One file

    /// - Parameter isSame: whether the source's stamp says that it is the file wanted.
    private func link(
        _ file: FileIndex, _ source: VersionPlan.SourceFile, isSame: Bool
    ) throws(StorageError) {
        guard let origin = try entry(of: source) else { return }
        let place = place(of: file)
        let target = AtomicRename.Entry(folder: try folder(place.dropLast()), name: place.last ?? "")
        let mark = EntryMark(origin)
        guard case .file(let stamp) = mark, !isSame || stamp == sources[source.source].stamp(of: source.file),
            stamp.size <= staging.info.files[file.rawValue].length
        else { return try stage(file, .fetched) }
        // The mode is the same for all names of a file, and must not change where the user has it.
        guard !staging.info.files[file.rawValue].isExecutable || Self.isExecutable(origin) else {
            return try copy(file, source, isSame: isSame, pieces: nil)
        }
        if linkat(origin.folder.descriptor, origin.name, target.folder.descriptor, target.name, 0) != 0 {
            switch errno {
            case EEXIST: break
            case ENOENT: return
            case ENOSPC, EDQUOT, EROFS: throw StorageError(errno: errno, path: target.path)
            // Refused by the file system or by its rules, or too many names.
            default: return try copy(file, source, isSame: isSame, pieces: nil)
            }
        }
        // What is there now, rather than what was looked at before.
        if isSame, EntryMark(target) == mark { return trust(file, stamp) }
        if case .file(let stamp) = EntryMark(target) { stamps[file.rawValue] = stamp }
        check(file)
    }

    /// - Parameter pieces: those of the new file that may be in the old one; nil for all.
    private func copy(
        _ file: FileIndex, _ source: VersionPlan.SourceFile, isSame: Bool, pieces: [PieceIndex]?
    ) throws(StorageError) {
        guard let origin = try entry(of: source), let original = try open(origin) else { return }
        let entry = staging.info.files[file.rawValue]
        let place = place(of: file)
        let folder = try folder(place.dropLast())
        let name = place.last ?? ""
        let mode = entry.isExecutable ? 0o777 : mode_t(try original.status().st_mode & 0o777 | 0o600)
        let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let descriptor = openat(folder.descriptor, name, flags, mode)
        guard descriptor >= 0 else {
            guard errno == EEXIST else { throw StorageError(errno: errno, path: folder.path + "/" + name) }
            return check(file)
        }
        let copied = OpenFile(descriptor: descriptor, isWritable: true, path: folder.path + "/" + name)
        do throws(StorageError) {
            try FileCopy.copy(original, to: copied, limit: entry.length)
            // What is not written to again nobody else would save.
            if pieces == nil || pieces?.count == staging.info.layout.pieces(of: file).count {
                guard fsync(copied.descriptor) == 0 else { throw copied.error(errno) }
            }
        } catch {
            unlinkat(folder.descriptor, name, 0)
            throw error
        }
        if isSame, FileStamp(try original.status()) == sources[source.source].stamp(of: source.file),
            let stamp = FileStamp(try copied.status())
        {
            trust(file, stamp)
        } else if let pieces {
            for piece in pieces { toCheck.insert(piece) }
        } else {
            check(file)
        }
    }

    private func trust(_ file: FileIndex, _ stamp: FileStamp) {
        stamps[file.rawValue] = stamp
        // In v1 a piece can belong to several files. There nothing is trusted before it was read.
        guard staging.info.format.hasV2 else { return check(file) }
        for piece in staging.info.layout.pieces(of: file) { trusted.insert(PieceIndex(piece)) }
    }

    private func check(_ file: FileIndex) {
        for piece in staging.info.layout.pieces(of: file) { toCheck.insert(PieceIndex(piece)) }
    }

    // MARK: - Places

    private func place(of file: FileIndex) -> [String] {
        [staging.name] + staging.info.place(of: file, rootName: staging.rootName)
    }

    private func entry(of source: VersionPlan.SourceFile) throws(StorageError) -> AtomicRename.Entry? {
        let content = sources[source.source]
        let place = content.torrent.info.place(of: source.file, rootName: content.rootName)
        guard let name = place.last, let folder = try origins[source.source]?.folder(place.dropLast()) else {
            return nil
        }
        return AtomicRename.Entry(folder: folder, name: name)
    }

    /// Nil if it cannot be read, or is no file.
    private func open(_ entry: AtomicRename.Entry) throws(StorageError) -> OpenFile? {
        let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
        let descriptor = openat(entry.folder.descriptor, entry.name, flags)
        guard descriptor >= 0 else { return nil }
        let file = OpenFile(descriptor: descriptor, isWritable: false, path: entry.path)
        return try file.status().st_mode & S_IFMT == S_IFREG ? file : nil
    }

    /// A folder below the directory, made if it is not there. The staging folder itself is the user's alone.
    private func folder(_ components: ArraySlice<String>) throws(StorageError) -> OpenFile {
        try target.folder(components) { parent, path, error throws(StorageError) in
            guard error.kind == .missing else { throw error }
            guard mkdirat(parent.descriptor, path.last ?? "", path.count == 1 ? 0o700 : 0o777) == 0 || errno == EEXIST
            else { throw StorageError(errno: errno, path: error.path) }
        }
    }

    private static func isExecutable(_ entry: AtomicRename.Entry) -> Bool {
        var status = stat()
        guard fstatat(entry.folder.descriptor, entry.name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return false }
        return status.st_mode & 0o100 != 0
    }
}
