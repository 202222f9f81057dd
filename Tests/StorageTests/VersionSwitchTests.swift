import Metainfo
import Testing

@testable import Storage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

struct VersionSwitchTests {
    private static func bytes(_ count: Int, _ seed: UInt64) -> [UInt8] { ContentFixture.bytes(count, seed: seed) }

    private static func today() -> String {
        var now = time(nil)
        var parts = tm()
        localtime_r(&now, &parts)
        var text = [CChar](repeating: 0, count: 32)
        strftime(&text, text.count, "%Y-%m-%d", &parts)
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static let large = bytes(200_000, 7)
    private static var largeChanged: [UInt8] {
        var bytes = large
        bytes[100_000] ^= 1
        return bytes
    }

    private static let old: VersionFixture.Tree = [
        "kept": bytes(50_000, 1), "moved": bytes(40_000, 2), "large": large, "gone": bytes(100, 3),
        "edited": bytes(100, 4), "a/inner": bytes(100, 5), "a/deep/only": bytes(100, 6), "turns": bytes(10, 8),
        "swap/file": bytes(10, 9), "gone-edited": bytes(10, 10), "empty": [], "run.sh": bytes(10, 11),
        "twice": bytes(20_000, 12),
    ]
    private static let new: VersionFixture.Tree = [
        "kept": bytes(50_000, 1), "b/moved": bytes(40_000, 2), "large": largeChanged, "edited": bytes(120, 24),
        "a/inner": bytes(100, 25), "turns/now": bytes(10, 26), "swap": bytes(10, 27), "added": bytes(10, 28),
        "c/d/e/new": bytes(10, 29), "empty": [], "run.sh": bytes(10, 30), "twice": bytes(20_000, 12),
        "again": bytes(20_000, 12),
    ]

    /// Such a file can come from anywhere: with a torrent whose folder is called like one of these.
    @Test(arguments: [["..", "a"], ["share", "..", "..", "a"], ["share", ".", "a"]])
    func aJournalThatLeadsOutOfItsFolderIsNone(path: [String]) throws {
        let folder = try CreationFixture()
        let hashes = try #require(InfoHashes(v1: nil, v2: InfoHashV2([UInt8](repeating: 7, count: 32))))
        func load(_ rootName: String, _ path: [String]) throws -> SwitchJournal? {
            let entry = SwitchJournal.Entry(path: path, mark: .link("b"))
            try SwitchJournal(hashes: hashes, rootName: rootName, date: "2026-11-25", old: [entry], new: [entry])
                .save(in: folder.path)
            return try SwitchJournal.load(from: folder.path)
        }
        #expect(try load("share", ["share", "a..b", "...", "a"])?.new.first?.path.count == 4)
        #expect(try load("share", path) == nil)
        #expect(try load("..", ["share"]) == nil)
        #expect(try load("a/b", ["share"]) == nil)
    }

    @Test(arguments: TorrentFormat.allCases)
    func aVersionTakesThePlaceOfAnother(format: TorrentFormat) async throws {
        let fixture = try VersionFixture(Self.old, Self.new, format: format)
        let before = fixture.found()
        let stamps = try await fixture.stage()
        let during = fixture.found().filter { !$0.key.hasPrefix(".duplex-next-") }
        #expect(during == before)
        if format == .v2 {
            // The changed block of the large file and the small ones; not what moved.
            #expect(fixture.blocksFetched == 8 + 1)
        }

        let version = try VersionSwitch.begin(fixture.staging, replacing: fixture.source, stamps: stamps)
        let result = try version.run()
        #expect(result.kept.isEmpty)
        #expect(
            result.stamps
                == ResumeRecord.stamps(of: fixture.new.info, directory: fixture.folder.path, rootName: "share"))
        #expect(try version.run() == result)
        try version.finish()
        fixture.expectNewVersion(keeping: [:])
        var first = stat()
        var second = stat()
        lstat(fixture.folder.path("share/twice"), &first)
        lstat(fixture.folder.path("share/again"), &second)
        #expect(first.st_ino != second.st_ino)
        #expect(first.st_nlink == 1)
        #expect(access(fixture.folder.path("share/run.sh"), X_OK) == 0)
    }

    @Test func killedAtAnyStepItIsFinishedByTheNextRun() async throws {
        var steps = 0
        while true {
            let fixture = try VersionFixture(Self.old, Self.new)
            let users = try Self.change(fixture)
            let stamps = try await fixture.stage()
            let version = try VersionSwitch.begin(fixture.staging, replacing: fixture.source, stamps: stamps)
            let killing = Killing(after: steps)
            _ = try? version.run(step: killing.step)
            let isOver = !killing.happened
            // Killed once more, and then left alone.
            let again = try #require(try VersionSwitch.unfinished(in: fixture.folder.path).first)
            #expect(again.hashes == fixture.new.info.hashes && again.rootName == "share")
            _ = try? again.run(step: Killing(after: steps % 7).step)
            let last = try #require(try VersionSwitch.unfinished(in: fixture.folder.path).first)
            let result = try last.run()
            #expect(
                result.stamps
                    == ResumeRecord.stamps(of: fixture.new.info, directory: fixture.folder.path, rootName: "share"))
            #expect(Set(result.kept.map(\.keptPath)) == Set(users.kept.values))
            #expect(Dictionary(result.kept.map { ($0.path, $0.keptPath) }) { first, _ in first } == users.kept)
            try last.finish()
            fixture.expectNewVersion(keeping: users.tree, comment: "killed at step \(steps)")
            if isOver { break }
            steps += 1
        }
        #expect(steps > 20)
    }

    /// What a user may do, and what is there of it afterwards.
    private static func change(_ fixture: VersionFixture) throws -> (tree: VersionFixture.Tree, kept: [String: String])
    {
        let date = today()
        let mine = bytes(77, 99)
        // Edited; edited where it goes away; in the way of something new; in folders that go and stay.
        for path in ["edited", "gone-edited", "added", "a/deep/mine", "a/mine", "swap/mine", "c.txt"] {
            try fixture.folder.write("share/" + path, bytes: mine, age: 5)
        }
        // A link in place of a folder that the new version needs, and of a file.
        try fixture.folder.write("outside/d/file", bytes: mine)
        symlink("../outside", fixture.folder.path("share/c"))
        unlink(fixture.folder.path("share/kept"))
        symlink("mine", fixture.folder.path("share/kept"))
        // Taken names.
        try fixture.folder.write("share/edited (kept \(date))", bytes: [1])
        try fixture.folder.write("share/b/moved/folder", bytes: [2])
        unlink(fixture.folder.path("share/empty"))
        let tree: VersionFixture.Tree = [
            "share/edited (kept \(date))": [1], "share/edited (kept \(date)) 2": mine,
            "share/gone-edited": mine, "share/added (kept \(date))": mine, "share/a/deep/mine": mine,
            "share/a/mine": mine, "share/swap (kept \(date))/mine": mine, "share/c.txt": mine,
            "outside/d/file": mine, "share/c (kept \(date))": Array("../outside".utf8),
            "share/kept (kept \(date))": Array("mine".utf8), "share/b/moved (kept \(date))/folder": [2],
        ]
        let kept = [
            "share/edited": "share/edited (kept \(date)) 2", "share/added": "share/added (kept \(date))",
            "share/swap": "share/swap (kept \(date))", "share/c": "share/c (kept \(date))",
            "share/kept": "share/kept (kept \(date))", "share/b/moved": "share/b/moved (kept \(date))",
            // It stays where it is.
            "share/gone-edited": "share/gone-edited",
        ]
        return (tree, kept)
    }

    @Test(arguments: [TorrentFormat.v1, .v2])
    func whatIsChangedWhileItIsFetchedIsNeverWrittenTo(format: TorrentFormat) async throws {
        let fixture = try VersionFixture(
            ["kept": Self.large, "moved": Self.large.reversed(), "gone": [1]],
            ["kept": Self.large, "to": Self.large.reversed()], format: format)
        let staged = try fixture.staging.prepare(fixture.plan(), from: [fixture.source])
        // In place: both names of the file show it.
        let mine = Self.bytes(150_000, 50)
        try fixture.folder.write("share/kept", bytes: mine, age: 3)
        try fixture.folder.write("share/moved", bytes: mine, age: 3)
        let store = try fixture.store()
        var have = staged.trusted
        for piece in try await store.check(pieces: staged.piecesToCheck) { have.insert(piece) }
        store.setVerified((0..<have.capacity).map { PieceIndex($0) }.filter { have.contains($0) })
        let stamps = try await fixture.complete(store, staged, have)
        store.close()
        #expect(CreationFixture.read(fixture.folder.path("share/kept")) == mine)
        let version = try VersionSwitch.begin(fixture.staging, replacing: fixture.source, stamps: stamps)
        let result = try version.run()
        try version.finish()
        let kept = "share/kept (kept \(Self.today()))"
        #expect(
            result.kept == [
                VersionSwitchResult.KeptFile(path: "share/moved", keptPath: "share/moved"),
                VersionSwitchResult.KeptFile(path: "share/kept", keptPath: kept),
            ])
        fixture.expectNewVersion(keeping: [kept: mine, "share/moved": mine])
    }

    @Test("What a kill left of other versions is removed, empty or not; a begun switch and what is wanted stay")
    func abandoned() async throws {
        let fixture = try VersionFixture(["kept": [1, 2, 3]], ["kept": [1, 2, 3], "new": [4]])
        let stamps = try await fixture.stage()
        let directory = fixture.folder.path
        let wanted = fixture.new.info.hashes
        try fixture.folder.write(".duplex-next-00000000/share/part", bytes: [1])
        try fixture.folder.write(".duplex-next-11111111/other/part", bytes: [1])
        mkdir(directory + "/.duplex-next-22222222", 0o755)
        let own = fixture.staging.path
        VersionStaging.abandonAll(in: directory, rootName: "share", except: wanted)
        #expect(Set(VersionStaging.paths(in: directory)) == [own, directory + "/.duplex-next-11111111"])
        _ = try VersionSwitch.begin(fixture.staging, replacing: fixture.source, stamps: stamps)
        VersionStaging.abandonAll(in: directory, rootName: "share", except: nil)
        #expect(VersionStaging.paths(in: directory).contains(own))
    }

    @Test func whatIsChangedBeforeTheSwitchIsNoticed() async throws {
        let fixture = try VersionFixture(["kept": [1, 2, 3]], ["kept": [1, 2, 3], "new": [4]])
        let stamps = try await fixture.stage()
        try fixture.folder.write("share/kept", bytes: [9, 9, 9], age: 3)
        #expect(throws: StorageError.self) {
            try VersionSwitch.begin(fixture.staging, replacing: fixture.source, stamps: stamps)
        }
        try fixture.staging.abandon()
        #expect(fixture.found() == ["share/kept": [9, 9, 9]])
    }

    @Test(arguments: [false, true])
    func aFileBecomesAFolderAndBack(toFile: Bool) async throws {
        let file: VersionFixture.Tree = ["": Self.large]
        let folder: VersionFixture.Tree = ["a/b": Self.large, "c": [1]]
        let fixture = toFile ? try VersionFixture(folder, file) : try VersionFixture(file, folder)
        let stamps = try await fixture.stage()
        #expect(fixture.blocksFetched == (toFile ? 0 : 1))
        let version = try VersionSwitch.begin(fixture.staging, replacing: fixture.source, stamps: stamps)
        _ = try version.run()
        try version.finish()
        fixture.expectNewVersion(keeping: [:])
    }

    @Test func aStagedVersionIsASourceForTheNext() async throws {
        let first = try VersionFixture(
            ["kept": [1], "large": Self.large],
            ["kept": [1], "large": Self.largeChanged, "more": Self.bytes(99_000, 3)])
        let stamps = try await first.stage()
        var third = first.newTree
        third["large2"] = third["large"]
        third["large"]?[1] ^= 1
        third["more"] = nil
        third["less"] = first.newTree["more"]
        let torrent = try VersionFixture(first.newTree, third).new
        let staged = VersionSource(
            torrent: Torrent(info: first.new.info, pieceLayers: first.new.layers), directory: first.staging.path,
            rootName: "share", stamps: stamps, found: stamps)
        let staging = VersionStaging(of: torrent.info, in: first.folder.path, rootName: "share")
        let sources = [first.source, staged]
        let plan = VersionPlan(from: sources, to: torrent.info, layers: torrent.layers, rootName: "share")
        let result = try staging.prepare(plan, from: sources)
        try first.staging.abandon()
        let store = try ContentStore(
            info: torrent.info, directory: staging.path, separatesLinks: true, pool: first.pool)
        store.setPieceLayers(torrent.layers)
        let good = try await store.check()
        // All but the first piece of the file that changed once more.
        #expect(good.count == torrent.info.layout.pieceCount - 1)
        #expect(Set(good).isSuperset(of: result.piecesToCheck))
        #expect(good.count == result.trusted.count + result.piecesToCheck.count)
    }
}
