import Metainfo
@testable import Storage
import Synchronization
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("A run of hashing")
struct CreationRunTests {
    let fixture: CreationFixture
    let pool = DiskPool(workers: 2)

    init() throws {
        fixture = try CreationFixture()
    }

    @Test("Progress only grows and ends at the total")
    func progress() async throws {
        try fixture.write("dir/large", count: 20_000_000)
        try fixture.write("dir/small", count: 5)
        let calls = Mutex<[Int64]>([])
        _ = try await TorrentCreator.create(path: fixture.path("dir"), pool: pool) { done, total in
            #expect(total == 20_000_005)
            calls.withLock { $0.append(done) }
        }
        let done = calls.withLock { $0 }
        #expect(done == done.sorted())
        #expect(done.first == 0)
        #expect(done.last == 20_000_005)
        #expect(done.count > 4)
    }

    @Test("A file that grows, shrinks, changes or vanishes after the scan is an error that names it")
    func changes() async throws {
        let changes: [@Sendable (CreationFixture) throws -> Void] = [
            { try $0.write("dir/b", count: 100_001) },
            { try $0.write("dir/b", count: 99_999) },
            { $0.setAge("dir/b", 10) },
            { unlink($0.path("dir/b")) },
            { fixture in
                unlink(fixture.path("dir/b"))
                symlink("a", fixture.path("dir/b"))
            },
            { fixture in
                unlink(fixture.path("dir/b"))
                mkfifo(fixture.path("dir/b"), 0o644)
            },
        ]
        for format in TorrentFormat.allCases {
            for change in changes {
                unlink(fixture.path("dir/b"))
                for name in ["a", "b", "c"] { try fixture.write("dir/" + name, count: 100_000) }
                let scan = try FolderScan(path: fixture.path("dir"))
                try change(fixture)
                let expected = CreationError.changedWhileRead(path: fixture.path("dir/b"))
                await #expect(throws: expected) {
                    try await TorrentCreator.create(
                        scan, options: CreationOptions(format: format), reusing: nil, pool: pool,
                        progress: { _, _ in })
                }
            }
        }
    }

    @Test("A file that is written while it is hashed is an error")
    func changesDuringRun() async throws {
        let size: Int64 = 64 << 20
        try fixture.write("big", count: 0)
        truncate(fixture.path("big"), off_t(size))
        let once = Atomic(false)
        await #expect(throws: CreationError.changedWhileRead(path: fixture.path("big"))) {
            try await TorrentCreator.create(path: fixture.path("big"), pool: pool) { [fixture] done, _ in
                guard done > 0, !once.exchange(true, ordering: .relaxed) else { return }
                fixture.setAge("big", 5)
            }
        }
    }

    @Test("Files that turn out not to be readable when they are opened are left out", arguments: TorrentFormat.allCases)
    func refused(format: TorrentFormat) async throws {
        for name in ["a", "b", "c", "d/e"] { try fixture.write("dir/" + name, count: 100_000) }
        let options = CreationOptions(format: format)
        let scan = try FolderScan(path: fixture.path("dir"))
        let opening = fixture.opening(except: ["dir/b": EACCES, "dir/d/e": EPERM])
        let (created, kept) = try await TorrentCreator.create(
            scan, options: options, reusing: nil, pool: pool, opening: opening, progress: { _, _ in })
        #expect(kept.files.map(\.components) == [["a"], ["c"]])
        let named = created.omitted.map(\.path).sorted()
        #expect(named == ["b", "d/e"] && created.omitted.allSatisfy { $0.reason == .notPermitted })
        #expect(created.stamps.compactMap(\.self).count == 2)
        for name in ["b", "d/e"] { unlink(fixture.path("dir/" + name)) }
        let rest = try await TorrentCreator.create(path: fixture.path("dir"), options: options, pool: pool)
        #expect(created.torrent.encoded() == rest.torrent.encoded())
    }

    @Test("A disk that does not give a file is an error, and so is nothing that may be read")
    func refusedAltogether() async throws {
        for name in ["a", "b"] { try fixture.write("dir/" + name, count: 100_000) }
        try fixture.write("dir/empty", count: 0)
        func expect(_ error: CreationError, _ path: String, _ refused: [String: Int32]) async throws {
            let scan = try FolderScan(path: fixture.path(path))
            let opening = fixture.opening(except: refused)
            await #expect(throws: error) {
                try await TorrentCreator.create(
                    scan, options: CreationOptions(), reusing: nil, pool: pool, opening: opening,
                    progress: { _, _ in })
            }
        }
        let (folder, file) = (fixture.path("dir"), fixture.path("dir/b"))
        try await expect(.storage(StorageError(kind: .io(EIO), path: file)), "dir", ["dir/b": EIO])
        try await expect(.storage(StorageError(kind: .io(EIO), path: file)), "dir", ["dir/a": EACCES, "dir/b": EIO])
        try await expect(
            .nothingReadable(path: folder, entries: "a and 1 more"), "dir", ["dir/a": EACCES, "dir/b": EACCES])
        try await expect(.storage(StorageError(kind: .notPermitted, path: file)), "dir/b", ["dir/b": EACCES])
    }

    @Test("Cancelling stops soon")
    func cancelling() async throws {
        try fixture.write("big", count: 0)
        truncate(fixture.path("big"), 1 << 40)
        let reports = Mutex(0)
        let task = Task { [fixture, pool] in
            try await TorrentCreator.create(path: fixture.path("big"), pool: pool) { _, _ in
                reports.withLock { $0 += 1 }
            }
        }
        while reports.withLock({ $0 }) < 3 { await Task.yield() }
        task.cancel()
        await #expect(throws: CreationError.cancelled) { try await task.value }

        let before = Task { [fixture, pool] in
            try await Task.sleep(for: .seconds(60))
            return try await TorrentCreator.create(path: fixture.path("big"), pool: pool)
        }
        before.cancel()
        await #expect(throws: (any Error).self) { try await before.value }
    }

    @Test("Units are runs of whole pieces that cover every byte once, in order")
    func plan() throws {
        func file(_ name: Int, _ size: Int64) -> ScannedFile {
            ScannedFile(
                components: ["\(name)"], stamp: FileStamp(size: size, modified: 0, inode: 0), isExecutable: false)
        }
        let sizes: [Int64] = [0, 1, 16384, 10_000_000, 0, 16385, 4 << 20, 70_000] + Array(repeating: 100, count: 1000)
        let files = sizes.enumerated().map { file($0.offset, $0.element) }
        let scan = FolderScan(path: "/x/dir", name: "dir", isSingleFile: false, files: files, omitted: [])
        for format in TorrentFormat.allCases {
            for pieceLength in [16384, 65536, 8 << 20] {
                let plan = HashPlan(scan: scan, format: format, pieceLength: pieceLength)
                var positions = [Int64](repeating: 0, count: files.count)
                var piece = 0
                for unit in plan.units {
                    #expect(unit.firstPiece == piece)
                    var bytes: Int64 = 0
                    var pieces = 0
                    for part in unit.parts {
                        #expect(part.offset == positions[part.file])
                        positions[part.file] += part.length
                        bytes += part.length
                        pieces += Int((part.length + Int64(pieceLength) - 1) / Int64(pieceLength))
                    }
                    if format == .v1 { pieces = Int((bytes + Int64(pieceLength) - 1) / Int64(pieceLength)) }
                    piece += pieces
                }
                #expect(positions == sizes)
                #expect(piece == plan.pieceCount)
                #expect(plan.bytesToHash == scan.totalSize)
            }
        }
    }
}
