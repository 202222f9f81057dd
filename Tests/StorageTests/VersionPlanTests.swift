import Metainfo
import Testing

@testable import Storage

struct VersionPlanTests {
    private static let large = ContentFixture.bytes(200_000, seed: 1)
    private static let small = ContentFixture.bytes(1000, seed: 2)

    private static func torrent(_ format: TorrentFormat, _ tree: [(String, [UInt8])]) throws -> ContentFixture {
        try ContentFixture(
            format, name: "share",
            tree.map { path, bytes in
                ContentFixture.File(path: path.split(separator: "/").map(String.init), content: bytes)
            })
    }

    private static func source(_ fixture: ContentFixture, changed: Set<String> = [], gone: Set<String> = [])
        -> VersionSource
    {
        let stamps = fixture.info.files.enumerated().map { index, file in
            file.isPadding ? nil : FileStamp(size: file.length, modified: 1, inode: UInt64(index))
        }
        let found = zip(fixture.info.files, stamps).map { file, stamp -> FileStamp? in
            let path = file.path.joined(separator: "/")
            guard !gone.contains(path), let stamp else { return nil }
            return changed.contains(path) ? FileStamp(size: stamp.size, modified: 2, inode: stamp.inode) : stamp
        }
        return VersionSource(
            torrent: Torrent(info: fixture.info, pieceLayers: fixture.layers), directory: "/nowhere",
            rootName: "share", stamps: stamps, found: found)
    }

    /// The origin of each path of the new version.
    private static func origins(
        _ source: VersionSource, _ new: ContentFixture, layers: PieceLayers? = nil
    ) -> [String: VersionPlan.Origin] {
        let plan = VersionPlan(from: [source], to: new.info, layers: layers ?? new.layers, rootName: "share")
        var origins: [String: VersionPlan.Origin] = [:]
        for (file, origin) in zip(new.info.files, plan.origins) {
            if let origin { origins[file.path.joined(separator: "/")] = origin }
        }
        return origins
    }

    private static func file(_ number: Int) -> VersionPlan.SourceFile {
        VersionPlan.SourceFile(source: 0, file: FileIndex(number))
    }

    private static func pieces(_ numbers: [Int]) -> [PieceIndex] { numbers.map { PieceIndex($0) } }

    @Test func keepsMovesCopiesAndFetches() throws {
        let old = try Self.torrent(.v2, [("a", Self.small), ("b", Self.large), ("c", [1]), ("e", [])])
        let new = try Self.torrent(
            .v2, [("a", Self.small), ("a2", Self.small), ("d", Self.large), ("e", []), ("f", [2])])
        let origins = Self.origins(Self.source(old), new)
        #expect(
            origins == [
                "a": .kept(Self.file(0)), "a2": .copied(Self.file(0)), "d": .moved(Self.file(1)),
                "e": .kept(Self.file(3)), "f": .fetched,
            ])
        let plan = VersionPlan(from: [Self.source(old)], to: new.info, layers: new.layers, rootName: "share")
        #expect(plan.removed == [FileIndex(1), FileIndex(2)])
    }

    @Test func aChangedFileKeepsThePiecesThatAreEqual() throws {
        var changed = Self.large
        changed[40_000] ^= 1
        changed += [1, 2, 3]
        let old = try Self.torrent(.v2, [("a", Self.small), ("b", Self.large)])
        let new = try Self.torrent(.v2, [("a", Self.small.reversed()), ("b", changed)])
        // Piece 0 is a's. The second one of b differs, and the last one is longer.
        let origins = Self.origins(Self.source(old), new)
        #expect(origins == ["a": .fetched, "b": .base(Self.file(1), pieces: Self.pieces([1, 3, 4, 5, 6]))])
        #expect(Self.origins(Self.source(old), new, layers: PieceLayers())["b"] == .fetched)
    }

    @Test func whatTheUserChangedIsOnlyABase() throws {
        let old = try Self.torrent(.v2, [("a", Self.small), ("b", Self.large)])
        let all = Self.pieces(Array(1...7))
        let origins = Self.origins(Self.source(old, changed: ["b"], gone: ["a"]), old)
        #expect(origins == ["a": .fetched, "b": .base(Self.file(1), pieces: all)])
    }

    @Test func withoutRootsOnlyPathAndLengthTell() throws {
        let old = try Self.torrent(.v1, [("a", Self.small), ("b", Self.large)])
        let new = try Self.torrent(.v1, [("a", Self.small.reversed()), ("b", [1]), ("c", Self.large)])
        #expect(Self.origins(Self.source(old), new) == ["a": .likely(Self.file(0)), "b": .fetched, "c": .fetched])
        let hybrid = try Self.torrent(.hybrid, [("a", Self.small)])
        #expect(Self.origins(Self.source(old), hybrid) == ["a": .likely(Self.file(0))])
    }

    @Test func namesOfWhatIsKeptFitIntoAFolder() {
        let date = "2026-11-25"
        #expect(KeptName.name("a.tar.gz", date: date, attempt: 1, isFolder: false) == "a.tar (kept 2026-11-25).gz")
        #expect(KeptName.name("a.b", date: date, attempt: 2, isFolder: true) == "a.b (kept 2026-11-25) 2")
        #expect(KeptName.name(".profile", date: date, attempt: 1, isFolder: false) == ".profile (kept 2026-11-25)")
        let long = KeptName.name(String(repeating: "ä", count: 120) + ".txt", date: date, attempt: 12, isFolder: false)
        #expect(long.utf8.count <= 255 && long.hasSuffix(" (kept 2026-11-25) 12.txt"))
    }
}
