import Metainfo
import Storage
import Testing

@Suite struct ContentStoreSelectionTests {
    @Test func unwantedPartsOfPiecesGoToTheSideFile() async throws {
        let folder = try ScratchFolder()
        let state = try ScratchFolder()
        let fixture = try ContentFixture.tree(.v1)
        let wanted = fixture.index(of: ["z"])
        let spill = "\(state.path)/spill"
        let store = try fixture.store(in: folder.path, wanted: [wanted], spill: spill)
        let pieces = fixture.info.layout.pieces(of: wanted).map { PieceIndex($0) }
        #expect(await store.write(pieces.flatMap(fixture.blocks)).verified == pieces)
        try store.finish()
        try store.synchronize()
        #expect(folder.read("root/z") == fixture.files[4].content)
        for name in ["a", "b"] { #expect(!folder.exists("root/\(name)")) }
        #expect(state.exists("spill"))

        // The first piece begins in another file and can be served and checked all the same.
        let first = fixture.content(of: pieces[0])
        #expect(try await store.read([BlockRequest(piece: pieces[0], begin: 0, length: 32768)]) == first)
        let again = try fixture.store(in: folder.path, wanted: [wanted], spill: spill)
        #expect(try await again.check() == pieces)
        #expect(again.stamps().compactMap { $0 }.count == 1)
    }

    @Test(arguments: [TorrentFormat.v2, .hybrid])
    func alignedFilesNeedNoSideFile(_ format: TorrentFormat) async throws {
        let folder = try ScratchFolder()
        let fixture = try ContentFixture.tree(format)
        let wanted = fixture.index(of: ["b", "run"])
        let store = try fixture.store(in: folder.path, wanted: [wanted], spill: "\(folder.path)/spill")
        let pieces = fixture.info.layout.pieces(of: wanted).map { PieceIndex($0) }
        #expect(await store.write(pieces.flatMap(fixture.blocks)).verified == pieces)
        try store.finish()
        #expect(!folder.exists("spill"))
        #expect(!folder.exists("root/b/empty"))
    }

    @Test func noPlaceForThemIsAnError() async throws {
        let folder = try ScratchFolder()
        let fixture = try ContentFixture.tree(.v1)
        let store = try fixture.store(in: folder.path, wanted: [fixture.index(of: ["z"])])
        #expect(await store.write(fixture.blocks(of: PieceIndex(0))).failures.count == 1)
        #expect(!folder.exists("root/a"))
    }

    @Test func emptyFilesLinksAndExecutableBits() async throws {
        let folder = try ScratchFolder()
        let fixture = try ContentFixture(
            .v1,
            [
                .init(path: ["bin", "link"], content: [], attributes: "l", link: ["lib", "tool"]),
                .init(path: ["empty", "one"], content: []),
                .init(path: ["empty", "two"], content: [], attributes: "x"),
                .init(path: ["lib", "tool"], content: ContentFixture.bytes(1000, seed: 1), attributes: "x"),
            ])
        // The tool was copied without its executable bit.
        try folder.makeFolder("root")
        try folder.makeFolder("root/lib")
        try folder.write(fixture.files[3].content, to: "root/lib/tool")
        let store = try fixture.store(in: folder.path)
        #expect(try await store.check() == fixture.pieces)
        try store.finish()
        try store.finish()
        try store.synchronize()
        #expect(folder.read("root/empty/one")?.isEmpty == true)
        #expect((folder.mode("root/empty/two") ?? 0) & 0o100 != 0)
        #expect((folder.mode("root/lib/tool") ?? 0) & 0o100 != 0)
        #expect(folder.isLink("root/bin/link"))
        #expect(folder.read("root/bin/link") == fixture.files[3].content)
    }

    @Test func finishMissesWhatIsMissing() async throws {
        let folder = try ScratchFolder()
        let fixture = try ContentFixture.tree(.v1)
        let store = try fixture.store(in: folder.path)
        #expect(throws: StorageError.self) { try store.finish() }
    }
}
