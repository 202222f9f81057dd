import Bencode
import Foundation
import Metainfo
import Testing
import TestSupport

@Suite("Torrents from strangers")
struct HostileTorrentTests {
    private func info(_ text: String, _ pieces: Int = 0) throws -> TorrentInfo {
        let hashes = pieces > 0 ? Array("6:pieces\(pieces * 20):".utf8) + [UInt8](repeating: 7, count: pieces * 20) : []
        return try TorrentInfo(encoded: Array("d\(text)".utf8) + hashes + Array("e".utf8))
    }

    /// Without the one that goes on after its end.
    private static let wholeFiles = Vectors.rows.map { $0[0] }.filter { $0 != "bad_name.torrent" }

    @Test("Every prefix of every small vector is refused, never a trap", arguments: wholeFiles)
    func prefixes(name: String) throws {
        let bytes = try Vectors.bytes(name)
        // Large ones are long strings of hashes inside: their ends matter, not each byte.
        let step = max(1, bytes.count / 300)
        for count in stride(from: 0, to: bytes.count, by: step) {
            #expect(throws: MetainfoError.self) { try Torrent(decoding: Array(bytes.prefix(count))) }
        }
    }

    @Test("Changed torrents are read or refused, never a trap, and never unsafe")
    func mutations() throws {
        var generator = TestRandom(seed: 42)
        let small = try Vectors.rows.map { try Vectors.bytes($0[0]) }.filter { $0.count < 1500 }
        let interesting = Array("ilde0123456789:-./\\\u{0}px".utf8)
        var readable = 0
        for round in 0..<20_000 {
            var bytes = small[round % small.count]
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let position = Int.random(in: bytes.indices, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[position] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes[position] = interesting.randomElement(using: &generator) ?? 0
                case 2: bytes.insert(interesting.randomElement(using: &generator) ?? 0, at: position)
                default: bytes.remove(at: position)
                }
            }
            guard let torrent = try? Torrent(decoding: bytes) else { continue }
            readable += 1
            check(torrent)
        }
        #expect(readable > 500)
    }

    /// What must hold for anything that was read.
    private func check(_ torrent: Torrent) {
        let info = torrent.info
        for index in info.files.indices {
            let path = info.relativePath(of: FileIndex(index))
            #expect(!path.isEmpty && path.allSatisfy { PathSafety.isSafe($0) || $0.utf8.count > 240 })
        }
        let paths = info.files.indices.filter { !info.files[$0].isPadding }.map {
            info.relativePath(of: FileIndex($0)).joined(separator: "/")
        }
        #expect(Set(paths).count == paths.count)
        var total: Int64 = 0
        for number in 0..<min(info.layout.pieceCount, 100) {
            let piece = PieceIndex(number)
            total += Int64(info.layout.dataSize(piece))
            let segments = info.layout.segments(piece, offset: 0, length: info.layout.pieceSize(piece))
            #expect(segments.reduce(0) { $0 + $1.length } == info.layout.pieceSize(piece))
            _ = torrent.pieceLayers.pieceHash(piece, in: info)
            if info.format.hasV1 { #expect(info.pieceHashV1(piece)?.count == 20) }
        }
        if info.layout.pieceCount <= 100 { #expect(total >= info.totalSize) }
        #expect((try? Torrent(decoding: torrent.encoded()))?.info.hashes == info.hashes)
    }

    @Test("Sizes that lie are refused before anything is allocated")
    func lies() {
        #expect(throws: MetainfoError.tooLarge("pieces")) {
            try info("6:lengthi1125899906842624e4:name1:x12:piece lengthi1e", 1)
        }
        #expect(throws: MetainfoError.invalid("length")) {
            try info("6:lengthi9223372036854775807e4:name1:x12:piece lengthi1e", 1)
        }
        let huge = "d6:lengthi1125899906842624e4:pathl1:aee"
        #expect(throws: MetainfoError.tooLarge("bytes")) {
            try info("5:filesl\(huge)\(huge)e4:name1:x12:piece lengthi536870912e", 1)
        }
        #expect(throws: MetainfoError.invalid("pieces")) { try info("6:lengthi100e4:name1:x12:piece lengthi16e", 6) }
        #expect(throws: MetainfoError.invalid("pieces")) { try info("6:lengthi100e4:name1:x12:piece lengthi16e", 8) }
        #expect(throws: Never.self) { try info("6:lengthi100e4:name1:x12:piece lengthi16e", 7) }
        #expect(throws: MetainfoError.invalidPieceLength(0)) { try info("6:lengthi1e4:name1:x12:piece lengthi0e", 1) }
        #expect(throws: MetainfoError.invalidPieceLength(1 << 30)) {
            try info("6:lengthi1e4:name1:x12:piece lengthi1073741824e", 1)
        }
        #expect(throws: MetainfoError.self) { try Torrent(decoding: Array("d4:infod6:pieces999999999999:".utf8)) }
        #expect(throws: MetainfoError.notDictionary) { try Torrent(decoding: Array("le".utf8)) }
        #expect(throws: MetainfoError.missing("info")) { try Torrent(decoding: Array("de".utf8)) }
        #expect(throws: MetainfoError.unsupportedVersion(3)) {
            try info("9:file treede12:meta versioni3e4:name1:x12:piece lengthi16384e")
        }
    }

    @Test("Old UTF-8 keys of v1 torrents are preferred; unsorted keys are refused where they are hashed")
    func oldTorrents() throws {
        let old = try info(
            "5:filesld6:lengthi1e4:pathl1:?e10:path.utf-8l2:äeee4:name1:?10:name.utf-82:ö12:piece lengthi16e", 1)
        #expect(old.name == "ö" && old.files[0].path == ["ä"])
        #expect(throws: MetainfoError.self) { try info("4:name1:x6:lengthi1e12:piece lengthi16e", 1) }
        #expect(throws: MetainfoError.bencoding(.unsortedKey(offset: 19))) {
            try info("12:meta versioni2e4:aaaai1e9:file treede4:name1:x12:piece lengthi16384e")
        }
    }

    @Test("`length` and `files` at once, empty paths, links without a target")
    func v1Contradictions() {
        let file = "d6:lengthi1e4:pathl1:aee"
        #expect(throws: MetainfoError.invalid("length")) {
            try info("5:filesl\(file)e6:lengthi1e4:name1:x12:piece lengthi16e", 1)
        }
        #expect(throws: MetainfoError.missing("path")) {
            try info("5:filesld6:lengthi1e4:pathleee4:name1:x12:piece lengthi16e", 1)
        }
        #expect(throws: MetainfoError.missing("symlink path")) {
            try info("5:filesl\(file)d4:attr1:l4:pathl1:beee4:name1:x12:piece lengthi16e", 1)
        }
        #expect(throws: MetainfoError.empty) {
            try info("5:filesld4:attr1:p6:lengthi16e4:pathl1:aeee4:name1:x12:piece lengthi16e", 1)
        }
    }

    @Test("Hybrids whose halves disagree about a name, a size or the order")
    func hybridContradictions() throws {
        let one = Samples.file(["a"], 10, pieceLength: 16384)
        let two = Samples.file(["b"], 20, pieceLength: 16384)
        let builder = TorrentBuilder(name: "dir", pieceLength: 16384, format: .hybrid, files: [one, two])
        let encoded = try builder.build().info.encoded
        let text = String(decoding: encoded.map { $0 < 128 ? $0 : 63 }, as: UTF8.self)
        func changed(_ old: String, _ new: String) throws -> [UInt8] {
            let range = try #require(text.range(of: old))
            let start = text.utf8.distance(from: text.startIndex, to: range.lowerBound)
            return Array(encoded[..<start]) + Array(new.utf8) + Array(encoded[(start + old.utf8.count)...])
        }
        let changes = [
            ("4:pathl1:ae", "4:pathl1:ce"), ("6:lengthi10e4:path", "6:lengthi11e4:path"),
            ("6:lengthi16374e", "6:lengthi16373e"), ("6:lengthi16374e", "6:lengthi32758e"),
            ("d4:attr1:p6:length", "d4:attr1:x6:length"),
        ]
        for (old, new) in changes {
            let bytes = try changed(old, new)
            #expect(throws: MetainfoError.inconsistentHalves, "\(new)") { try TorrentInfo(encoded: bytes) }
        }
    }
}
