import Testing
import TestSupport
import WebWire

@Suite struct FormDataTests {
    static let type = "multipart/form-data; boundary=AaB03x"
    static let form = [
        "--AaB03x", "content-disposition: form-data; name=\"field1\"", "", "Joe Blow", "--AaB03x",
        "Content-Disposition: form-data; name=\"files\"; filename=\"file1.txt\"", "Content-Type: text/plain", "",
        "contents\r\n--AaB03\r\nof file1\r\n", "--AaB03x  ",
        "Content-Disposition: form-data; name=\"files\"; filename=\"..\\..\\up/../\u{E4} %22x%22.bin\"", "", "",
        "--AaB03x--", "ignored",
    ].joined(separator: "\r\n")

    struct Part: Equatable {
        var head: FormDataPart
        var content: [UInt8] = []
        var isEnded = false
    }

    /// The parts, when the form comes in pieces of this size.
    static func read(_ bytes: [UInt8], cut: Int, type: String = type) throws -> (parts: [Part], isComplete: Bool) {
        var parser = try #require(FormDataParser(contentType: type))
        var parts: [Part] = []
        for start in stride(from: 0, to: bytes.count, by: cut) {
            for event in try parser.append(Array(bytes[start..<min(start + cut, bytes.count)])) {
                switch event {
                case .began(let head): parts.append(Part(head: head))
                case .data(let data): parts[parts.count - 1].content += data
                case .ended: parts[parts.count - 1].isEnded = true
                }
            }
            #expect(parser.bufferedBytes <= 8192 + 8)
        }
        return (parts, parser.isComplete)
    }

    @Test("However it is cut, the same comes out", arguments: [1, 2, 3, 7, 16, 64, 10_000])
    func cuts(cut: Int) throws {
        let (parts, isComplete) = try Self.read(Array(Self.form.utf8), cut: cut)
        #expect(isComplete && parts.allSatisfy(\.isEnded))
        try #require(parts.count == 3)
        #expect(parts[0].head == FormDataPart(name: "field1", path: nil, mediaType: nil))
        #expect(parts[0].content == Array("Joe Blow".utf8))
        #expect(parts[1].head == FormDataPart(name: "files", path: ["file1.txt"], mediaType: "text/plain"))
        #expect(parts[1].content == Array("contents\r\n--AaB03\r\nof file1\r\n".utf8))
        #expect(parts[2].head.path == ["....up", "\u{E4} \"x\".bin"])
        #expect(parts[2].content.isEmpty)
    }

    @Test("Names become safe paths")
    func names() throws {
        let cases: [(String, [String])] = [
            ("a.txt", ["a.txt"]), ("..", ["_"]), ("../../etc/passwd", ["etc", "passwd"]),
            ("/etc/passwd", ["etc", "passwd"]), ("C:\\Users\\x\\a.txt", ["a.txt"]), ("a\\\"b", ["a\"b"]),
            ("dir/sub/a.txt", ["dir", "sub", "a.txt"]), ("a%0D%0Ab", ["a__b"]), ("a\u{0}b", ["a_b"]),
            ("100%", ["100%"]), ("a\\\\b", ["b"]),
            (String(repeating: "d/", count: 40) + "a", Array(repeating: "d", count: 31) + ["a"]),
        ]
        for (name, path) in cases {
            let form = "--AaB03x\r\nContent-Disposition: form-data; name=f; filename=\"\(name)\"\r\n\r\nx\r\n--AaB03x--"
            #expect(try Self.read(Array(form.utf8), cut: 1000).parts.first?.head.path == path, "\(name)")
        }
    }

    @Test("What is no form is refused, and stays refused")
    func refused() throws {
        let cases: [(String, FormDataError)] = [
            (String(repeating: "x", count: 9000), .missingBoundary),
            ("--AaB03xyz\r\n", .malformedBoundary),
            ("--AaB03x" + String(repeating: " ", count: 300), .malformedBoundary),
            ("--AaB03x\r\nno colon\r\n\r\n", .malformedHeader), ("--AaB03x\r\n\r\nx", .malformedHeader),
            ("--AaB03x\r\nContent-Disposition: attachment; name=a\r\n\r\n", .malformedHeader),
            ("--AaB03x\r\nContent-Disposition: form-data; filename=a\r\n\r\n", .malformedHeader),
            ("--AaB03x\r\nContent-Disposition: form-data; name=\"a\r\n\r\n", .malformedHeader),
            ("--AaB03x\r\nA: " + String(repeating: "x", count: 9000), .headerTooLong),
        ]
        for (text, error) in cases {
            var parser = try #require(FormDataParser(contentType: Self.type))
            #expect(throws: error, "\(text.prefix(60))") { _ = try parser.append(Array(text.utf8)) }
            #expect(throws: error) { _ = try parser.append([]) }
        }
        let part = "--AaB03x\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n"
        var parser = try #require(
            FormDataParser(contentType: Self.type, limits: FormDataParser.Limits(maximumParts: 3)))
        _ = try parser.append(Array(String(repeating: part, count: 3).utf8))
        #expect(throws: FormDataError.tooManyParts) { _ = try parser.append(Array("--AaB03x\r\n".utf8)) }
        for type in [
            "", "text/plain", "multipart/form-data", "multipart/mixed; boundary=a", "multipart/form-data; boundary=",
        ] {
            #expect(FormDataParser(contentType: type) == nil, "\(type)")
        }
        let long = String(repeating: "a", count: 71)
        #expect(FormDataParser(contentType: "multipart/form-data; boundary=\(long)") == nil)
        #expect(FormDataParser(contentType: "Multipart/Form-Data; charset=utf-8; boundary=\"a b\"") != nil)
    }

    @Test("A form that is cut off is not complete, wherever that is")
    func truncated() throws {
        let bytes = Array(Self.form.utf8)
        let end = Self.form.utf8.count - "\r\nignored".utf8.count
        for count in 0..<end {
            #expect(try !Self.read(Array(bytes.prefix(count)), cut: 10_000).isComplete)
        }
        #expect(try Self.read(Array(bytes.prefix(end)), cut: 10_000).isComplete)
    }

    @Test("Mutated forms never trap, keep memory bounded, and give the same however they are cut")
    func fuzz() throws {
        var generator = TestRandom(seed: 11)
        for _ in 0..<2000 {
            let bytes = generator.mutated(Array(Self.form.utf8))
            let cut = Int.random(in: 1...40, using: &generator)
            let whole = try? Self.read(bytes, cut: bytes.count + 1)
            let pieces = try? Self.read(bytes, cut: cut)
            #expect(whole?.parts == pieces?.parts && whole?.isComplete == pieces?.isComplete)
        }
    }
}
