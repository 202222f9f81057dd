import Testing
import TestSupport
import WebWire

@Suite struct ZipTests {
    @Test func crc32() {
        var crc = CRC32()
        #expect(crc.value == 0)
        crc.update(Array("123456789".utf8))
        #expect(crc.value == 0xCBF4_3926)
        // However it is cut.
        let bytes = (0..<1000).map { UInt8($0 % 251) }
        var whole = CRC32()
        whole.update(bytes)
        for cut in [1, 7, 8, 9, 500] {
            var pieces = CRC32()
            for start in stride(from: 0, to: bytes.count, by: cut) {
                pieces.update(Array(bytes[start..<min(start + cut, bytes.count)]))
            }
            #expect(pieces.value == whole.value)
        }
    }

    @Test("Any stretch is the same stretch of the whole, with checksums told or asked for")
    func stretches() throws {
        let archive = SampleArchive()
        let layout = try ZipLayout(archive.entries)
        let whole = archive.bytes(layout, 0..<layout.length)
        #expect(Int64(whole.count) == layout.length)
        var known = layout
        for index in archive.contents.indices { known.setChecksum(archive.checksum(index), of: index) }
        #expect(!known.segments(0..<layout.length).contains { if case .checksum = $0 { true } else { false } })
        #expect(archive.bytes(known, 0..<layout.length) == whole)
        var generator = TestRandom(seed: 5)
        for _ in 0..<300 {
            let start = Int64.random(in: 0..<layout.length, using: &generator)
            let end = Int64.random(in: start...layout.length, using: &generator)
            let part = whole[Int(start)..<Int(end)]
            #expect(archive.bytes(layout, start..<end).elementsEqual(part))
            #expect(archive.bytes(known, start..<end).elementsEqual(part))
        }
        #expect(Array(layout.segments(layout.length..<layout.length + 10)).isEmpty)
        #expect(Array(layout.segments(5..<5)).isEmpty)
    }

    @Test("Sizes, counts and offsets beyond the old format")
    func zip64() throws {
        let date = HTTPDate(secondsSinceEpoch: 1_795_572_000)
        let small = try ZipLayout([ZipEntry(path: ["a"], length: 1, modified: date)])
        let expected: [Int64] = [40, 1, 16, 56, 22]
        #expect(small.length == expected.reduce(0, +))
        let large = try ZipLayout([
            ZipEntry(path: ["a"], length: 0xFFFF_FFFF, modified: date),
            ZipEntry(path: ["b"], length: 1, modified: date),
        ])
        // Local header, sizes in ZIP64 form, descriptor; then the directory; then three records at the end.
        let parts: [Int64] = [
            40, 20, 0xFFFF_FFFF, 24, 40, 1, 16, 56, 20, 56, 12, 56, 20, 22,
        ]
        #expect(large.length == parts.reduce(0, +))
        let many = try ZipLayout((0..<65_535).map { ZipEntry(path: ["\($0)"], length: 0, modified: date) })
        let end = Array(many.segments(many.length - 98..<many.length))
        #expect(end.count == 1 && end.first.map { if case .bytes(let bytes) = $0 { bytes.count } else { 0 } } == 98)
    }

    @Test("Names are made safe and unlike each other; what cannot be an archive is refused")
    func names() throws {
        let date = HTTPDate(secondsSinceEpoch: -1)
        let entries = [["..", "a.txt"], ["a.txt"], ["b\\c", "d/e"]].map {
            ZipEntry(path: $0, length: 0, modified: date)
        }
        #expect(try ZipLayout(entries).names == ["a.txt", "a.1.txt", "bc/de"])
        let folder = ZipEntry(path: ["x"], length: 7, modified: date, isFolder: true)
        #expect(try ZipLayout([folder]).names == ["x/"] && folder.length == 0)
        #expect(throws: ZipLayoutError.invalidLength(entry: 0)) {
            try ZipLayout([ZipEntry(path: ["a"], length: -1, modified: date)])
        }
        #expect(throws: ZipLayoutError.invalidLength(entry: 1)) {
            let file = ZipEntry(path: ["a"], length: 1 << 61, modified: date)
            return try ZipLayout([file, file, file])
        }
        #expect(throws: ZipLayoutError.invalidPath(entry: 0)) {
            try ZipLayout([ZipEntry(path: [], length: 0, modified: date)])
        }
        let deep = Array(repeating: String(repeating: "a", count: 240), count: 300)
        #expect(throws: ZipLayoutError.invalidPath(entry: 0)) {
            try ZipLayout([ZipEntry(path: deep, length: 0, modified: date)])
        }
        #expect(try ZipLayout([]).length == 22)
    }
}

/// A small archive with everything in it, and its bytes.
struct SampleArchive {
    let contents: [[UInt8]]
    let entries: [ZipEntry]

    init() {
        contents = [
            Array("hello\n".utf8), [], (0..<70_000).map { UInt8($0 % 251) }, [], Array("\u{E4}".utf8),
        ]
        let paths = [
            ["hello.txt"], ["empty"], ["folder", "data.bin"], ["nothing here"], ["folder", "\u{E4}\u{6F22}.txt"],
        ]
        let contents = contents
        entries = paths.indices.map { index in
            ZipEntry(
                path: paths[index], length: Int64(contents[index].count),
                modified: HTTPDate(secondsSinceEpoch: 1_700_000_001 + Int64(index)), isFolder: index == 3)
        }
    }

    func checksum(_ index: Int) -> UInt32 {
        var crc = CRC32()
        crc.update(contents[index])
        return crc.value
    }

    func bytes(_ layout: ZipLayout, _ range: Range<Int64>) -> [UInt8] {
        layout.segments(range).flatMap { segment -> [UInt8] in
            switch segment {
            case .bytes(let bytes): bytes
            case .content(let entry, let range): Array(contents[entry][Int(range.lowerBound)..<Int(range.upperBound)])
            case .checksum(let part): layout.bytes(of: part, crc32: checksum(part.entry))
            }
        }
    }
}
