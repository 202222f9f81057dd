import Metainfo
import NIOCore
import Storage
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite struct ContentStoreReadTests {
    @Test(arguments: TorrentFormat.allCases)
    func readsBlocksWithRoomForHeaders(_ format: TorrentFormat) async throws {
        let (folder, fixture, store) = try await Self.filled(format)
        defer { withExtendedLifetime(folder) {} }
        let ranges = [
            BlockRequest(piece: PieceIndex(0), begin: 0, length: 16384),
            BlockRequest(piece: PieceIndex(0), begin: 16384, length: 16384),
            BlockRequest(piece: PieceIndex(1), begin: 100, length: 7),
            BlockRequest(piece: PieceIndex(0), begin: 5, length: 1),
        ]
        let bytes = try await store.read(ranges, gap: 13)
        var expected: [UInt8] = []
        for range in ranges {
            expected += [UInt8](repeating: 0, count: 13)
            expected += fixture.content(of: range.piece)[range.begin..<range.begin + range.length]
        }
        #expect(bytes == expected)
        #expect(try await store.read([], gap: 13).isEmpty)
    }

    @Test("What is in memory is read at once and is the same; what is not, or not right, is left to the worker")
    func readsWhatIsInMemory() async throws {
        let (folder, fixture, store) = try await Self.filled(.hybrid)
        defer { withExtendedLifetime(folder) {} }
        let range = BlockRequest(piece: PieceIndex(1), begin: 16384, length: 16384)
        // It opens the file, which the fast way does not.
        let slow = try await store.read([range], gap: 13)
        if let fast = store.readCached([range], gap: 13, fill: { _, gap in gap.copyBytes(from: Array(1...13)) }) {
            #expect(Array(fast.readableBytesView) == Array(1...13) + slow.dropFirst(13))
        }
        #expect(slow.dropFirst(13).elementsEqual(fixture.content(of: range.piece)[16384..<32768]))
        let beyond = BlockRequest(piece: PieceIndex(99), begin: 0, length: 1)
        #expect(store.readCached([beyond], gap: 0, fill: { _, _ in }) == nil)
        store.close()
        #expect(store.readCached([range], gap: 0, fill: { _, _ in }) == nil)
    }

    @Test(arguments: [TorrentFormat.v2, .hybrid])
    func servesZerosPastTheEndOfAFile(_ format: TorrentFormat) async throws {
        let (folder, fixture, store) = try await Self.filled(format)
        defer { withExtendedLifetime(folder) {} }
        // File "a" has 100,000 bytes, so piece 3 holds 1,696 of them.
        let piece = PieceIndex(3)
        #expect(fixture.info.layout.dataSize(piece) == 1696)
        let bytes = try await store.read([BlockRequest(piece: piece, begin: 0, length: 16384)])
        #expect(bytes == fixture.content(of: piece) + [UInt8](repeating: 0, count: 16384 - 1696))
    }

    @Test func refusesRangesOutsideOfThePiece() async throws {
        let (folder, _, store) = try await Self.filled(.v1)
        defer { withExtendedLifetime(folder) {} }
        for (piece, begin, length) in [
            (0, 0, 32769), (0, 32768, 1), (0, -1, 2), (0, 0, 0), (0, 0, -5), (0, Int.max, 1), (0, 1, Int.max),
            (-1, 0, 1), (99, 0, 1), (Int.max, 0, 1),
        ] {
            await #expect(throws: StorageError.self) {
                try await store.read([BlockRequest(piece: PieceIndex(piece), begin: begin, length: length)])
            }
        }
        let many = Array(repeating: BlockRequest(piece: PieceIndex(0), begin: 0, length: 16384), count: 1025)
        await #expect(throws: StorageError.self) { try await store.read(many) }
        await #expect(throws: StorageError.self) {
            try await store.read([BlockRequest(piece: PieceIndex(0), begin: 0, length: 1)], gap: Int.max)
        }
    }

    @Test func aFileCutShortIsAnErrorAndNotZeros() async throws {
        let (folder, _, store) = try await Self.filled(.hybrid)
        #expect(truncate("\(folder.path)/root/a", 50_000) == 0)
        do {
            _ = try await store.read([BlockRequest(piece: PieceIndex(1), begin: 16384, length: 16384)])
            Issue.record("read what is not there")
        } catch let error as StorageError {
            #expect(error.kind == .changed)
            #expect(error.path.hasSuffix("root/a"))
        }
    }

    @Test func leavesOfAFileMatchItsTree() async throws {
        let (folder, fixture, store) = try await Self.filled(.v2)
        defer { withExtendedLifetime(folder) {} }
        let file = fixture.index(of: ["a"])
        let content = fixture.files[0].content
        let expected = stride(from: 0, to: content.count, by: 16384).map { begin in
            content[begin..<min(content.count, begin + 16384)].withUnsafeBytes { MerkleTree.leaf($0) }
        }
        for range in [0..<7, 0..<100, 3..<5, 6..<8, 7..<9] {
            let leaves: [MerkleHash] = try await withCheckedThrowingContinuation { done in
                store.leafHashes(file: file, blocks: range) { done.resume(with: $0.mapError { $0 as any Error }) }
            }
            #expect(leaves == Array(expected[range.clamped(to: 0..<7)]))
        }
        let none: [MerkleHash] = try await withCheckedThrowingContinuation { done in
            store.leafHashes(file: FileIndex(-3), blocks: 0..<Int.max) {
                done.resume(with: $0.mapError { $0 as any Error })
            }
        }
        #expect(none.isEmpty)
    }

    @Test func aClosedStoreSaysSo() async throws {
        let (folder, _, store) = try await Self.filled(.v1)
        defer { withExtendedLifetime(folder) {} }
        store.close()
        do {
            _ = try await store.read([BlockRequest(piece: PieceIndex(0), begin: 0, length: 1)])
            Issue.record("read from a closed store")
        } catch let error as StorageError {
            #expect(error.kind == .closed)
        }
    }

    static func filled(_ format: TorrentFormat) async throws -> (ScratchFolder, ContentFixture, ContentStore) {
        let folder = try ScratchFolder()
        let fixture = try ContentFixture.tree(format)
        let store = try fixture.store(in: folder.path)
        #expect(await store.write(fixture.allBlocks).verified == fixture.pieces)
        return (folder, fixture, store)
    }
}
