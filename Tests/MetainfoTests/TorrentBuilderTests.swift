import Metainfo
import Testing

@Suite("Making torrents")
struct TorrentBuilderTests {
    private let infoHexSingle =
        "64393a66696c65207472656564353a662e62696e64303a64363a6c656e677468693130303030306531313a70696563657320726f6f74"
        + "33323a505fc9a922f60ae071450b07256a4ba760612bffc38c27584ed03fd96c69841b65656531323a6d6574612076657273696f6e69"
        + "3265343a6e616d65353a662e62696e31323a7069656365206c656e6774686933323736386565"
    private let infoHexFolder =
        "64393a66696c65207472656564313a6164303a64363a6c656e6774686934303030306531313a70696563657320726f6f7433323aab67"
        + "1631a9fa97a1fdac651fff6c68773b9acf0735b9c7f6ecdd54cbf1bf5dc26565313a6264313a6364303a64363a6c656e677468693530"
        + "30306531313a70696563657320726f6f7433323a69dbee893909fa17d1be397e0c07691336fe42049c29d403467d3d4a1fc3b5a16565"
        + "353a656d70747964303a64363a6c656e6774686930656565656531323a6d6574612076657273696f6e693265343a6e616d65333a6469"
        + "7231323a7069656365206c656e6774686931363338346565"

    private func single(_ format: TorrentFormat) -> TorrentBuilder {
        let file = Samples.file(["f.bin"], 100_000, pieceLength: 32768, padded: false)
        return TorrentBuilder(name: "f.bin", pieceLength: 32768, format: format, files: [file], pieces: file.v1Pieces)
    }

    private func folder(_ format: TorrentFormat) -> TorrentBuilder {
        let files = [(["b", "empty"], 0), (["b", "c"], 5000), (["a"], 40000)].map {
            Samples.file($0.0, $0.1, pieceLength: 16384)
        }
        let all = [40000, 5000].flatMap { Samples.content($0) }
        return TorrentBuilder(
            name: "dir", pieceLength: 16384, format: format, files: HashedFile.sortedInTreeOrder(files),
            pieces: Samples.sha1Pieces(all, pieceLength: 16384, padded: false))
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    @Test("One file, v2: the info dictionary libtorrent makes")
    func singleV2() throws {
        let torrent = try single(.v2).build()
        #expect(hex(torrent.info.encoded) == infoHexSingle)
        #expect(
            torrent.info.hashes.v2?.hex == "06e6323e6dde663593495b6785d59b32319622bbdb20a9f153c60332c6dc7ba9")
        #expect(torrent.info.hashes.v1 == nil && torrent.info.isSingleFile)
        #expect(torrent.pieceLayers.isComplete(for: torrent.info))
    }

    @Test("One file, hybrid: no padding, true tail")
    func singleHybrid() throws {
        let info = try single(.hybrid).build().info
        #expect(info.encoded.count == 253)
        #expect(info.hashes.v1?.hex == "d6c85f8e80af18dce8129f8339f39054c8703a8e")
        #expect(info.hashes.v2?.hex == "23c39c0d008baceeb517d002f90cfd7d486ea31fc672860fd0609781dd0bd607")
        #expect(info.pieceHashV1(PieceIndex(3)).map { hex(Array($0)) } == "b9a6852f2d3cef0dbaeafe54011e1d1681c6a540")
        #expect(info.pieceHashV1(PieceIndex(4)) == nil && info.pieceHashV1(PieceIndex(-1)) == nil)
    }

    @Test("A folder, v2")
    func folderV2() throws {
        let torrent = try folder(.v2).build()
        #expect(hex(torrent.info.encoded) == infoHexFolder)
        #expect(
            torrent.info.hashes.v2?.hex == "6183ad0bade8a4bc7afdd6eecc7306df310104ef77bf7f1c6453ddcc891fff01")
        #expect(torrent.info.files.map(\.path) == [["a"], ["b", "c"], ["b", "empty"]])
        #expect(torrent.info.relativePath(of: FileIndex(1)) == ["dir", "b", "c"])
        #expect(torrent.info.relativePath(of: FileIndex(9)) == [])
        #expect(torrent.info.totalSize == 45000)
    }

    @Test("A folder, hybrid: padding after each file, also the last")
    func folderHybrid() throws {
        let info = try folder(.hybrid).build().info
        #expect(info.encoded.count == 521)
        #expect(info.hashes.v1?.hex == "786fddb98ba09833c5743286b398f6a2a6cc3d54")
        #expect(info.hashes.v2?.hex == "3c7536f62c3385bb00c4ef502abebad9248d66fc5ef656f7215cf1e5d118b882")
        #expect(info.files.map(\.isPadding) == [false, true, false, true, false])
        #expect(info.files.map(\.length) == [40000, 9152, 5000, 11384, 0])
        #expect(info.files[2].piecesRoot?.hex == "69dbee893909fa17d1be397e0c07691336fe42049c29d403467d3d4a1fc3b5a1")
    }

    @Test("v1 alone has no padding")
    func folderV1() throws {
        let info = try folder(.v1).build().info
        #expect(info.format == .v1 && info.hashes.v2 == nil)
        #expect(info.files.map(\.isPadding) == [false, false, false])
        #expect(info.files.map(\.offset) == [0, 40000, 45000])
    }

    @Test("Executable bits are kept in every format, for one file and in folders", arguments: TorrentFormat.allCases)
    func executable(format: TorrentFormat) throws {
        var one = single(format)
        one.files[0].isExecutable = true
        #expect(try one.build().info.files[0].isExecutable)
        var many = folder(format)
        many.files[1].isExecutable = true
        let info = try many.build().info
        #expect(info.files.filter(\.isExecutable).map(\.path) == [["b", "c"]])
    }

    @Test(
        "An executable file alone: the info-hashes libtorrent 2.0.8 computes",
        arguments: [
            (TorrentFormat.v1, "da115bbe37562e6d7f1d0ec0cf1e62ff82c81437", nil),
            (.v2, nil, "12bc9087b2d4c379a75a3a30ab69a8c966b03da1147ccbae6f34bd85409b832d"),
            (
                .hybrid, "6a7c1dca03a534d1e1232d8e15dd69d6e4b7ea70",
                "f7a9534097ee53e42defe433740be239743ee1b5004163f1355a8cf51837a100"
            ),
        ] as [(TorrentFormat, String?, String?)])
    func executableAlone(format: TorrentFormat, v1: String?, v2: String?) throws {
        let file = Samples.file(["one.sh"], 40000, pieceLength: 32768, padded: false, isExecutable: true)
        let hashes = try TorrentBuilder(
            name: "one.sh", pieceLength: 32768, format: format, files: [file], pieces: file.v1Pieces
        ).build().info.hashes
        #expect(hashes.v1?.hex == v1 && hashes.v2?.hex == v2)
    }

    @Test("A tree with odd names, an empty file and executables: the info-hashes libtorrent 2.0.8 computes")
    func tree() throws {
        let files = [
            Samples.file(["run.sh"], 5000, pieceLength: 32768, isExecutable: true),
            Samples.file(["ä", "üñ ☃.txt"], 70000, pieceLength: 32768),
            Samples.file(["ä", "sub", "empty"], 0, pieceLength: 32768, isExecutable: true),
            Samples.file(["a.b"], 16384, pieceLength: 32768), Samples.file(["a", "x"], 32769, pieceLength: 32768),
        ]
        var builder = TorrentBuilder(
            name: "tree", pieceLength: 32768, format: .v2, files: HashedFile.sortedInTreeOrder(files))
        let v2 = try builder.build().info
        #expect(v2.hashes.v2?.hex == "0a56b9ee6ae2409093421335cbd5f9cf80a45c39f8a2f8d940ebd216c7f8675a")
        builder.format = .hybrid
        let hybrid = try builder.build().info
        #expect(hybrid.hashes.v1?.hex == "e2e6d9b267b8f4a4b2906373e1be5fb811c61781")
        #expect(hybrid.hashes.v2?.hex == "a05f8807c5268d4c91ca2a612669d1738b1feb8dcfafb55640e718505ac49726")
        #expect(hybrid.layout.pieceCount == v2.layout.pieceCount && hybrid.totalSize == v2.totalSize)
        for number in 0..<v2.layout.pieceCount {
            #expect(hybrid.layout.dataSize(PieceIndex(number)) == v2.layout.dataSize(PieceIndex(number)))
            #expect(hybrid.layout.blockCount(PieceIndex(number)) == v2.layout.blockCount(PieceIndex(number)))
        }
    }

    @Test("What is around the info dictionary", arguments: TorrentFormat.allCases)
    func envelope(format: TorrentFormat) throws {
        var builder = folder(format)
        builder.trackers = [["http://a/announce"]]
        builder.isPrivate = true
        let plain = try builder.build()
        #expect(plain.info.isPrivate)
        #expect(!String(decoding: plain.encoded(), as: UTF8.self).contains("announce-list"))
        builder.trackers = [["http://a/announce", "http://b/announce"], ["udp://c:80"]]
        builder.webSeeds = ["http://seed/"]
        builder.createdBy = "test"
        builder.creationDate = 1
        let torrent = try Torrent(decoding: builder.build().encoded())
        #expect(torrent.trackers == builder.trackers && torrent.webSeeds == builder.webSeeds)
        #expect(torrent.createdBy == "test" && torrent.creationDate == 1 && torrent.comment == nil)
        #expect(torrent.pieceLayers.isComplete(for: torrent.info))
        let magnet = torrent.magnet(peers: ["10.0.0.1:6881"])
        #expect(magnet.hashes == torrent.info.hashes && magnet.trackers.count == 3 && magnet.name == "dir")
    }

    @Test("What was built is what a reader of its bytes gets", arguments: TorrentFormat.allCases)
    func builtIsRead(format: TorrentFormat) throws {
        let shapes: [[([String], Int)]] = [
            [(["dir"], 40000)], [(["a"], 20000)], [(["a"], 0), (["b"], 16384), (["c", "d"], 5)],
            [(["a", "b", "c"], 1), (["a", "b.c"], 70000), (["a.b"], 3), (["z"], 0), (["é", ".pad"], 16385)],
        ]
        for shape in shapes {
            for isSingle in [nil, false] {
                let isPadded = format == .hybrid && shape.count > 1
                let files = shape.map { Samples.file($0.0, $0.1, pieceLength: 16384, padded: isPadded) }
                let all = shape.flatMap { Samples.content($0.1) }
                var builder = TorrentBuilder(
                    name: "dir", pieceLength: 16384, format: format, files: files,
                    pieces: Samples.sha1Pieces(all, pieceLength: 16384, padded: false), isSingleFile: isSingle)
                builder.isPrivate = isSingle == nil
                builder.files[0].isExecutable = true
                let built = try builder.build().info
                let read = try TorrentInfo(encoded: built.encoded)
                #expect(built.files == read.files && built.layout == read.layout && built.hashes == read.hashes)
                #expect(built.isSingleFile == read.isSingleFile && built.isPrivate == read.isPrivate)
                #expect(built.name == read.name && built.pieceLength == read.pieceLength)
                #expect(built.format == read.format && built.totalSize == read.totalSize)
                for piece in -1...built.layout.pieceCount {
                    #expect(built.pieceHashV1(PieceIndex(piece)) == read.pieceHashV1(PieceIndex(piece)))
                }
            }
        }
    }

    @Test("A v2 folder with one file stays a folder")
    func folderOfOne() throws {
        let file = Samples.file(["a.txt"], 10, pieceLength: 16384)
        for format in [TorrentFormat.v2, .hybrid] {
            let info = try TorrentBuilder(name: "dir", pieceLength: 16384, format: format, files: [file]).build().info
            #expect(!info.isSingleFile && info.relativePath(of: FileIndex(0)) == ["dir", "a.txt"])
        }
    }

    @Test("What cannot be a torrent is refused")
    func refusals() throws {
        func build(_ paths: [[String]], name: String = "dir", format: TorrentFormat = .v2) throws {
            let files = paths.map { Samples.file($0, 10, pieceLength: 16384) }
            _ = try TorrentBuilder(name: name, pieceLength: 16384, format: format, files: files).build()
        }
        #expect(throws: MetainfoError.unorderedFiles) { try build([["b"], ["a"]]) }
        #expect(throws: MetainfoError.duplicatePath(["a"])) { try build([["a"], ["a"]]) }
        #expect(throws: MetainfoError.duplicatePath(["a"])) { try build([["a"], ["a", "b"]]) }
        for path in [[], [""], [".."], ["a/b"], ["a\\b"], ["a\u{0}"], ["a\n"], [String(repeating: "x", count: 241)]] {
            #expect(throws: MetainfoError.unsafePath(path)) { try build([path]) }
        }
        #expect(throws: MetainfoError.unsafePath([".."])) { try build([["a"]], name: "..") }
        #expect(throws: MetainfoError.empty) { try build([]) }
        var builder = single(.v2)
        builder.files[0].pieceLayer.swapAt(0, 1)
        #expect(throws: MetainfoError.self) { try builder.build() }
        builder = single(.v2)
        builder.files[0].root = nil
        #expect(throws: MetainfoError.missing("pieces root")) { try builder.build() }
        builder = single(.v1)
        builder.pieces.removeLast(20)
        #expect(throws: MetainfoError.invalid("pieces")) { try builder.build() }
        builder = single(.v2)
        builder.pieceLength = 40000
        #expect(throws: MetainfoError.invalidPieceLength(40000)) { try builder.build() }
    }
}
