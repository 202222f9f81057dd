import Testing
import WebWire

@Suite struct RangeTests {
    @Test("The examples of RFC 9110 §14.1.2, of a length of 10000")
    func examples() {
        let cases: [(String, RangeSelection)] = [
            ("bytes=0-499", .single(0..<500)), ("bytes=500-999", .single(500..<1000)),
            ("bytes=-500", .single(9500..<10000)), ("bytes=9500-", .single(9500..<10000)),
            ("bytes=0-0,-1", .several([0..<1, 9999..<10000])),
            ("bytes= 0-999, 4500-5499, -1000", .several([0..<1000, 4500..<5500, 9000..<10000])),
            ("bytes=500-600,601-999", .several([500..<601, 601..<1000])),
            ("bytes=500-700,601-999", .single(500..<1000)),
            ("BYTES=0-0", .single(0..<1)), ("bytes=9999-20000", .single(9999..<10000)),
            ("bytes=-20000", .single(0..<10000)), ("bytes=10000-", .unsatisfiable),
            ("bytes=20000-30000,10000-", .unsatisfiable), ("bytes=-0", .unsatisfiable),
            ("bytes=20000-,5-5", .single(5..<6)),
            ("bytes=9-9,5-5", .several([9..<10, 5..<6])),
            ("bytes=0-99999999999999999999999", .single(0..<10000)),
            ("bytes=99999999999999999999999-", .unsatisfiable),
            ("bytes=-9223372036854775807", .single(0..<10000)),
            ("bytes=0-9223372036854775807", .single(0..<10000)),
        ]
        for (text, expected) in cases {
            #expect(RangeRequest(parsing: text)?.resolve(length: 10000) == expected, "\(text)")
        }
    }

    @Test(
        "What must be ignored is ignored",
        arguments: [
            "", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "lines=0-1", "bytes=0-1;x", "bytes=0 -1",
            "bytes 0-1", "bytes=0-1 2-3", "bytes=--1", "bytes=0x10-", "bytes=,", "bytes=1.5-2",
        ])
    func ignored(text: String) {
        #expect(RangeRequest(parsing: text) == nil)
    }

    @Test func tooMany() {
        let many = "bytes=" + (0..<17).map { "\($0 * 10)-\($0 * 10)" }.joined(separator: ",")
        #expect(RangeRequest(parsing: many) == nil)
        let same = "bytes=" + Array(repeating: "0-", count: 16).joined(separator: ",")
        #expect(RangeRequest(parsing: same)?.resolve(length: 10) == .single(0..<10))
    }

    @Test func emptyFile() {
        #expect(RangeRequest(parsing: "bytes=0-")?.resolve(length: 0) == .unsatisfiable)
        #expect(RangeRequest(parsing: "bytes=-1")?.resolve(length: 0) == .whole)
        #expect(RangeRequest(parsing: "bytes=-0")?.resolve(length: 0) == .unsatisfiable)
    }

    @Test("The examples of RFC 9110 §14.4")
    func contentRange() {
        #expect(ContentRange(parsing: "bytes 42-1233/1234") == .range(42..<1234, length: 1234))
        #expect(ContentRange(parsing: "bytes 42-1233/*") == .range(42..<1234, length: nil))
        #expect(ContentRange(parsing: "bytes */1234") == .unsatisfied(length: 1234))
        #expect(ContentRange.range(42..<1234, length: 1234).description == "bytes 42-1233/1234")
        #expect(ContentRange.unsatisfied(length: 47022).description == "bytes */47022")
        for text in [
            "", "bytes", "bytes 5-4/10", "bytes 0-10/10", "bytes 0-/10", "bytes -5/10", "lines 0-1/2", "bytes */*",
            "bytes 0-1/2 ", "bytes 0-9223372036854775807/*", "bytes=0-1/2",
        ] {
            #expect(ContentRange(parsing: text) == nil, "\(text)")
        }
    }

    @Test("The framing of RFC 9110 §14.6, to the byte")
    func multipart() {
        let parts = MultipartByteRanges(
            ranges: [500..<1000, 7000..<8000], length: 8000, mediaType: "application/pdf",
            boundary: "THIS_STRING_SEPARATES")
        let text = parts.segments.map { segment in
            switch segment {
            case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
            case .content(let range): "[\(range.lowerBound)..<\(range.upperBound)]"
            }
        }.joined()
        let expected = [
            "--THIS_STRING_SEPARATES", "Content-Type: application/pdf", "Content-Range: bytes 500-999/8000", "",
            "[500..<1000]", "--THIS_STRING_SEPARATES", "Content-Type: application/pdf",
            "Content-Range: bytes 7000-7999/8000", "", "[7000..<8000]", "--THIS_STRING_SEPARATES--", "",
        ].joined(separator: "\r\n")
        #expect(text == expected)
        #expect(parts.contentType == "multipart/byteranges; boundary=THIS_STRING_SEPARATES")
        let placeholders = "[500..<1000][7000..<8000]".count
        #expect(parts.contentLength == Int64(expected.utf8.count - placeholders + 1500))
    }
}
