import Bencode
import Metainfo

/// What is remembered of a folder that was hashed: the torrent, and the path and stamp of each file at that time.
struct ShareRecord: Sendable {
    struct File: Sendable {
        let components: [String]
        /// Nil if the file may have changed unnoticed and has to be hashed again.
        let stamp: FileStamp?
    }

    let isSingleFile: Bool
    /// As many, and in the same order, as the torrent has files that are not padding.
    let files: [File]
    let torrent: Torrent

    private static let version: Int64 = 1
    /// File systems take their times from a clock that advances every 10 ms or faster.
    private static let clockTick: Int64 = 20_000_000

    /// - Parameter scanTime: when the scan began, nanoseconds since 1970. A file that was written just before may be
    ///   written once more within the same tick of the file system's clock, and its stamp would not tell.
    init(scan: FolderScan, torrent: Torrent, scanTime: Int64) {
        isSingleFile = scan.isSingleFile
        self.torrent = torrent
        files = scan.files.map { file in
            let isSettled = file.stamp.modified < scanTime - Self.clockTick
            return File(components: file.components, stamp: isSettled ? file.stamp : nil)
        }
    }

    /// Whether a scan, as a torrent of this format has it, finds exactly what this one was made of.
    func matches(_ scan: FolderScan) -> Bool {
        let described = torrent.info.files.filter { !$0.isPadding }
        guard scan.isSingleFile == isSingleFile, scan.files.count == files.count, described.count == files.count else {
            return false
        }
        return zip(scan.files, zip(files, described)).allSatisfy { found, known in
            found.stamp == known.0.stamp && found.isExecutable == known.1.isExecutable
                && known.0.isAt(found.components)
        }
    }

    /// For each file of a scan the one in ``torrent`` whose hashes it has; empty if none can be taken over.
    ///
    /// Only where files are independent of each other, that is in v2 and hybrid, and pieces are cut and padded alike.
    func reusableFiles(in scan: FolderScan, format: TorrentFormat, pieceLength: Int) -> [FileIndex?] {
        let info = torrent.info
        guard format != .v1, info.format == format, info.pieceLength == pieceLength,
            scan.isSingleFile == isSingleFile, (scan.files.count > 1) == (files.count > 1),
            torrent.pieceLayers.isComplete(for: info)
        else { return [] }
        let described = info.files.indices.filter { !info.files[$0].isPadding }
        var search = Search(files)
        return scan.files.map { file in
            guard let place = search.place(of: file.components), let stamp = files[place].stamp, stamp == file.stamp,
                stamp.size == info.files[described[place]].length
            else { return nil }
            return FileIndex(described[place])
        }
    }

    /// Finds files again by their paths. Both sides have the same order, so the next one is nearly always the one that is
    /// looked for; only when a file came or went are all of them taken into a table.
    private struct Search {
        let files: [File]
        private var next = 0
        private var table: [[String]: [Int]]?

        init(_ files: [File]) {
            self.files = files
        }

        mutating func place(of components: [String]) -> Int? {
            if files.indices.contains(next), files[next].isAt(components) {
                next += 1
                return next - 1
            }
            let known = table ?? Dictionary(grouping: files.indices) { files[$0].components }
            table = known
            guard let place = known[components]?.first(where: { files[$0].isAt(components) }) else { return nil }
            next = place + 1
            return place
        }
    }
}

extension ShareRecord.File {
    /// By the bytes of the names: to a `String` two ways to write an accent are equal, to a file system they are two files.
    func isAt(_ other: [String]) -> Bool {
        components.count == other.count && zip(components, other).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }
}

extension ShareRecord {
    func encoded() -> [UInt8] {
        var dictionary = BencodeDictionary()
        dictionary.set("files", .list(files.map { .text($0.components.joined(separator: "/")) }))
        dictionary.set("single", .integer(isSingleFile ? 1 : 0))
        dictionary.set("stamps", .string(FileStamp.encode(files.map(\.stamp))))
        dictionary.set("torrent", .string(torrent.encoded()))
        dictionary.set("version", .integer(Self.version))
        return BencodeValue.dictionary(dictionary).encoded()
    }

    /// Nil if the bytes are not a record of this version that makes sense as a whole.
    init?(decoding bytes: [UInt8]) {
        guard let value = try? BencodeDecoder(mode: .strict, limits: .file).decode(bytes),
            let dictionary = value.dictionary, dictionary["version"]?.integer == Self.version,
            let paths = dictionary["files"]?.list?.map(\.text), let single = dictionary["single"]?.integer,
            let packed = dictionary["stamps"]?.bytes, let stamps = FileStamp.decode(packed, count: paths.count),
            let encoded = dictionary["torrent"]?.bytes, let torrent = try? Torrent(decoding: encoded),
            torrent.info.files.count(where: { !$0.isPadding }) == paths.count
        else { return nil }
        var files: [File] = []
        for (path, stamp) in zip(paths, stamps) {
            guard let path else { return nil }
            files.append(File(components: path.split(separator: "/").map(String.init), stamp: stamp))
        }
        self.files = files
        self.torrent = torrent
        isSingleFile = single == 1
    }
}
