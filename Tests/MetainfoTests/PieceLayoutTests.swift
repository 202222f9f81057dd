import Metainfo
import Testing

@Suite("Piece layout")
struct PieceLayoutTests {
    private let pieceLength = 65536

    /// Sizes must add up, segments must cover exactly and agree with the files, for every piece.
    private func check(_ layout: PieceLayout, lengths: [Int64]) {
        var seen = lengths.map { _ in Int64(0) }
        for number in 0..<layout.pieceCount {
            let piece = PieceIndex(number)
            let size = layout.dataSize(piece)
            #expect(size <= layout.pieceSize(piece) && layout.pieceSize(piece) <= layout.servableSize(piece))
            #expect((0..<layout.blockCount(piece)).reduce(0) { $0 + layout.blockSize(piece, block: $1) } == size)
            #expect(layout.blockSize(piece, block: layout.blockCount(piece)) == 0)
            let segments = layout.segments(piece, offset: 0, length: layout.pieceLength)
            #expect(segments.reduce(0) { $0 + $1.length } == layout.pieceLength)
            for segment in segments {
                guard let file = segment.file else { continue }
                #expect(segment.offset == seen[file.rawValue])
                #expect(layout.pieces(of: file).contains(number))
                seen[file.rawValue] += Int64(segment.length)
            }
        }
        #expect(seen == lengths)
    }

    @Test("v1: files follow each other")
    func v1() {
        let lengths: [Int64] = [100_000, 0, 1, 65536, 30_000]
        let layout = PieceLayout(fileLengths: lengths, pieceLength: pieceLength, format: .v1)
        #expect(layout.pieceCount == 3)
        #expect(layout.pieceSize(PieceIndex(2)) == 195_537 - 131_072)
        #expect(layout.servableSize(PieceIndex(2)) == 195_537 - 131_072)
        #expect(
            layout.segments(PieceIndex(1), offset: 34460, length: 10) == [
                FileSegment(file: FileIndex(0), offset: 99_996, length: 4),
                FileSegment(file: FileIndex(2), offset: 0, length: 1),
                FileSegment(file: FileIndex(3), offset: 0, length: 5),
            ])
        #expect(layout.pieces(of: FileIndex(1)).isEmpty)
        #expect(layout.pieces(of: FileIndex(3)) == 1..<3)
        check(layout, lengths: lengths)
    }

    @Test("v2: each file starts a piece, and the last block may be read beyond the end")
    func v2() {
        let lengths: [Int64] = [100_000, 0, 1, 65536, 30_000]
        let layout = PieceLayout(fileLengths: lengths, pieceLength: pieceLength, format: .v2)
        #expect(layout.pieceCount == 5)
        #expect((0..<5).map { layout.dataSize(PieceIndex($0)) } == [65536, 34464, 1, 65536, 30_000])
        #expect((0..<5).map { layout.servableSize(PieceIndex($0)) } == [65536, 49152, 16384, 65536, 32768])
        #expect((0..<5).map { layout.file(of: PieceIndex($0))?.rawValue } == [0, 0, 2, 3, 4])
        #expect(
            layout.segments(PieceIndex(2), offset: 0, length: 16384) == [
                FileSegment(file: FileIndex(2), offset: 0, length: 1), FileSegment(file: nil, offset: 0, length: 16383),
            ])
        check(layout, lengths: lengths)
    }

    @Test("Hybrids have the same pieces as v2, whole on the wire")
    func hybrid() throws {
        let hybrid = try Vectors.torrent("v2_hybrid.torrent").info
        let layout = hybrid.layout
        for file in hybrid.files.indices where !hybrid.files[file].isPadding && hybrid.files[file].length > 0 {
            let pieces = layout.pieces(of: FileIndex(file))
            let rest = Int((hybrid.files[file].length - 1) % Int64(hybrid.pieceLength)) + 1
            #expect(layout.dataSize(PieceIndex(pieces.upperBound - 1)) == rest)
            #expect(layout.pieceSize(PieceIndex(pieces.lowerBound)) == hybrid.pieceLength)
            #expect(layout.file(of: PieceIndex(pieces.lowerBound)) == FileIndex(file))
        }
        check(layout, lengths: hybrid.files.map { $0.isPadding ? 0 : $0.length })
    }

    @Test("v1 with padding anywhere, even over whole pieces")
    func padding() throws {
        let info = try Vectors.torrent("sample.torrent").info
        #expect(info.layout.dataSize(PieceIndex(0)) == 25 && info.layout.pieceSize(PieceIndex(0)) == 16384)
        #expect(info.layout.dataSize(PieceIndex(1)) == 20)
        check(info.layout, lengths: [25, 0, 20])
        #expect(
            info.layout.segments(PieceIndex(0), offset: 20, length: 10) == [
                FileSegment(file: FileIndex(0), offset: 20, length: 5), FileSegment(file: nil, offset: 0, length: 5),
            ])
        let wide = try TorrentInfo(
            encoded: Array(
                ("d5:filesld6:lengthi5e4:pathl1:aeed4:attr1:p6:lengthi30e4:pathl4:.padeed6:lengthi5e4:pathl1:bee"
                    + "e4:name1:n12:piece lengthi10e6:pieces80:").utf8) + [UInt8](repeating: 1, count: 80)
                + Array("e".utf8))
        #expect((0..<4).map { wide.layout.dataSize(PieceIndex($0)) } == [5, 0, 0, 10])
        #expect(wide.layout.blockCount(PieceIndex(1)) == 0 && wide.layout.file(of: PieceIndex(1)) == nil)
        check(wide.layout, lengths: [5, 0, 5])
    }

    @Test("Out of range is empty, never a trap")
    func outOfRange() {
        let layouts = [TorrentFormat.v1, .v2, .hybrid].map {
            PieceLayout(fileLengths: [100_000, 7], pieceLength: pieceLength, format: $0)
        }
        let numbers = [Int.min, -1, 0, 1, 65535, 65536, 65537, Int.max]
        for layout in layouts + [PieceLayout(fileLengths: [], pieceLength: 0, format: .v1)] {
            for number in [Int.min, -1, layout.pieceCount, Int.max] {
                let piece = PieceIndex(number)
                #expect(layout.pieceSize(piece) == 0 && layout.dataSize(piece) == 0 && layout.servableSize(piece) == 0)
                #expect(layout.blockCount(piece) == 0 && layout.blockSize(piece, block: 0) == 0)
                #expect(layout.segments(piece, offset: 0, length: 1).isEmpty && layout.file(of: piece) == nil)
                #expect(layout.pieces(of: FileIndex(number)).isEmpty)
            }
            for offset in numbers {
                for length in numbers {
                    let segments = layout.segments(PieceIndex(0), offset: offset, length: length)
                    #expect(segments.isEmpty || segments.reduce(0) { $0 + $1.length } == length)
                }
                _ = layout.blockSize(PieceIndex(0), block: offset)
            }
        }
        let lies = PieceLayout(fileLengths: [.max, .min, -1, 1 << 60, 5], pieceLength: 16384, format: .v2)
        #expect(lies.pieceCount == 1)
    }

    @Test("Suggested piece lengths")
    func suggested() throws {
        #expect(PieceLength.suggested(forTotal: 0) == 16384)
        #expect(PieceLength.suggested(forTotal: 16 << 20) == 16384)
        #expect(PieceLength.suggested(forTotal: 1 << 30) == 1 << 20)
        #expect(PieceLength.suggested(forTotal: 1 << 40) == 16 << 20)
        #expect(PieceLength.suggested(forTotal: 1 << 50) == 512 << 20)
        for length in [0, -1, 16383, 24576, 8192, 1 << 30] as [Int64] {
            #expect(throws: MetainfoError.invalidPieceLength(length)) {
                try PieceLength.validate(length, format: .hybrid)
            }
        }
        #expect(throws: Never.self) { try PieceLength.validate(24576, format: .v1) }
    }
}
