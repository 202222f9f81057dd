import Foundation
import Testing

@testable import Metainfo

/// Files that libtorrent's own tests read, with what libtorrent 2.0.8 makes of them.
enum Vectors {
    static func bytes(_ name: String) throws -> [UInt8] {
        let folder = try #require(Bundle.module.url(forResource: "Vectors", withExtension: nil))
        return Array(try Data(contentsOf: folder.appendingPathComponent(name)))
    }

    static func torrent(_ name: String) throws -> Torrent {
        try Torrent(decoding: try bytes(name))
    }

    static let rows: [[String]] = {
        let table = (try? bytes("expected.tsv")) ?? []
        return String(decoding: table, as: UTF8.self).split(separator: "\n").map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }()

    static func names(_ verdict: String) -> [String] {
        rows.filter { $0[1] == verdict }.map { $0[0] }
    }
}

@Suite("libtorrent's test torrents")
struct VectorTests {
    @Test("The table is there")
    func tableIsComplete() {
        #expect(Vectors.names("accept").count >= 57)
        #expect(Vectors.names("reject").count >= 33)
    }

    @Test("What libtorrent accepts is read, with the same hashes and pieces", arguments: Vectors.names("accept"))
    func accepts(name: String) throws {
        let row = try #require(Vectors.rows.first { $0[0] == name })
        let torrent = try Vectors.torrent(name)
        #expect(torrent.info.hashes.v1?.hex ?? "-" == row[2])
        #expect(torrent.info.hashes.v2?.hex ?? "-" == row[3])
        #expect("\(torrent.info.layout.pieceCount)" == row[4])
        let isTruncatedName = row[5].utf8.count >= 240
        #expect(torrent.info.name == row[5] || isTruncatedName)
        #expect(torrent.info.name.utf8.count <= 240)
    }

    @Test("What libtorrent refuses is refused", arguments: Vectors.names("reject"))
    func refuses(name: String) throws {
        let bytes = try Vectors.bytes(name)
        #expect(throws: MetainfoError.self) { try Torrent(decoding: bytes) }
    }

    @Test(
        "The reasons for refusing are the right ones",
        arguments: [
            ("v2_no_power2_piece.torrent", "piece length"), ("v2_piece_size.torrent", "piece length"),
            ("v2_mismatching_metadata.torrent", "different files"), ("v2_zero_root.torrent", "pieces root"),
            ("v2_invalid_pad_file.torrent", "attr"), ("v2_large_offset.torrent", "pieces"),
            ("v2_unordered_files.torrent", "out of order"), ("v2_deep_recursion.torrent", "too deeply"),
            ("many_pieces.torrent", "pieces"), ("zero.torrent", "no data"),
            ("v2_non_multiple_piece_layer.torrent", "piece hashes"), ("no_name.torrent", "name"),
            ("v2_piece_layer_invalid_file_hash.torrent", "piece layers"),
            ("v2_invalid_root_hash.torrent", "piece hashes"), ("string.torrent", "not a torrent"),
        ])
    func reasons(name: String, reason: String) throws {
        let bytes = try Vectors.bytes(name)
        let error = #expect(throws: MetainfoError.self) { try Torrent(decoding: bytes) }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }

    @Test("A torrent written again is read as the same torrent", arguments: Vectors.names("accept"))
    func roundTrip(name: String) throws {
        let torrent = try Vectors.torrent(name)
        let again = try Torrent(decoding: torrent.encoded())
        #expect(again.info.encoded == torrent.info.encoded)
        #expect(again.info.files == torrent.info.files)
        #expect(again.pieceLayers == torrent.pieceLayers)
        #expect(again.trackers == torrent.trackers)
        #expect(again.webSeeds == torrent.webSeeds)
        #expect(again.comment == torrent.comment)
        #expect(again.creationDate == torrent.creationDate)
    }

    @Test("Roots and sizes of the v2 samples")
    func v2Roots() throws {
        let small = try Vectors.torrent("v2.torrent").info
        #expect(small.isSingleFile && small.format == .hybrid && small.totalSize == 65536)
        #expect(small.files[0].piecesRoot?.hex == "60aae9c7b428f87e0713e88229e18f0adf12cd7b22a0dd8a92bb2485eb7af242")
        let large = try Vectors.torrent("v2_only.torrent")
        #expect(large.info.isSingleFile && large.info.format == .v2 && large.info.totalSize == 1_048_576)
        #expect(large.info.relativePath(of: FileIndex(0)) == ["test1MB"])
        #expect(
            large.info.files[0].piecesRoot?.hex == "515ea9181744b817744ded9d2e8e9dc6a8450c0b0c52e24b5077f302ffbd9008")
        #expect(large.pieceLayers.isComplete(for: large.info))
        #expect(large.pieceLayers.pieceHash(PieceIndex(3), in: large.info) != nil)
        #expect(large.pieceLayers.pieceHash(PieceIndex(16), in: large.info) == nil)
    }

    @Test("The name by which aria2 knows a hybrid is made without the entries that have an empty key")
    func emptyKeys() throws {
        // As aria2 1.36 announces it.
        let hybrid = try Vectors.torrent("v2_hybrid.torrent").info
        #expect(hybrid.hashWithoutEmptyKeys?.hex == "5e8c9ad29f20d3ab7eca0f7d7064d25e590e7e80")
        #expect(hybrid.askedNames.count == 3)
        #expect(try Vectors.torrent("base.torrent").info.hashWithoutEmptyKeys == nil)
        func hash(_ text: String) -> String? { EmptyKeys.hashWithout(Array(text.utf8))?.hex }
        func plain(_ text: String) -> String { InfoHashV1(hashing: Array(text.utf8)).hex }
        #expect(hash("d0:i1e1:ad0:d0:le1:bi2ee1:cl0:i-3eeee") == plain("d1:ad1:cl0:i-3eeee"))
        #expect(hash("d0:d1:xd0:4:spamee1:y0:e") == plain("d1:y0:e"))
        #expect(hash("0:") == plain("0:"))
        for broken in ["", "d", "e", "i5", "5:abc", "d1:a", "dee", "99999999999999999999:", "x", "d0:", "2:ab3"] {
            #expect(hash(broken) == nil, "\(broken)")
        }
    }

    @Test("A hybrid is read with and without padding after the last file")
    func tailPadding() throws {
        let with = try Vectors.torrent("v2_hybrid.torrent").info
        let without = try Vectors.torrent("v2_hybrid-missing-tailpad.torrent").info
        #expect(with.files.count == 18 && without.files.count == 17)
        #expect(with.files.filter(\.isPadding).count == 9 && without.files.filter(\.isPadding).count == 8)
        #expect(with.totalSize == without.totalSize)
        let last = PieceIndex(with.layout.pieceCount - 1)
        #expect(with.layout.pieceSize(last) == with.pieceLength)
        #expect(without.layout.pieceSize(last) < without.pieceLength)
        #expect(with.layout.dataSize(last) == without.layout.dataSize(last))
        let readme = "3b3c50a12e27a6b3421b817afd49dfa0d54f69a086cf9914164a9f516e7416e4"
        #expect(without.files.contains { $0.length == 61 && $0.piecesRoot?.hex == readme })
        #expect(without.encoded.count == 36333 && without.pieceLength == 524_288)
    }

    @Test("Missing piece layers are accepted, and known to be missing")
    func missingLayers() throws {
        let none = try Vectors.torrent("v2_no_piece_layers.torrent")
        #expect(none.pieceLayers.isEmpty && !none.pieceLayers.isComplete(for: none.info))
        #expect(none.pieceLayers.pieceHash(PieceIndex(0), in: none.info) == nil)
        let some = try Vectors.torrent("v2_incomplete_piece_layer.torrent")
        #expect(!some.pieceLayers.isEmpty && !some.pieceLayers.isComplete(for: some.info))
        let all = try Vectors.torrent("v2_multiple_files.torrent")
        #expect(all.pieceLayers.isComplete(for: all.info))
    }

    @Test("Dangerous and odd paths become the paths libtorrent makes")
    func paths() throws {
        func paths(_ name: String) throws -> [String] {
            let info = try Vectors.torrent(name).info
            return info.files.indices.map { info.relativePath(of: FileIndex($0)).joined(separator: "/") }
        }
        #expect(try paths("parent_path.torrent") == ["temp/bar"])
        #expect(try paths("slash_path.torrent") == ["temp/bar"])
        #expect(try paths("slash_path2.torrent") == ["temp/abc....def/bar"])
        #expect(try paths("slash_path3.torrent") == ["temp....abc"])
        #expect(try paths("absolute_filename.torrent") == ["temp/abcde", "temp/foobar"])
        #expect(try paths("duplicate_files.torrent") == ["temp/foo/bar.txt", "temp/foo/bar.1.txt"])
        #expect(try paths("empty_path_multi.torrent") == ["temp/abcde", "temp/_", "temp/_.1"])
        #expect(try paths("v2_invalid_filename.torrent") == ["_estMB"])
    }

    @Test("Attributes, links, seeds, dates")
    func attributes() throws {
        let sample = try Vectors.torrent("sample.torrent")
        #expect(sample.info.files.map(\.isPadding) == [false, true, false])
        #expect(sample.info.totalSize == 45)
        #expect(sample.trackers.count == 2)
        let link = try Vectors.torrent("symlink1.torrent").info.files[1]
        #expect(link.symlinkTarget == ["a", "b", "bar"] && link.length == 0)
        let framework = try Vectors.torrent("v2_symlinks.torrent").info
        #expect(framework.files[0].symlinkTarget == ["Versions", "Current", "Headers"])
        #expect(framework.files[0].isExecutable)
        #expect(try Vectors.torrent("url_seed.torrent").webSeeds == ["http://test.com/file"])
        #expect(try Vectors.torrent("duplicate_web_seeds.torrent").webSeeds.count == 3)
        #expect(try Vectors.torrent("whitespace_url.torrent").trackers == [["udp://test.com/announce"]])
        #expect(try Vectors.torrent("creation_date.torrent").creationDate == 1_234_567)
        #expect(try Vectors.torrent("no_creation_date.torrent").creationDate == nil)
    }
}
