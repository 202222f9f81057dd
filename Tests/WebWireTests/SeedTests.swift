import Metainfo
import Testing
import WebWire

/// Web seeds (BEP 19): addresses, what is asked for, and what answers mean.
@Suite struct SeedTests {
    private static func info(_ name: String, _ files: [([String], Int64)]) throws -> TorrentInfo {
        let pieceLength = 32768
        let total = files.reduce(0) { $0 + $1.1 }
        let pieces = Int((total + Int64(pieceLength) - 1) / Int64(pieceLength))
        return try TorrentBuilder(
            name: name, pieceLength: pieceLength, format: .v1,
            files: files.map { HashedFile(path: $0.0, length: $0.1) },
            pieces: [UInt8](repeating: 1, count: 20 * pieces)
        ).build().info
    }

    @Test("The examples of BEP 19, and slashes, spaces and queries")
    func addresses() throws {
        let single = try Self.info("file.exe", [(["file.exe"], 100)])
        let folder = try Self.info("michael", [(["Readme.txt"], 949), (["a b", "ü#?.txt"], 1)])
        for (torrent, base, file, expected) in [
            (single, "http://mirror.com/file.exe", 0, "http://mirror.com/file.exe"),
            (single, "http://mirror.com/other%20name", 0, "http://mirror.com/other%20name"),
            (single, "http://mirror.com/pub/", 0, "http://mirror.com/pub/file.exe"),
            (single, "http://mirror.com", 0, "http://mirror.com/file.exe"),
            (single, "http://mirror.com/get?id=7", 0, "http://mirror.com/get?id=7"),
            (folder, "http://mirror.com/pub/", 0, "http://mirror.com/pub/michael/Readme.txt"),
            (folder, "http://mirror.com/pub", 0, "http://mirror.com/pub/michael/Readme.txt"),
            (folder, "http://mirror.com/pub/", 1, "http://mirror.com/pub/michael/a%20b/%C3%BC%23%3F.txt"),
            (folder, "http://mirror.com/pub/?t=1", 0, "http://mirror.com/pub/michael/Readme.txt?t=1"),
        ] {
            let url = try WebSeedURL(parsing: base, of: torrent)
            #expect(url.url(of: FileIndex(file))?.description == expected)
        }
        #expect(try WebSeedURL(parsing: "http://h/", of: folder).url(of: FileIndex(2)) == nil)
        #expect(throws: HTTPURLError.self) { try WebSeedURL(parsing: "ftp://mirror.com/pub/", of: folder) }
    }

    private static func blocks(_ layout: PieceLayout) -> [BlockRequest] {
        (0..<layout.pieceCount).flatMap { piece in
            (0..<layout.blockCount(PieceIndex(piece))).map { block in
                BlockRequest(
                    piece: PieceIndex(piece), begin: block * 16384,
                    length: layout.blockSize(PieceIndex(piece), block: block))
            }
        }
    }

    @Test func consecutiveBlocksAreOneRange() {
        let layout = PieceLayout(fileLengths: [200_000], pieceLength: 32768, format: .v1)
        var queue = Array(Self.blocks(layout).reversed())
        let plan = SeedPlan(taking: &queue, of: layout)
        #expect(queue.isEmpty)
        #expect(plan.parts == [.bytes(FileIndex(0), 0..<200_000)])
        #expect(plan.blocks.first?.begin == 0)
        var some = [4, 1, 2].map { Self.blocks(layout)[$0] }
        #expect(
            SeedPlan(taking: &some, of: layout).parts == [
                .bytes(FileIndex(0), 16384..<49152), .bytes(FileIndex(0), 65536..<81920),
            ])
    }

    @Test("A block of several files is several ranges; padding is asked of nobody")
    func files() {
        let v1 = PieceLayout(fileLengths: [10_000, 10_000], pieceLength: 32768, format: .v1)
        var queue = Self.blocks(v1)
        #expect(
            SeedPlan(taking: &queue, of: v1).parts == [
                .bytes(FileIndex(0), 0..<10_000), .bytes(FileIndex(1), 0..<10_000),
            ])
        let v2 = PieceLayout(fileLengths: [10_000, 0, 40_000], pieceLength: 32768, format: .v2)
        queue = Self.blocks(v2)
        #expect(
            SeedPlan(taking: &queue, of: v2).parts == [
                .bytes(FileIndex(0), 0..<10_000), .bytes(FileIndex(2), 0..<40_000),
            ])
        // Beyond the end of a file there are zeros, whoever asks for them.
        queue = [BlockRequest(piece: PieceIndex(0), begin: 0, length: 16384)]
        #expect(SeedPlan(taking: &queue, of: v2).parts == [.bytes(FileIndex(0), 0..<10_000), .zeros(6384)])
        queue = [BlockRequest(piece: PieceIndex(7), begin: 0, length: 16384)]
        #expect(SeedPlan(taking: &queue, of: v2).blocks.isEmpty && queue.isEmpty)
    }

    @Test func thousandsOfTinyFilesAreAskedForLittleByLittle() {
        let layout = PieceLayout(
            fileLengths: [Int64](repeating: 100, count: 10_000), pieceLength: 32768, format: .v1)
        var queue = Self.blocks(layout)
        let count = queue.count
        let plan = SeedPlan(taking: &queue, of: layout)
        #expect(plan.blocks.count + queue.count == count && !queue.isEmpty)
        #expect(plan.parts.count < 600)
    }

    private static func answer(_ status: Int, _ fields: HeaderFields) -> SeedAnswer {
        SeedAnswer(
            status: status, fields: fields, range: 100..<200, length: 1000,
            now: HTTPDate(secondsSinceEpoch: 1_795_572_000))
    }

    @Test func answers() {
        #expect(Self.answer(206, ["Content-Range": "bytes 100-199/1000"]) == .bytes(from: 100, upTo: 200))
        #expect(Self.answer(206, ["Content-Range": "bytes 0-999/*"]) == .bytes(from: 0, upTo: 1000))
        #expect(Self.answer(200, ["Content-Length": "1000"]) == .bytes(from: 0, upTo: 1000))
        #expect(Self.answer(200, [:]) == .bytes(from: 0, upTo: nil))
        #expect(Self.answer(302, ["Location": "/x"]) == .redirect("/x"))
        guard case .busy(_, retryAfter: 7) = Self.answer(503, ["Retry-After": "7"]) else {
            Issue.record("not busy")
            return
        }
        guard case .busy(_, retryAfter: 3600) = Self.answer(429, ["Retry-After": "999999999999"]) else {
            Issue.record("a stranger decides to be forgotten")
            return
        }
    }

    @Test(
        "What is of no use is not taken",
        arguments: [
            (206, HeaderFields()), (206, ["Content-Range": "bytes 200-299/1000"]),
            (206, ["Content-Range": "bytes 100-199/1001"]), (206, ["Content-Range": "bytes 100-1099/*"]),
            (206, ["Content-Type": "multipart/byteranges; boundary=x"]), (200, ["Content-Length": "999"]),
            (200, ["Content-Length": "1000", "Content-Encoding": "gzip"]), (404, [:]), (403, [:]), (410, [:]),
            (416, ["Content-Range": "bytes */50"]), (302, [:]), (204, [:]), (304, [:]),
        ] as [(Int, HeaderFields)])
    func missing(status: Int, fields: HeaderFields) {
        guard case .missing = Self.answer(status, fields) else {
            Issue.record("\(status) \(fields) is taken")
            return
        }
    }
}
