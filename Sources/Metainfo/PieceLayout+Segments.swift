/// A run of bytes within one file, or of zeros.
public struct FileSegment: Sendable, Equatable {
    /// The file; nil for zeros: padding, or past the end of a file.
    public let file: FileIndex?
    /// Where the run starts within the file; 0 for zeros.
    public let offset: Int64
    /// Bytes in the run.
    public let length: Int

    public init(file: FileIndex?, offset: Int64, length: Int) {
        self.file = file
        self.offset = offset
        self.length = length
    }
}

extension PieceLayout {
    /// The runs that make up `length` bytes of a piece from `offset` on, in order and without a gap.
    ///
    /// Empty if the piece does not exist or the range leaves `0...pieceLength`.
    public func segments(_ piece: PieceIndex, offset: Int, length: Int) -> [FileSegment] {
        guard piece.rawValue >= 0, piece.rawValue < pieceCount, offset >= 0, length > 0,
            offset <= pieceLength, length <= pieceLength - offset
        else { return [] }
        var position = Int64(piece.rawValue) * Int64(pieceLength) + Int64(offset)
        let end = position + Int64(length)
        var segments: [FileSegment] = []
        var next = firstExtent(endingAfter: position)
        while position < end {
            guard next < extents.count, extents[next].start < end else {
                segments.append(FileSegment(file: nil, offset: 0, length: Int(end - position)))
                break
            }
            let extent = extents[next]
            if position < extent.start {
                segments.append(FileSegment(file: nil, offset: 0, length: Int(extent.start - position)))
                position = extent.start
            }
            let stop = min(end, extent.end)
            segments.append(
                FileSegment(
                    file: FileIndex(extent.file), offset: position - extent.start, length: Int(stop - position)))
            position = stop
            next += 1
        }
        return segments
    }

    /// The pieces that hold bytes of a file; empty for empty files, padding and unknown indices.
    public func pieces(of file: FileIndex) -> Range<Int> {
        guard let extent = extent(of: file) else { return 0..<0 }
        return Int(extent.start / Int64(pieceLength))..<Int((extent.end - 1) / Int64(pieceLength)) + 1
    }

    /// In v2 and hybrid torrents the one file that a piece belongs to; in v1 the first file with bytes in it.
    public func file(of piece: PieceIndex) -> FileIndex? {
        guard piece.rawValue >= 0, piece.rawValue < pieceCount else { return nil }
        let start = Int64(piece.rawValue) * Int64(pieceLength)
        let index = firstExtent(endingAfter: start)
        guard index < extents.count, extents[index].start < start + Int64(pieceLength) else { return nil }
        return FileIndex(extents[index].file)
    }

    private func firstExtent(endingAfter position: Int64) -> Int {
        var low = 0
        var high = extents.count
        while low < high {
            let middle = low + (high - low) / 2
            if extents[middle].end <= position { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func extent(of file: FileIndex) -> Extent? {
        var low = 0
        var high = extents.count
        while low < high {
            let middle = low + (high - low) / 2
            if extents[middle].file < file.rawValue { low = middle + 1 } else { high = middle }
        }
        return low < extents.count && extents[low].file == file.rawValue ? extents[low] : nil
    }
}
