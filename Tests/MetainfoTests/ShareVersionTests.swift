import Bencode
import Crypto
import Testing

@testable import Metainfo

@Suite("Versions of a share (after BEP 46)")
struct ShareVersionTests {
    let key = Curve25519.Signing.PrivateKey()
    let share = Array("0123456789abcdef0123456789abcdef".utf8)
    let v1 = InfoHashV1(hashing: [1])
    let v2 = InfoHashV2(hashing: [2])

    @Test("Each format's hashes survive the way over the wire", arguments: TorrentFormat.allCases)
    func roundTrip(_ format: TorrentFormat) throws {
        let hashes = try #require(InfoHashes(v1: format.hasV1 ? v1 : nil, v2: format.hasV2 ? v2 : nil))
        let version = try ShareVersion(name: "Vorträge ☃", hashes: hashes, number: 7, share: share, key: key)
        let read = try ShareVersion(decoding: version.item.encoded())
        #expect(read == version)
        #expect(read.hashes == hashes)
        #expect(read.number == 7 && read.name == "Vorträge ☃" && read.share == share)
        #expect(read.key == Array(key.publicKey.rawRepresentation))
    }

    @Test("The info-hash of BEP 46 is there for programs that know no other")
    func wireHash() throws {
        let hybrid = try #require(InfoHashes(v1: v1, v2: v2))
        let version = try ShareVersion(name: "a", hashes: hybrid, number: 1, share: share, key: key)
        #expect(version.item.value.dictionary?["ih"]?.bytes == v1.bytes)
        let pure = try #require(InfoHashes(v1: nil, v2: v2))
        let other = try ShareVersion(name: "a", hashes: pure, number: 1, share: share, key: key)
        #expect(other.item.value.dictionary?["ih"]?.bytes == v2.truncated.bytes)
    }

    @Test("A signed value that is no version is refused")
    func notAVersion() throws {
        func decode(_ value: BencodeValue) throws -> ShareVersion {
            try ShareVersion(
                decoding: MutableItem(value, sequence: 1, salt: share, key: key).encoded())
        }
        func version(_ members: [(String, BencodeValue)]) -> BencodeValue {
            var dictionary = BencodeDictionary()
            for (name, value) in members { dictionary.set(name, value) }
            return .dictionary(dictionary)
        }
        let (name, ih, ih2) = (BencodeValue.text("a"), BencodeValue.string(v1.bytes), BencodeValue.string(v2.bytes))
        #expect(try decode(version([("n", name), ("ih", ih)])).hashes == InfoHashes(v1: v1, v2: nil))
        #expect(try decode(version([("n", name), ("ih2", ih2)])).hashes == InfoHashes(v1: nil, v2: v2))
        #expect(throws: MetainfoError.notDictionary) { try decode(.text("a")) }
        #expect(throws: MetainfoError.missing("n")) { try decode(version([("ih", ih)])) }
        #expect(throws: MetainfoError.missing("n")) { try decode(version([("n", .string([0xFF])), ("ih", ih)])) }
        #expect(throws: MetainfoError.missing("ih")) { try decode(version([("n", name)])) }
        #expect(throws: MetainfoError.missing("ih")) { try decode(version([("n", name), ("ih", .string([1, 2]))])) }
        for wrong in [BencodeValue.string([1, 2]), .integer(1), .string(v2.bytes + [0])] {
            #expect(throws: MetainfoError.invalid("ih2")) {
                try decode(version([("n", name), ("ih", .string(v2.truncated.bytes)), ("ih2", wrong)]))
            }
        }
    }

    @Test("A name that does not fit is refused when signing")
    func longName() throws {
        let hashes = try #require(InfoHashes(v1: v1, v2: v2))
        #expect(throws: MetainfoError.tooLarge("v")) {
            try ShareVersion(
                name: String(repeating: "☃", count: 400), hashes: hashes, number: 1, share: share, key: key)
        }
    }
}
