import Metainfo

/// What a new torrent should be like. Whatever is not said here follows from the files, so equal files give equal
/// info-hashes everywhere.
public struct CreationOptions: Sendable, Hashable {
    public var format: TorrentFormat
    /// Bytes; nil for the length that ``pieceLength(for:)`` chooses.
    public var pieceLength: Int?
    /// Tiers of tracker addresses (BEP 12).
    public var trackers: [[String]]
    /// BEP 19.
    public var webSeeds: [String]
    /// Peers of such a torrent tell each other of nobody (BEP 27): only whoever is named to them is asked.
    public var isPrivate: Bool
    /// What the torrent is called, if not like its file or folder.
    public var name: String?

    public init(
        format: TorrentFormat = .hybrid, pieceLength: Int? = nil, trackers: [[String]] = [], webSeeds: [String] = [],
        isPrivate: Bool = false, name: String? = nil
    ) {
        self.format = format
        self.pieceLength = pieceLength
        self.trackers = trackers
        self.webSeeds = webSeeds
        self.isPrivate = isPrivate
        self.name = name
    }

    /// The piece length for the files of a scan, checked.
    ///
    /// Without a wish it is `PieceLength.suggested`, from the total size. A hybrid of several files starts each file on
    /// a new piece and hashes the zeros in between (BEP 47), so for many small files a long piece would mean hashing
    /// far more zeros than data: there the length is halved while the zeros are more than half of the data, unless that
    /// would make a lot more pieces.
    public func pieceLength(for scan: FolderScan) throws(CreationError) -> Int {
        try Self.checkSize(of: scan)
        let length = pieceLength ?? chosenLength(for: scan)
        try check(length)
        let count = Self.pieceCount(of: scan, format: format, pieceLength: Int64(length))
        guard count <= Int64(PieceLength.maximumPieceCount) else {
            throw .invalidPieceLength(length, reason: "it makes \(count) pieces, more than a torrent may have")
        }
        return length
    }

    /// What no reader accepts is said before hours of hashing; it also keeps the arithmetic far from its limits.
    private static func checkSize(of scan: FolderScan) throws(CreationError) {
        guard scan.files.count <= TorrentInfo.maximumFileCount else { throw .metainfo(.tooLarge("files")) }
        var total: Int64 = 0
        for file in scan.files {
            guard file.stamp.size <= TorrentInfo.maximumTotalLength - total else { throw .metainfo(.tooLarge("bytes")) }
            total += file.stamp.size
        }
    }

    private func check(_ length: Int) throws(CreationError) {
        let block = PieceLayout.blockLength
        guard length >= block, length <= PieceLength.maximum, length.isMultiple(of: block) else {
            throw .invalidPieceLength(
                length, reason: "it must be a multiple of \(block) and at most \(PieceLength.maximum)")
        }
        guard format == .v1 || length & (length - 1) == 0 else {
            throw .invalidPieceLength(length, reason: "the \(format.rawValue) format needs a power of two")
        }
    }

    private func chosenLength(for scan: FolderScan) -> Int {
        let total = scan.totalSize
        var length = PieceLength.suggested(forTotal: total)
        guard format == .hybrid, !scan.isSingleFile else { return length }
        var count = Self.pieceCount(of: scan, format: format, pieceLength: Int64(length))
        while length > PieceLength.minimumV2, count * Int64(length) - total > total / 2 {
            let halved = Self.pieceCount(of: scan, format: format, pieceLength: Int64(length / 2))
            guard halved <= 65_536 || halved <= count + count / 4 else { break }
            length /= 2
            count = halved
        }
        return length
    }

    private static func pieceCount(of scan: FolderScan, format: TorrentFormat, pieceLength: Int64) -> Int64 {
        if format == .v1 { return (scan.totalSize + pieceLength - 1) / pieceLength }
        return scan.files.reduce(0) { $0 + ($1.stamp.size + pieceLength - 1) / pieceLength }
    }
}
