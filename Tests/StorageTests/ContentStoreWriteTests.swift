import Metainfo
import NIOCore
import Storage
import Testing
import TestSupport

@Suite struct ContentStoreWriteTests {
    @Test(arguments: TorrentFormat.allCases)
    func writesATreeAndVerifiesEveryPiece(_ format: TorrentFormat) async throws {
        let folder = try ScratchFolder()
        let fixture = try ContentFixture.tree(format)
        let store = try fixture.store(in: folder.path)
        #expect(await store.write(fixture.allBlocks).verified == fixture.pieces)
        try store.finish()
        try store.synchronize()
        for file in fixture.files { #expect(fixture.isOnDisk(file, below: folder), "\(file.path)") }
        #expect(!folder.exists("root/.pad"))
        #expect((folder.mode("root/b/run") ?? 0) & 0o100 != 0)
        #expect((folder.mode("root/a") ?? 0o111) & 0o111 == 0)
    }

    @Test(arguments: TorrentFormat.allCases)
    func putsASingleFileDirectlyIntoTheDirectory(_ format: TorrentFormat) async throws {
        let folder = try ScratchFolder()
        let fixture = try ContentFixture.single(format)
        let store = try fixture.store(in: folder.path)
        #expect(await store.write(fixture.allBlocks).verified == fixture.pieces)
        #expect(folder.read("one") == fixture.files[0].content)
    }

    @Test(arguments: TorrentFormat.allCases, [UInt64(0), 1, 2, 3])
    func takesBlocksInAnyOrder(_ format: TorrentFormat, _ seed: UInt64) async throws {
        let folder = try ScratchFolder()
        let fixture = try ContentFixture.tree(format, pieceLength: 65536)
        let store = try fixture.store(in: folder.path)
        var random = TestRandom(seed: seed)
        var blocks = fixture.allBlocks
        if seed == 0 { blocks.reverse() } else { blocks.shuffle(using: &random) }
        var outcomes: [BlockOutcome] = []
        while !blocks.isEmpty {
            let count = min(blocks.count, Int.random(in: 1...3, using: &random))
            outcomes += await store.write(Array(blocks.prefix(count)))
            blocks.removeFirst(count)
        }
        #expect(outcomes.verified == fixture.pieces)
        for file in fixture.files where !file.content.isEmpty { #expect(fixture.isOnDisk(file, below: folder)) }
    }

    @Test(arguments: TorrentFormat.allCases)
    func aBadBlockIsFoundByItsHashAndReplacedAlone(_ format: TorrentFormat) async throws {
        let folder = try ScratchFolder()
        let fixture = try ContentFixture.single(format)
        let store = try fixture.store(in: folder.path)
        let piece = PieceIndex(1)
        let good = fixture.blocks(of: piece)
        var bad = good
        bad[1] = Self.corrupted(good[1])
        let outcomes = await store.write(bad)
        let expected = good.map { block in block.data.withUnsafeReadableBytes { MerkleTree.leaf($0) } }
        guard case .failed(piece, let hashes)? = outcomes.first, outcomes.count == 1 else {
            Issue.record("\(outcomes)")
            return
        }
        #expect(hashes.count == 2)
        #expect(hashes.indices.filter { hashes[$0] != expected[$0] } == [1])

        // Nothing is taken before somebody says what to replace.
        #expect(await store.write(good).isEmpty)
        store.resetBlocks(piece: piece, blocks: [1])
        #expect(await store.write([good[1]]) == [.verified(piece)])
        #expect(try await store.leaves(of: piece) == expected)
    }

    @Test func aHybridWhoseHalvesDisagreeIsNoPeersFault() async throws {
        let folder = try ScratchFolder()
        let file = ContentFixture.File(path: ["root"], content: ContentFixture.bytes(70_000, seed: 5))
        let fixture = try ContentFixture(.hybrid, [file], withWrongSHA1: true)
        let store = try fixture.store(in: folder.path)
        let outcomes = await store.write(fixture.blocks(of: PieceIndex(0)))
        guard case .failedToStore(PieceIndex(0), let error)? = outcomes.first, outcomes.count == 1 else {
            Issue.record("\(outcomes)")
            return
        }
        #expect(error.kind == .inconsistent)
        #expect(await store.write(fixture.blocks(of: PieceIndex(1))) == [.verified(PieceIndex(1))])
    }

    @Test(arguments: TorrentFormat.allCases)
    func aForgottenPieceStartsAgain(_ format: TorrentFormat) async throws {
        let folder = try ScratchFolder()
        let fixture = try ContentFixture.single(format)
        let store = try fixture.store(in: folder.path)
        let piece = PieceIndex(0)
        let good = fixture.blocks(of: piece)
        #expect(await store.write(good.map(Self.corrupted)).count == 1)
        store.forget(piece: piece)
        #expect(await store.write([good[1]]).isEmpty)
        #expect(await store.write([good[0]]) == [.verified(piece)])
    }

    @Test(arguments: TorrentFormat.allCases)
    func oneBlockCanBeReplacedInAPieceOfAnEarlierRun(_ format: TorrentFormat) async throws {
        let folder = try ScratchFolder()
        let fixture = try ContentFixture.single(format)
        try folder.write(fixture.files[0].content, to: "one")
        try folder.patch([1, 2, 3], at: 40_000, in: "one")
        let store = try fixture.store(in: folder.path)
        let piece = PieceIndex(1)
        store.resetBlocks(piece: piece, blocks: [0])
        #expect(await store.write([fixture.blocks(of: piece)[0]]) == [.verified(piece)])
        #expect(folder.read("one") == fixture.files[0].content)
    }

    @Test func doublesAreDroppedAndVerifiedPiecesNotOverwritten() async throws {
        let folder = try ScratchFolder()
        let fixture = try ContentFixture.single(.hybrid)
        let store = try fixture.store(in: folder.path)
        let blocks = fixture.blocks(of: PieceIndex(0))
        #expect(await store.write([blocks[0], blocks[0], Self.corrupted(blocks[0])]).isEmpty)
        #expect(await store.write([blocks[1]]) == [.verified(PieceIndex(0))])
        #expect(await store.write(blocks.map(Self.corrupted)).isEmpty)
        #expect(folder.read("one")?.prefix(32768) == fixture.files[0].content.prefix(32768))
    }

    @Test func aBlockCanSpanManySmallFiles() async throws {
        let folder = try ScratchFolder()
        let files = (0..<60).map { number in
            ContentFixture.File(
                path: ["f\(number)"], content: ContentFixture.bytes(number * 97, seed: UInt64(number)))
        }
        let fixture = try ContentFixture(.v1, files)
        let store = try fixture.store(in: folder.path, files: FileTable(limit: 5))
        #expect(await store.write(fixture.allBlocks.reversed()).verified == fixture.pieces)
        try store.finish()
        for file in files { #expect(fixture.isOnDisk(file, below: folder)) }
    }

    @Test func paddingInsideAPieceIsZerosWhateverArrives() async throws {
        let folder = try ScratchFolder()
        let fixture = try ContentFixture(
            .v1,
            [
                .init(path: ["a"], content: ContentFixture.bytes(10_000, seed: 1)),
                .init(path: [".pad", "3000"], content: Array(repeating: 0, count: 3000), attributes: "p"),
                .init(path: ["b"], content: ContentFixture.bytes(30_000, seed: 2)),
            ])
        let store = try fixture.store(in: folder.path)
        var first = fixture.blocks(of: PieceIndex(0))
        var data = first[0].data
        data.setInteger(UInt8(7), at: data.readerIndex + 11_000)
        first[0] = IncomingBlock(piece: PieceIndex(0), begin: 0, data: data)
        #expect(await store.write(first) == [.verified(PieceIndex(0))])
        #expect(await store.write(fixture.blocks(of: PieceIndex(1))) == [.verified(PieceIndex(1))])
        #expect(!folder.exists("root/.pad"))
        let read = try await store.read([BlockRequest(piece: PieceIndex(0), begin: 9000, length: 6000)])
        #expect(read == Array(fixture.content(of: PieceIndex(0))[9000..<15_000]))
    }

    @Test func blocksThatDoNotFitAreRefused() async throws {
        let folder = try ScratchFolder()
        let fixture = try ContentFixture.single(.v2)
        let store = try fixture.store(in: folder.path)
        let block = ByteBuffer(repeating: 1, count: 16384)
        let lies: [(Int, Int, ByteBuffer)] = [
            (0, -16384, block), (0, 1, block), (0, 32768, block), (0, Int.max, block), (0, Int.min, block),
            (-1, 0, block), (4, 0, block), (Int.max, 0, block), (Int.min, 0, block),
            (0, 0, ByteBuffer(repeating: 1, count: 16383)), (3, 0, block),
        ]
        for (piece, begin, data) in lies {
            let outcomes = await store.write([IncomingBlock(piece: PieceIndex(piece), begin: begin, data: data)])
            #expect(outcomes.count == 1 && outcomes.failures.count == 1, "\(piece) \(begin)")
        }
        #expect(!folder.exists("one"))
        store.resetBlocks(piece: PieceIndex(Int.max), blocks: [Int.min, 99])
        store.resetBlocks(piece: PieceIndex(0), blocks: [Int.min, 99])
        store.forget(piece: PieceIndex(Int.min))
    }

    @Test func aV2PieceWaitsForItsHashAndAHybridDoesNot() async throws {
        let folder = try ScratchFolder()
        for format in [TorrentFormat.v2, .hybrid] {
            let fixture = try ContentFixture.single(format)
            let store = try fixture.store(in: folder.path)
            store.setPieceLayers(PieceLayers())
            let outcomes = await store.write(fixture.allBlocks)
            #expect(outcomes.failures.count == (format == .v2 ? 4 : 0))
            #expect(outcomes.verified.count == (format == .v2 ? 0 : 4))
            store.setPieceLayers(fixture.layers)
            for piece in fixture.pieces { store.forget(piece: piece) }
            #expect(await store.write(fixture.allBlocks).verified.count == 4)
        }
    }

    @Test func anotherRootNameAndUnsafeOnes() async throws {
        let folder = try ScratchFolder()
        let fixture = try ContentFixture.tree(.v2)
        let store = try fixture.store(in: folder.path, rootName: "other")
        #expect(await store.write(fixture.allBlocks).verified == fixture.pieces)
        #expect(folder.read("other/a") == fixture.files[0].content)
        #expect(!folder.exists("root"))
        #expect(store.path(of: FileIndex(0)) == "\(folder.path)/other/a")
        for name in ["..", ".", "", "a/b", "a\0b"] {
            #expect(throws: StorageError.self) { try fixture.store(in: folder.path, rootName: name) }
        }
    }

    static func corrupted(_ block: IncomingBlock) -> IncomingBlock {
        var data = block.data
        let first = data.getInteger(at: data.readerIndex, as: UInt8.self) ?? 0
        data.setInteger(first ^ 0xFF, at: data.readerIndex)
        return IncomingBlock(piece: block.piece, begin: block.begin, data: data)
    }
}
