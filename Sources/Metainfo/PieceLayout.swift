/// Where pieces and blocks lie in a torrent's files: arithmetic only.
///
/// The piece space is the sequence of bytes that pieces are cut from. In v1 and hybrid torrents the files follow each
/// other, padding files included; in v2 each non-empty file starts at the next piece boundary. Bytes that belong to no
/// file are zeros. No function traps: what is out of range has size 0 and no segments.
public struct PieceLayout: Sendable, Equatable {
    /// The size of a block, the unit of requests and the leaf of BEP 52 trees.
    public static let blockLength = 16384

    /// The nominal size of a piece in bytes.
    public let pieceLength: Int
    /// The number of pieces.
    public let pieceCount: Int

    /// Size of the piece space: the sum of all v1 lengths, or the end of the last file in v2.
    let spaceLength: Int64
    let format: TorrentFormat
    /// The non-empty files that hold bytes, ascending.
    let extents: [Extent]
    /// Bytes up to the last one that is no padding, for each piece; empty if only the last piece can be short.
    let dataSizes: [Int32]

    struct Extent: Sendable, Equatable {
        let start: Int64
        let end: Int64
        let file: Int
    }

    /// Lays out files that have their offsets already. They must be ordered and must not overlap; ``TorrentInfo``
    /// makes sure of it, as of the limits for lengths and counts.
    init(files: [TorrentFile], pieceLength: Int, format: TorrentFormat) {
        let pieceLength = max(1, min(pieceLength, PieceLength.maximum))
        var extents: [Extent] = []
        var end: Int64 = 0
        for (index, file) in files.enumerated() where file.length > 0 {
            let fileEnd = file.offset + file.length
            if !file.isPadding { extents.append(Extent(start: file.offset, end: fileEnd, file: index)) }
            end = max(end, fileEnd)
        }
        self.pieceLength = pieceLength
        self.format = format
        self.extents = extents
        spaceLength = end
        pieceCount = Int((end + Int64(pieceLength) - 1) / Int64(pieceLength))
        dataSizes = Self.dataSizes(extents: extents, pieceLength: pieceLength, pieceCount: pieceCount, end: end)
    }

    /// Lays out files of the given lengths one after the other, in v2 each at the next piece boundary. No padding.
    ///
    /// For what has no info dictionary, such as simulations. Lengths out of bounds count as 0.
    public init(fileLengths: [Int64], pieceLength: Int, format: TorrentFormat) {
        let pieceLength = max(1, min(pieceLength, PieceLength.maximum))
        let limit = min(TorrentInfo.maximumTotalLength, Int64(pieceLength) * Int64(PieceLength.maximumPieceCount))
        var position: Int64 = 0
        let files = fileLengths.map { wanted in
            if format == .v2 { position = InfoReader.aligned(position, to: Int64(pieceLength)) }
            let length = wanted >= 0 && wanted <= limit - min(position, limit) ? wanted : 0
            defer { position += length }
            return TorrentFile(path: [], length: length, offset: position)
        }
        self.init(files: files, pieceLength: pieceLength, format: format)
    }

    /// The size of a piece as the wire sees it: the nominal size, except for the last piece in v1 and hybrid torrents
    /// and for the last piece of each file in v2.
    public func pieceSize(_ piece: PieceIndex) -> Int {
        guard contains(piece) else { return 0 }
        return format == .v2 ? dataSize(piece) : sizeToEnd(of: piece)
    }

    /// Bytes of a piece up to its last one that is no padding: what has to be requested. 0 if it is all padding.
    public func dataSize(_ piece: PieceIndex) -> Int {
        guard contains(piece) else { return 0 }
        return dataSizes.isEmpty ? sizeToEnd(of: piece) : Int(dataSizes[piece.rawValue])
    }

    /// The number of blocks to request for a piece.
    public func blockCount(_ piece: PieceIndex) -> Int {
        (dataSize(piece) + Self.blockLength - 1) / Self.blockLength
    }

    /// The size of a block to request; only the last one of a piece is short.
    public func blockSize(_ piece: PieceIndex, block: Int) -> Int {
        let size = dataSize(piece)
        guard block >= 0, block <= size / Self.blockLength else { return 0 }
        return min(Self.blockLength, size - block * Self.blockLength)
    }

    /// The largest `begin + length` that a peer may request.
    ///
    /// In v2 and hybrid torrents that includes zeros up to the end of the block in which a file ends, since libtorrent
    /// before 2.0.13 asks for them.
    public func servableSize(_ piece: PieceIndex) -> Int {
        let size = pieceSize(piece)
        guard format.hasV2 else { return size }
        let blocks = (size + Self.blockLength - 1) / Self.blockLength
        return min(pieceLength, blocks * Self.blockLength)
    }

    private func contains(_ piece: PieceIndex) -> Bool {
        piece.rawValue >= 0 && piece.rawValue < pieceCount
    }

    private func sizeToEnd(of piece: PieceIndex) -> Int {
        Int(min(Int64(pieceLength), spaceLength - Int64(piece.rawValue) * Int64(pieceLength)))
    }

    private static func dataSizes(extents: [Extent], pieceLength: Int, pieceCount: Int, end: Int64) -> [Int32] {
        var expected: Int64 = 0
        let isContiguous = extents.allSatisfy { extent in
            defer { expected = extent.end }
            return extent.start == expected
        }
        if isContiguous, expected == end { return [] }

        var sizes = [Int32](repeating: 0, count: pieceCount)
        let length = Int64(pieceLength)
        for extent in extents {
            for piece in Int(extent.start / length)...Int((extent.end - 1) / length) {
                sizes[piece] = Int32(min(length, extent.end - Int64(piece) * length))
            }
        }
        return sizes
    }
}
