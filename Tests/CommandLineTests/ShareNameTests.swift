import Testing

@testable import duplex

@Suite struct ShareNameTests {
    @Test(
        arguments: [
            ("anna/Lectures", "anna", "Lectures", nil), ("anna/Lectures/", "anna", "Lectures", nil),
            ("anna/a/b/c", "anna", "a", "b/c"), ("anna/a//b//c/", "anna", "a", "b/c"),
            ("192.0.2.1:6881/a b", "192.0.2.1:6881", "a b", nil), ("[::1]:5/a/b", "[::1]:5", "a", "b"),
            ("anna/a/../b", "anna", "a", "../b"), ("ä/☃", "ä", "☃", nil),
        ] as [(String, String, String, String?)])
    func hostAndShare(text: String, host: String, share: String, path: String?) throws {
        let name = try #require(ShareName(parsing: text))
        #expect(name.host == host && name.share == share && name.path == path)
        #expect(ShareName(parsing: name.description) == name)
    }

    @Test(arguments: ["", "/", "anna", "anna/", "/Lectures", "//a", "anna//a"]) func neitherHostNorShare(text: String) {
        #expect(ShareName(parsing: text) == nil)
    }

    @Test func whatLooksLikeAPathOrALinkIsNoName() throws {
        guard case .named(let name) = try GetSource("no-such-host/Lectures/a") else {
            Issue.record("no name")
            return
        }
        #expect(name.description == "no-such-host/Lectures/a")
        for text in ["./a/b", "../a/b", "/a/b", "~/a/b", "a/b.torrent"] {
            #expect(throws: CommandFailure.self, "\(text)") { try GetSource(text) }
        }
        for text in ["http://a/b", "HTTPS://a/b"] {
            guard case .web(text) = try GetSource(text) else {
                Issue.record("\(text) is no web address")
                continue
            }
        }
        guard case .magnet = try GetSource("magnet:?xt=urn:btih:" + String(repeating: "1", count: 40)) else {
            Issue.record("no link")
            return
        }
    }
}

@Suite struct ColumnTextTests {
    @Test func cellsAreBelowEachOtherWhateverTheirWidth() {
        #expect(
            ColumnText.lines([["a", "bb", "c"], ["日本", "b", "cc"], ["", "", ""]]) == ["a     bb  c", "日本  b   cc", ""])
        #expect(ColumnText.lines([]) == [])
        #expect(ColumnText.lines([[]]) == [""])
        #expect(ColumnText.lines([["a"], ["bb", "c"], ["d", "", "e"]]) == ["a", "bb  c", "d      e"])
    }
}
