import Metainfo

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension ContentFolder {
    /// Creates what holds no bytes (empty files, links between files of the torrent) and checks that the others are
    /// there with exactly their length and their executable bit.
    func finish() throws(StorageError) {
        for (number, entry) in info.files.enumerated() where !entry.isPadding && isWanted(FileIndex(number)) {
            let file = FileIndex(number)
            if let target = entry.symlinkTarget {
                try makeLink(file, to: target)
            } else if entry.length == 0 {
                let opened = try open(file, writable: true)
                try setExecutable(entry, opened, try opened.status())
            } else {
                try finish(file, entry)
            }
        }
    }

    private func finish(_ file: FileIndex, _ entry: TorrentFile) throws(StorageError) {
        let components = components(of: file)
        let folder = try openFolder(components.dropLast(), create: false)
        var status = stat()
        guard fstatat(folder.descriptor, components.last ?? "", &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            throw StorageError(errno: errno, path: path(of: file))
        }
        guard status.st_mode & S_IFMT == S_IFREG, Int64(status.st_size) <= entry.length else {
            throw StorageError(kind: .occupied, path: path(of: file))
        }
        guard Int64(status.st_size) == entry.length else {
            throw StorageError(kind: .changed, path: path(of: file))
        }
        // Opening 10,000 files again for a bit that is already as it should be would cost more than the rest.
        if entry.isExecutable && status.st_mode & 0o100 == 0 {
            // The mode too belongs to all names of a file.
            try setExecutable(entry, try open(file, writable: separatesLinks), status)
        }
    }

    private func setExecutable(_ entry: TorrentFile, _ file: OpenFile, _ status: stat) throws(StorageError) {
        guard entry.isExecutable, status.st_mode & 0o100 == 0 else { return }
        // Whoever may read it may run it.
        let mode = status.st_mode & 0o7777 | (status.st_mode & 0o444) >> 2
        guard fchmod(file.descriptor, mode) == 0 else { throw file.error(errno) }
    }

    /// A link of BEP 47: relative, and only to a place inside of the same torrent.
    private func makeLink(_ file: FileIndex, to target: [String]) throws(StorageError) {
        let components = components(of: file)
        guard components.count > 1, let name = components.last, !target.isEmpty else { return }
        guard !target.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." || $0.utf8.contains(UInt8(ascii: "/")) })
        else { return }
        let folder = try openFolder(components.dropLast(), create: true)
        let text = Self.linkText(place: components, target: target)
        guard symlinkat(text, folder.descriptor, name) == 0 || errno == EEXIST else {
            throw StorageError(errno: errno, path: path(of: file))
        }
        markUnsaved(folder: components.dropLast())
    }

    /// What a link of a file says.
    static func linkText(place: [String], target: [String]) -> String {
        (Array(repeating: "..", count: max(0, place.count - 2)) + target).joined(separator: "/")
    }

    /// For each file what tells whether it was changed; nil for padding, links, files not wanted and files not there.
    func stamps() -> [FileStamp?] {
        info.files.indices.map { number in
            let entry = info.files[number]
            let file = FileIndex(number)
            guard !entry.isPadding, entry.symlinkTarget == nil, isWanted(file) else { return nil }
            let components = components(of: file)
            guard let folder = try? openFolder(components.dropLast(), create: false), let name = components.last
            else { return nil }
            var status = stat()
            guard fstatat(folder.descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0,
                status.st_mode & S_IFMT == S_IFREG
            else { return nil }
            markSeen(file)
            return FileStamp(status)
        }
    }
}
