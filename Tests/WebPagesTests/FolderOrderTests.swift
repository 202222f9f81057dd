import Testing
import WebPages
import WebWire

@Suite struct FolderOrderTests {
    private func names(_ query: String, _ entries: [FolderEntry]) -> [String] {
        FolderOrder(QueryParameters(parsing: query)).apply(to: entries).entries.map(\.name)
    }

    @Test("Folders first, numbers by value, case only where nothing else differs")
    func order() {
        var entries = Samples.entries(["b10", "B2", "a", "b2", "b002", "9", "10"])
        entries.append(FolderEntry(name: "z", kind: .folder(fileCount: 3), size: 7, modified: Samples.date))
        #expect(names("", entries) == ["z", "9", "10", "a", "B2", "b002", "b2", "b10"])
        #expect(names("order=desc", entries) == ["z", "b10", "b2", "b002", "B2", "a", "10", "9"])
        #expect(names("sort=size", entries) == ["z", "b10", "B2", "a", "b2", "b002", "9", "10"])
        #expect(names("sort=size&order=desc", entries).suffix(2) == ["B2", "b10"])
        #expect(names("sort=modified", entries).suffix(2) == ["B2", "b10"])
        #expect(names("sort=nonsense&order=x&page=-1", entries) == names("", entries))
        let large = Samples.entries(["1", "99999999999999999999999999", "100000000000000000000000000", "2"])
        #expect(names("", large) == ["1", "2", "99999999999999999999999999", "100000000000000000000000000"])
    }

    @Test("Large folders come in pages")
    func pages() {
        let entries = Samples.entries((0..<1001).map { "\($0)" })
        let third = FolderOrder(QueryParameters(parsing: "page=3")).apply(to: entries)
        #expect(third.pageCount == 3 && third.entries.map(\.name) == ["1000"])
        #expect(FolderOrder(page: 99).apply(to: entries).entries.count == 1)
        #expect(names("page=99999999999999999999", entries).count == 500)
        let page = FolderPage.html(Samples.folder(entries), order: FolderOrder(page: 2)).markup
        #expect(page.contains("rel=\"prev\"") && page.contains("rel=\"next\"") && page.contains("Page 2 of 3"))
    }

    @Test("The headings sort, and say which way it is sorted")
    func headings() {
        let folder = Samples.folder(Samples.entries(["a", "b"]))
        let page = FolderPage.html(folder, order: FolderOrder(key: .size)).markup
        #expect(page.contains("aria-sort=\"ascending\"><a href=\"?sort=size&amp;order=desc\">Size"))
        #expect(page.contains("<th scope=\"col\"><a href=\"?sort=name&amp;order=asc\">Name</a>"))
    }
}
