import Metainfo
import Testing

@Suite("Safe paths")
struct PathSafetyTests {
    private func safe(_ text: String) -> String? {
        PathSafety.safeComponent(Array(text.utf8))
    }

    @Test("Names that would escape or cannot exist")
    func components() {
        #expect(safe("") == nil && safe(".") == nil && safe("..") == nil && safe("/") == nil && safe("\\..\\") == nil)
        #expect(safe("...") == "..." && safe(".hidden") == ".hidden" && safe(" a ") == " a ")
        #expect(safe("a/b\\c") == "abc")
        #expect(safe("a\u{0}b\n\u{7F}\u{9B}") == "a_b___")
        #expect(PathSafety.safeComponent([0x61, 0xFF, 0xC0, 0xAF, 0x62])?.utf8.allSatisfy { $0 < 128 } == true)
        #expect(safe("naïve 文件 🎬\u{FFFD}") == "naïve 文件 🎬\u{FFFD}")
        #expect(PathSafety.safePath([Array("..".utf8), Array("".utf8)]) == ["_"])
    }

    @Test("Long names are cut to 240 bytes between characters and keep a short extension")
    func longNames() {
        let name = String(repeating: "ä", count: 200) + ".torrent"
        let cut = safe(name) ?? ""
        #expect(cut.utf8.count == 240 && cut.hasSuffix("ä.torrent"))
        #expect(safe(String(repeating: "x", count: 300))?.utf8.count == 240)
        #expect(safe("a." + String(repeating: "x", count: 300))?.utf8.count == 240)
        #expect(PathSafety.isSafe(String(repeating: "x", count: 240)))
        #expect(!PathSafety.isSafe(String(repeating: "x", count: 241)) && !PathSafety.isSafe(".."))
    }

    @Test("Equal paths get numbers; a file where a folder is gives way")
    func collisions() {
        let paths = [["bar.txt"], ["bar.txt"], ["bar.1.txt"], ["d"], ["d", "x"], ["d", "x"], [".rc"], [".rc"]]
        #expect(
            PathSafety.disambiguated(paths, comparison: .exact) == [
                ["bar.txt"], ["bar.1.txt"], ["bar.1.1.txt"], ["d.1"], ["d", "x"], ["d", "x.1"], [".rc"], [".rc.1"],
            ])
    }

    @Test("Paths in the order of a tree are compared one by one, and come out as any others do")
    func order() {
        let tree = [["a"], ["a.b"], ["b", "a"], ["b", "a.c"], ["b", "c", "d"], ["b.c"], ["é"]]
        #expect(PathSafety.disambiguated(tree, comparison: .exact) == tree)
        for number in tree.indices {
            var twice = tree
            twice.insert(tree[number], at: number)
            #expect(Set(PathSafety.disambiguated(twice, comparison: .exact)).count == twice.count)
            var below = tree
            below.insert(tree[number] + ["x"], at: number + 1)
            let placed = PathSafety.disambiguated(below, comparison: .exact)
            #expect(placed[number] != tree[number] && placed[number + 1] == below[number + 1])
        }
    }

    @Test("Case and normalisation count where the file system does not keep them apart")
    func folding() {
        let paths = [["README"], ["readme"], ["é"], ["e\u{301}"], ["Dir", "a"], ["dir"], ["straße"], ["STRASSE"]]
        let exact = PathSafety.disambiguated(paths, comparison: .exact)
        #expect(zip(exact, paths).allSatisfy { $0.joined().utf8.elementsEqual($1.joined().utf8) })
        let folded = PathSafety.disambiguated(paths, comparison: .folding)
        #expect(folded[1] == ["readme.1"] && folded[3] == ["e\u{301}.1"] && folded[5] == ["dir.1"])
        #expect(folded[7] == ["STRASSE.1"] && folded[4] == ["Dir", "a"])
        #expect(Set(folded.map { $0.joined(separator: "/").lowercased() }).count == paths.count)
    }

    @Test("Many equal names and deep paths stay cheap")
    func cost() {
        let same = PathSafety.disambiguated(Array(repeating: ["a"], count: 50_000), comparison: .exact)
        #expect(Set(same).count == 50_000)
        let deep = (0..<2000).map { number in Array(repeating: "d\(number)", count: 90) }
        #expect(PathSafety.disambiguated(deep, comparison: .folding) == deep)
    }
}

@Suite("Names with a number")
struct NumberedNameTests {
    @Test(
        arguments: [
            ("a.txt", 2, "a (2).txt"), ("a", 3, "a (3)"), (".profile", 2, ".profile (2)"), ("a.txt", 1, "a.txt"),
            ("a.tar.gz", 10, "a.tar (10).gz"),
        ])
    func numbers(_ name: String, _ number: Int, _ expected: String) {
        #expect(PathSafety.numbered(name, number) == expected)
    }

    @Test(arguments: [
        String(repeating: "\u{E4}", count: 118) + ".txt", String(repeating: "a", count: 240),
        "a." + String(repeating: "b", count: 238),
        String(repeating: "a", count: 120) + "." + String(repeating: "c", count: 119),
    ])
    func longOnesStaySafe(_ name: String) {
        #expect(PathSafety.isSafe(name))
        let numbered = PathSafety.numbered(name, 9999)
        #expect(numbered.contains(" (9999)"))
        #expect(numbered.utf8.count <= PathSafety.maximumComponentLength && PathSafety.isSafe(numbered))
    }
}
