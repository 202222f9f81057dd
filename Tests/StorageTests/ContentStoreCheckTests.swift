import Metainfo
import NIOCore
import Storage
import Synchronization
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite struct ContentStoreCheckTests {
    @Test(arguments: TorrentFormat.allCases)
    func findsWhatIsThere(_ format: TorrentFormat) async throws {
        let folder = try ScratchFolder()
        let fixture = try ContentFixture.tree(format)
        let total = fixture.pieces.reduce(0) { $0 + fixture.info.layout.dataSize($1) }
        let empty = try fixture.store(in: folder.path)
        #expect(try await empty.check().isEmpty)
        #expect(!folder.exists("root"))

        #expect(await empty.write(fixture.allBlocks).verified == fixture.pieces)
        let most = Mutex<Int64>(0)
        let good = try await fixture.store(in: folder.path).check { checked in
            most.withLock { $0 = max($0, checked) }
        }
        #expect(good == fixture.pieces)
        #expect(most.withLock { $0 } == Int64(total))

        try folder.patch([0xAA, 0xBB, 0xCC], at: 33_000, in: "root/a")
        #expect(unlink("\(folder.path)/root/z") == 0)
        let store = try fixture.store(in: folder.path)
        let left = try await store.check()
        #expect(!left.contains(PieceIndex(1)))
        #expect(left.contains(PieceIndex(0)))
        let lost = fixture.info.layout.pieces(of: fixture.index(of: ["z"]))
        #expect(left.allSatisfy { !lost.contains($0.rawValue) })
        #expect(try await store.check(pieces: [PieceIndex(2), PieceIndex(1)]) == [PieceIndex(2)])

        // What is missing can be fetched again.
        let missing = fixture.pieces.filter { !left.contains($0) }
        #expect(await store.write(missing.flatMap(fixture.blocks)).verified == missing)
        for file in fixture.files where !file.content.isEmpty { #expect(fixture.isOnDisk(file, below: folder)) }
    }

    @Test func aSpoiltPieceIsTakenAgainAfterACheck() async throws {
        let folder = try ScratchFolder()
        let fixture = try ContentFixture.single(.hybrid)
        let store = try fixture.store(in: folder.path)
        #expect(await store.write(fixture.allBlocks).verified == fixture.pieces)
        try folder.patch([0, 0, 0, 0], at: 0, in: "one")
        #expect(try await store.check() == Array(fixture.pieces.dropFirst()))
        #expect(await store.write(fixture.blocks(of: PieceIndex(0))) == [.verified(PieceIndex(0))])
        #expect(folder.read("one") == fixture.files[0].content)
    }

    @Test(arguments: TorrentFormat.allCases)
    func holesCountAsTheZerosTheyAre(_ format: TorrentFormat) async throws {
        let folder = try ScratchFolder()
        let length = 1 << 20
        var content = [UInt8](repeating: 0, count: 3 * length)
        content.replaceSubrange(length..<2 * length, with: ContentFixture.bytes(length, seed: 9))
        let fixture = try ContentFixture(
            format, name: "one", pieceLength: length, [.init(path: ["one"], content: content)])
        let file = open("\(folder.path)/one", O_RDWR | O_CREAT, 0o644)
        #expect(ftruncate(file, off_t(content.count)) == 0)
        close(file)
        let store = try fixture.store(in: folder.path)
        #expect(try await store.check() == [PieceIndex(0), PieceIndex(2)])
    }

    @Test func canBeCancelled() async throws {
        let folder = try ScratchFolder()
        let fixture = try ContentFixture.tree(.v1)
        let store = try fixture.store(in: folder.path)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await store.check()
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await store.check(pieces: []).isEmpty)
        #expect(try await store.check(pieces: [PieceIndex(-1), PieceIndex(1 << 40)]).isEmpty)
    }

    @Test func somethingElseInTheWayIsAnError() async throws {
        let folder = try ScratchFolder()
        let fixture = try ContentFixture.single(.v1)
        #expect(mkfifo("\(folder.path)/one", 0o644) == 0)
        let store = try fixture.store(in: folder.path)
        await #expect(throws: StorageError(kind: .occupied, path: "\(folder.path)/one")) {
            try await store.check()
        }
    }

    @Test func stampsTellWhatChanged() async throws {
        let folder = try ScratchFolder()
        let fixture = try ContentFixture.tree(.hybrid)
        let store = try fixture.store(in: folder.path)
        #expect(store.stamps().allSatisfy { $0 == nil })
        #expect(await store.write(fixture.allBlocks).verified == fixture.pieces)
        try store.finish()
        let stamps = store.stamps()
        #expect(stamps.count == fixture.info.files.count)
        for (file, stamp) in zip(fixture.info.files, stamps) {
            #expect(stamp?.size == (file.isPadding ? nil : file.length))
        }
        #expect(stamps[0] == FileStamp(path: "\(folder.path)/root/a"))
        #expect(truncate("\(folder.path)/root/a", 5) == 0)
        #expect(store.stamps()[0] != stamps[0])
    }
}
