import Bencode
import Metainfo

/// What is remembered of a folder that was hashed: the torrent, and the path and stamp of each file at that time.
struct ShareRecord: Sendable {
    struct File: Sendable, Equatable {
        let path: String
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
            return File(path: file.components.joined(separator: "/"), stamp: isSettled ? file.stamp : nil)
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
                && found.components.joined(separator: "/") == known.0.path
        }
    }

    /// The files of a scan whose hashes this record knows, each with its index in ``torrent``.
    ///
    /// Only where files are independent of each other, that is in v2 and hybrid, and pieces are cut and padded alike.
    func reusableFiles(in scan: FolderScan, format: TorrentFormat, pieceLength: Int) -> [Int: FileIndex] {
        let info = torrent.info
        guard format != .v1, info.format == format, info.pieceLength == pieceLength,
            scan.isSingleFile == isSingleFile, (scan.files.count > 1) == (files.count > 1),
            torrent.pieceLayers.isComplete(for: info)
        else { return [:] }
        var known: [String: (stamp: FileStamp, index: FileIndex)] = [:]
        let described = info.files.indices.filter { !info.files[$0].isPadding }
        for (file, index) in zip(files, described) {
            guard let stamp = file.stamp, stamp.size == info.files[index].length else { continue }
            known[file.path] = (stamp, FileIndex(index))
        }
        var reusable: [Int: FileIndex] = [:]
        for (index, file) in scan.files.enumerated() {
            guard let entry = known[file.components.joined(separator: "/")], entry.stamp == file.stamp else { continue }
            reusable[index] = entry.index
        }
        return reusable
    }
}

extension ShareRecord {
    func encoded() -> [UInt8] {
        var dictionary = BencodeDictionary()
        dictionary.set("files", .list(files.map { .text($0.path) }))
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
            files.append(File(path: path, stamp: stamp))
        }
        self.files = files
        self.torrent = torrent
        isSingleFile = single == 1
    }
}
