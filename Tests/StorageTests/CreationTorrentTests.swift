import Metainfo
@testable import Storage
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("Creating torrents")
struct CreationTorrentTests {
    let fixture: CreationFixture
    let pool = DiskPool(workers: 3)

    init() throws {
        fixture = try CreationFixture()
    }

    private func create(
        _ relative: String, _ format: TorrentFormat, _ pieceLength: Int? = nil
    ) async throws -> CreatedTorrent {
        try await TorrentCreator.create(
            path: fixture.path(relative), options: CreationOptions(format: format, pieceLength: pieceLength), pool: pool
        )
    }

    @Test(
        "Roots of files whose byte i is i mod 251",
        arguments: [
            (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
            (16384, "4348e3b98e8a327b34ced39c1da9e67cdb4cd5e48e4d7960607a3ae403d35f0c"),
            (16385, "9d7887c65d577a0237fb3c0998b87b3a62762d03796889a2caea01db914ccbb8"),
            (32768, "d9e13d0b676ad681164ef0b7b5910d1328ea83a047cad57e619d76bbe3a08525"),
            (40000, "ab671631a9fa97a1fdac651fff6c68773b9acf0735b9c7f6ecdd54cbf1bf5dc2"),
            (49153, "6b89f318fea750cf67e57b363445ebce1fef3958f2d8a82247d477ecb6890df4"),
            (65536, "2d6b546231225a7132a38ab354f03e9132e4b9141da89f1784b71ab2fb34fae3"),
            (100000, "505fc9a922f60ae071450b07256a4ba760612bffc38c27584ed03fd96c69841b"),
        ])
    func roots(length: Int, root: String) async throws {
        try fixture.write("f.bin", count: length)
        for pieceLength in [16384, 32768, 1 << 20] {
            let torrent = try await create("f.bin", .v2, pieceLength).torrent
            #expect(torrent.info.files.map { $0.piecesRoot?.hex } == [root])
            #expect(torrent.pieceLayers.isComplete(for: torrent.info))
        }
    }

    @Test("Piece layers of files longer than one piece")
    func layers() async throws {
        try fixture.write("f.bin", count: 100_000)
        let torrent = try await create("f.bin", .v2, 32768).torrent
        let root = try #require(torrent.info.files[0].piecesRoot)
        #expect(
            torrent.pieceLayers[root]?.map(\.hex) == [
                "d9e13d0b676ad681164ef0b7b5910d1328ea83a047cad57e619d76bbe3a08525",
                "e28097eaaa55956702cf8195d1a551dbabb63e3d679b294cf33d506a6b5ef479",
                "c652249676984ba0be8db1d26efa9e0c67cd14299b02eaab326419a0f91a1aec",
                "ef72b5ef0b29bacc8de6bc437f8a488da617d064457122b7db2c4092374151f9",
            ])
    }

    @Test("A single file gives the info-hashes that others compute")
    func singleFile() async throws {
        try fixture.write("f.bin", count: 100_000)
        let v2 = try await create("f.bin", .v2, 32768)
        #expect(v2.torrent.info.encoded.count == 146)
        #expect(
            v2.torrent.info.hashes.v2?.hex == "06e6323e6dde663593495b6785d59b32319622bbdb20a9f153c60332c6dc7ba9")
        #expect(v2.torrent.info.hashes.v1 == nil)
        #expect(v2.directory == fixture.path)
        #expect(v2.rootName == "f.bin")
        #expect(v2.stamps == [FileStamp(path: fixture.path("f.bin"))])
        #expect(v2.hashedBytes == 100_000)

        let hybrid = try await create("f.bin", .hybrid, 32768).torrent
        #expect(hybrid.info.encoded.count == 253)
        #expect(hybrid.info.hashes.v1?.hex == "d6c85f8e80af18dce8129f8339f39054c8703a8e")
        #expect(hybrid.info.hashes.v2?.hex == "23c39c0d008baceeb517d002f90cfd7d486ea31fc672860fd0609781dd0bd607")
    }

    @Test("A folder gives the info-hashes that others compute")
    func folder() async throws {
        try fixture.write("dir/a", count: 40000)
        try fixture.write("dir/b/c", count: 5000)
        try fixture.write("dir/b/empty", count: 0)
        let v2 = try await create("dir", .v2, 16384).torrent
        #expect(v2.info.encoded.count == 240)
        #expect(v2.info.hashes.v2?.hex == "6183ad0bade8a4bc7afdd6eecc7306df310104ef77bf7f1c6453ddcc891fff01")

        let hybrid = try await create("dir", .hybrid, 16384)
        let info = hybrid.torrent.info
        #expect(info.encoded.count == 521)
        #expect(info.hashes.v1?.hex == "786fddb98ba09833c5743286b398f6a2a6cc3d54")
        #expect(info.hashes.v2?.hex == "3c7536f62c3385bb00c4ef502abebad9248d66fc5ef656f7215cf1e5d118b882")
        #expect(info.files.map(\.length) == [40000, 9152, 5000, 11384, 0])
        #expect(hybrid.stamps.map { $0?.size } == [40000, nil, 5000, nil, 0])
    }

    @Test("v1 alone has no padding and pieces that run across files, whatever the units of work")
    func v1AcrossFiles() async throws {
        let lengths = [1, 16383, 0, 5_000_001, 16384, 7, 9_000_000, 3]
        for (number, length) in lengths.enumerated() { try fixture.write("dir/\(number)", count: length) }
        for number in 0..<300 { try fixture.write("dir/many/\(number)", count: 100 + number) }
        let info = try await create("dir", .v1, 49152).torrent.info
        #expect(!info.files.contains { $0.isPadding })

        // The same bytes in one file have the same pieces.
        let scan = try FolderScan(path: fixture.path("dir"))
        try fixture.write(
            "whole", bytes: scan.files.flatMap { CreationFixture.read(scan.absolutePath(of: $0)) })
        let whole = try await create("whole", .v1, 49152).torrent.info
        #expect(info.layout.pieceCount == whole.layout.pieceCount)
        for piece in 0..<whole.layout.pieceCount {
            let piece = PieceIndex(piece)
            #expect(info.pieceHashV1(piece).map(Array.init) == whole.pieceHashV1(piece).map(Array.init))
        }
    }

    @Test("2,000 small files in every format, with names from the whole of Unicode")
    func manyFiles() async throws {
        for number in 0..<2000 { try fixture.write("dir/\(number % 7)/datei-ü-\(number)", count: number) }
        for format in TorrentFormat.allCases {
            let created = try await create("dir", format)
            let info = created.torrent.info
            #expect(info.files.count { !$0.isPadding } == 2000)
            #expect(info.totalSize == 1_999_000)
            #expect(created.hashedBytes == 1_999_000)
            let decoded = try Torrent(decoding: created.torrent.encoded())
            #expect(decoded.info.hashes == info.hashes)
            for (number, file) in info.files.enumerated() where !file.isPadding {
                let path = "\(created.directory)/" + info.relativePath(of: FileIndex(number)).joined(separator: "/")
                #expect(FileStamp(path: path) == created.stamps[number])
            }
        }
    }

    @Test("The result does not depend on the number of workers")
    func workers() async throws {
        try fixture.write("dir/large", count: 9_999_999)
        for number in 0..<50 { try fixture.write("dir/s\(number)", count: 3000 * number) }
        for format in TorrentFormat.allCases {
            let options = CreationOptions(format: format, pieceLength: 65536)
            var hashes: Set<InfoHashes> = []
            for workers in 1...4 {
                let pool = DiskPool(workers: workers)
                let created = try await TorrentCreator.create(path: fixture.path("dir"), options: options, pool: pool)
                hashes.insert(created.torrent.info.hashes)
            }
            #expect(hashes.count == 1)
        }
    }

    @Test("Executable files carry the attribute in every format")
    func executable() async throws {
        try fixture.write("dir/run.sh", count: 10, mode: 0o755)
        try fixture.write("dir/text", count: 10)
        for format in TorrentFormat.allCases {
            let files = try await create("dir", format).torrent.info.files.filter { !$0.isPadding }
            #expect(files.map(\.isExecutable) == [true, false])
        }
    }

    @Test("A folder x with nothing but a file x is the file where readers cannot tell, else the folder")
    func folderOfSameName() async throws {
        try fixture.write("x/x", count: 100)
        let v2 = try await create("x", .v2)
        #expect(v2.torrent.info.isSingleFile)
        #expect(v2.directory == fixture.path("x"))
        #expect(v2.rootName == "x")
        for format in [TorrentFormat.v1, .hybrid] {
            let created = try await create("x", format)
            #expect(!created.torrent.info.isSingleFile)
            #expect(created.directory == fixture.path)
            #expect(created.torrent.info.relativePath(of: FileIndex(0)) == ["x", "x"])
        }
    }

    @Test("Piece lengths that a format does not allow are refused by name")
    func pieceLengths() async throws {
        try fixture.write("f", count: 100_000)
        for (format, length) in [
            (TorrentFormat.v2, 0), (.v2, -16384), (.v2, 8192), (.v2, 49152), (.hybrid, 16385), (.v1, 1), (.v1, 20000),
            (.v1, 1 << 40), (.v2, Int.max), (.v1, Int.min),
        ] {
            await #expect(throws: CreationError.self) { try await create("f", format, length) }
        }
        #expect(try await create("f", .v1, 49152).torrent.info.pieceLength == 49152)
    }

    @Test("Many small files do not make a hybrid hash mostly zeros")
    func hybridPieceLength() throws {
        func scan(_ sizes: [Int64]) -> FolderScan {
            FolderScan(
                path: "/x/dir", name: "dir", isSingleFile: false,
                files: sizes.enumerated().map { number, size in
                    let stamp = FileStamp(size: size, modified: 0, inode: 0)
                    return ScannedFile(components: ["\(number)"], stamp: stamp, isExecutable: false)
                }, omitted: [])
        }
        let small = scan(Array(repeating: 100 << 10, count: 10_000))
        #expect(try CreationOptions(format: .hybrid).pieceLength(for: small) == 128 << 10)
        #expect(try CreationOptions(format: .v2).pieceLength(for: small) == 1 << 20)
        #expect(try CreationOptions(format: .hybrid).pieceLength(for: scan([1 << 30])) == 1 << 20)
        let mixed = scan([100 << 30] + Array(repeating: 1000, count: 200_000))
        #expect(try CreationOptions(format: .hybrid).pieceLength(for: mixed) > 1 << 17)
        #expect(throws: CreationError.self) {
            try CreationOptions(format: .hybrid, pieceLength: 16384).pieceLength(for: scan([1 << 40]))
        }
    }

    @Test("Files larger than any torrent may be are refused before they are read")
    func hugeFiles() async throws {
        for name in ["a", "b"] {
            try fixture.write("dir/" + name, count: 0)
            truncate(fixture.path("dir/" + name), off_t(1) << 43)
        }
        let scan = try FolderScan(path: fixture.path("dir"))
        let huge = scan.files.map { file in
            let stamp = FileStamp(size: .max, modified: 0, inode: 0)
            return ScannedFile(components: file.components, stamp: stamp, isExecutable: false)
        }
        let grown = FolderScan(path: scan.path, name: scan.name, isSingleFile: false, files: huge, omitted: [])
        for format in TorrentFormat.allCases {
            #expect(throws: CreationError.metainfo(.tooLarge("bytes"))) {
                try CreationOptions(format: format).pieceLength(for: grown)
            }
            #expect(throws: CreationError.self) {
                try CreationOptions(format: format, pieceLength: 16384).pieceLength(for: scan)
            }
        }
    }

    @Test("Only empty files cannot be shared")
    func onlyEmptyFiles() async throws {
        try fixture.write("dir/a", count: 0)
        await #expect(throws: CreationError.self) { try await create("dir", .hybrid) }
    }
}
