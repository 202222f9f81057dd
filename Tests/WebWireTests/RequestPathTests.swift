import Testing
import TestSupport
import WebWire

@Suite struct RequestPathTests {
    @Test("Paths are decoded once, and say whether they are folders")
    func plain() throws {
        let root = try RequestPath(target: "/")
        #expect(root.components.isEmpty && root.isFolder && root.query == nil)
        let path = try RequestPath(target: "/s/Lecture%20notes/%C3%A4%2B1/?sort=size&order=desc")
        #expect(path.components == ["s", "Lecture notes", "ä+1"])
        #expect(path.isFolder)
        #expect(path.parameters.text("sort") == "size")
        let file = try RequestPath(target: "/s/a/b.txt")
        #expect(file.components == ["s", "a", "b.txt"] && !file.isFolder)
        // Names that look odd and are names.
        for name in ["...", "..a", "a..", ".hidden", "50%25", "50%252Foff", "a%3Fb", "%23", "%E2%80%AE"] {
            #expect(throws: Never.self, "\(name)") { try RequestPath(target: "/s/\(name)") }
        }
        #expect(try RequestPath(target: "/50%252Foff").components == ["50%2Foff"])
    }

    @Test(
        "No spelling of a way up is accepted",
        arguments: [
            "/..", "/../", "/s/../x", "/s/..", "/.", "/s/./x", "/%2e%2e/x", "/%2E%2e/x", "/.%2e/x", "/%2e/x",
            "/..%2fx", "/a%2f..%2fx", "/..%5cx", "/..\\x", "/%252e%252e/x", "/%252e/x", "/..%252fx",
            "/%25252e%25252e/x",
            "/%252e%252e%252fx", "/%2e%252e/x", "/..%255cx",
        ])
    func traversal(target: String) {
        #expect(throws: RequestPathError.traversal) { try RequestPath(target: target) }
    }

    @Test("Other things that are no path of ours")
    func refused() {
        let cases: [(String, RequestPathError)] = [
            ("", .notOriginForm), ("*", .notOriginForm), ("http://host/s/x", .notOriginForm),
            ("host:80", .notOriginForm), ("s/x", .notOriginForm),
            ("//", .emptyComponent), ("//host/x", .emptyComponent), ("/s//x", .emptyComponent),
            ("/s/x//", .emptyComponent),
            ("/%", .invalidEscape), ("/%4", .invalidEscape), ("/%zz", .invalidEscape), ("/a%u0041", .invalidEscape),
            ("/%2f", .forbiddenCharacter), ("/a%5cb", .forbiddenCharacter), ("/a\\b", .forbiddenCharacter),
            ("/%00", .forbiddenCharacter), ("/a%0ab", .forbiddenCharacter), ("/a%7f", .forbiddenCharacter),
            ("/a%C2%85", .forbiddenCharacter), ("/a b", .forbiddenCharacter), ("/a\r\nb", .forbiddenCharacter),
            ("/a#b", .forbiddenCharacter), ("/a\0b", .forbiddenCharacter),
            // Overlong forms of a dot, a slash and NUL, and half a surrogate.
            ("/%c0%ae%c0%ae/x", .notUTF8), ("/%c0%af", .notUTF8), ("/%e0%80%af", .notUTF8), ("/%c0%80", .notUTF8),
            ("/%ed%a0%80", .notUTF8), ("/%ff", .notUTF8), ("/%f0%80%80%af", .notUTF8),
            ("/a%2500", .traversal),
            ("/" + String(repeating: "a", count: 256), .tooLong),
            ("/" + String(repeating: "a", count: 8192), .tooLong),
            (String(repeating: "/a", count: 129), .tooLong),
        ]
        for (target, error) in cases {
            #expect(throws: error, "\(target.prefix(40))") { try RequestPath(target: target) }
        }
    }

    @Test("A query's values are bytes")
    func query() {
        let query = QueryParameters(parsing: "info_hash=%124Vx%9A%BC%DE%F1%23E&info_hash=b&a=1+2&flag&=x&&c=%zz")
        #expect(query.bytes("info_hash") == [0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC, 0xDE, 0xF1, 0x23, 0x45])
        #expect(query.all("info_hash").count == 2)
        #expect(query.text("a") == "1+2" && query.text("flag") == "" && query.text("c") == "%zz")
        #expect(query.bytes("none") == nil && query.text("info_hash") == nil)
        #expect(QueryParameters(parsing: "a=1+2", plusIsSpace: true).text("a") == "1 2")
        let flood = QueryParameters(parsing: String(repeating: "a=b&", count: 10_000))
        #expect(flood.fields.count == QueryParameters.maximumCount)
    }

    @Test("Nothing that is accepted leaves the folder, whatever a client invents")
    func fuzz() {
        var generator = TestRandom(seed: 7)
        let seeds = ["/s/Lectures/%C3%A4/b.txt?x=1", "/%252e%252e/%2e./..%5c", "/a%c0%ae/%2e%2e%2f", "/../..//a"]
        for round in 0..<20_000 {
            let bytes = generator.mutated(Array(seeds[round % seeds.count].utf8))
            guard let path = try? RequestPath(target: String(decoding: bytes, as: UTF8.self)) else { continue }
            for component in path.components {
                #expect(!component.isEmpty && component != "." && component != "..")
                #expect(!component.unicodeScalars.contains { $0 == "/" || $0 == "\\" || $0.value < 0x20 })
            }
        }
    }
}
