import Testing

@testable import Host

@Suite("What a host tells of itself")
struct HostDocumentTests {
    static let key = String(repeating: "0a", count: 32)

    static func document(shares: [HostDocument.Share] = []) -> HostDocument {
        HostDocument(
            name: "anna", key: key, roles: [.server], load: 0.5, shares: shares, truncated: false,
            hosts: ["192.0.2.1:6881"])
    }

    static func share(_ name: String, version: Int64 = 1) -> HostDocument.Share {
        HostDocument.Share(
            name: name, kind: .folder, bytes: 1, files: 1, version: version,
            infoHashV1: String(repeating: "1", count: 40), infoHashV2: String(repeating: "2", count: 64),
            modified: "2026-11-25T02:00:00Z")
    }

    @Test("An honest document stays as it is")
    func honest() throws {
        let document = Self.document(shares: [Self.share("a"), Self.share("ä☃")])
        #expect(document.bounded == document)
        #expect(try JSON.decode(HostDocument.self, from: JSON.encode(document)) == document)
    }

    @Test("Every part of a dishonest one is bounded")
    func bounded() {
        let long = String(repeating: "a", count: 100_000)
        // One character of many bytes.
        var document = Self.document(
            shares: (0..<5000).map { Self.share("s\($0)") } + [Self.share(""), Self.share(long)])
        document.name = "a" + String(repeating: "\u{301}", count: 100_000)
        document.key = long
        document.roles = [HostRole](repeating: .dedicated, count: 100_000)
        document.missing = [long] + [String](repeating: "m", count: 100_000)
        document.hosts = [long] + [String](repeating: "192.0.2.1:6881", count: 100_000)
        for (load, expected) in [(-1, 0), (7, 1), (1e308, 1)] as [(Double, Double)] {
            document.load = load
            #expect(document.bounded.load == expected)
        }
        for load in [Double.nan, .infinity, -.infinity] {
            document.load = load
            #expect(document.bounded.load == nil)
        }
        document.shares[0].bytes = .min
        document.shares[0].files = .min
        document.shares[0].version = .min
        document.shares[0].infoHashV1 = long
        document.shares[0].infoHashV2 = ""
        document.shares[0].modified = long
        let bounded = document.bounded
        #expect(bounded.name.utf8.count <= 255)
        #expect(bounded.key == "")
        #expect(bounded.roles == [.dedicated])
        #expect(bounded.missing.map { $0.count <= 2000 && $0.allSatisfy { $0.utf8.count < 300 } } == true)
        #expect(bounded.hosts.count <= 64 && bounded.hosts.allSatisfy { $0.utf8.count < 300 })
        #expect(bounded.shares.count == 2000 && bounded.truncated)
        #expect(bounded.shares[0].bytes == 0 && bounded.shares[0].files == 0 && bounded.shares[0].version == 0)
        #expect(bounded.shares[0].infoHashV1 == nil && bounded.shares[0].infoHashV2 == nil)
        #expect(bounded.shares[0].modified == nil)
        #expect(bounded.shares.allSatisfy { !$0.name.isEmpty && $0.name.utf8.count <= 255 })
        #expect(bounded.bounded == bounded)
    }

    @Test("Cut to some rows it says so, and what has no files goes first")
    func cut() {
        var document = Self.document(shares: (0..<10).map { Self.share("s\($0)") })
        document.missing = ["m", "n"]
        #expect(document.cut(toRows: 12) == document)
        let less = document.cut(toRows: 11)
        #expect(less.shares.count == 10 && !less.truncated && less.missing == ["m"])
        let least = document.cut(toRows: 3)
        #expect(least.shares.map(\.name) == ["s0", "s1", "s2"] && least.truncated && least.missing == [])
    }

    @Test("Only 64 hexadecimal digits are a key", arguments: ["", "0", "g", "0A", "☃"])
    func keys(_ part: String) {
        var document = Self.document()
        document.key = String(repeating: part, count: part.isEmpty ? 0 : 64 / part.utf8.count)
        #expect(document.bounded.key == (part == "0" ? document.key : ""))
    }

    @Test(
        "JSON of another shape is an error and not more",
        arguments: [
            "", "null", "[]", "{}", "1", #"{"name":1}"#, "{", "\u{0}", String(repeating: "[", count: 200_000),
            #"{"name":"a","key":"b","roles":[],"shares":{},"truncated":false,"hosts":[]}"#,
            #"{"name":"a","key":"b","roles":["king"],"shares":[],"truncated":false,"hosts":[]}"#,
            #"{"name":"a","key":"b","roles":[],"load":1e999,"shares":[],"truncated":1,"hosts":[]}"#,
            #"{"name":"a","key":"b","roles":[],"shares":[{"name":"a","kind":"file","bytes":1e30,"files":1,"version":1}],"truncated":false,"hosts":[]}"#,
            #"{"name":"a","key":"b","roles":[],"shares":[{"name":"a","kind":"file","bytes":1.5,"files":1,"version":1}],"truncated":false,"hosts":[]}"#,
            #"{"name":"a","key":"b","roles":[],"shares":[{"name":"a","kind":"file","bytes":1,"files":1,"version":9223372036854775808}],"truncated":false,"hosts":[]}"#,
        ])
    func otherShapes(_ text: String) {
        #expect(throws: (any Error).self) { try JSON.decode(HostDocument.self, from: text.utf8) }
    }

    @Test("The revision tells versions and names apart, and nothing that comes and goes")
    func revision() {
        let one = Self.document(shares: [Self.share("a"), Self.share("b")])
        var same = one
        same.load = nil
        same.roles = []
        same.hosts = []
        #expect(same.revision == one.revision)
        #expect(Self.document(shares: [Self.share("a", version: 2), Self.share("b")]).revision != one.revision)
        #expect(Self.document(shares: [Self.share("a")]).revision != one.revision)
        #expect(Self.document().revision != one.revision)
    }
}
