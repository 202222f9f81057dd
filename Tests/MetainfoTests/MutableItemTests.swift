import Bencode
import Crypto
import Testing

@testable import Metainfo

/// The vectors are those of BEP 44.
@Suite("Signed values that change (BEP 44)")
struct MutableItemTests {
    static let key = bytes("77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548")
    static let value = BencodeValue.text("Hello World!")
    static let plain = bytes(
        "305ac8aeb6c9c151fa120f120ea2cfb923564e11552d06a5d856091e5e853cff"
            + "1260d3f39e4999684aa92eb73ffd136e6f4f3ecbfda0ce53a1608ecd7ae21f01")
    static let salted = bytes(
        "6834284b6b24c3204eb2fea824d82f88883a3d95e8b4a21b8c0ded553d17d17d"
            + "df9a8a7104b1258f30bed3787e6cb896fca78c58f8e03b5f18f14951a87d9a08")

    @Test("The signatures of the specification are right", arguments: [("", plain), ("foobar", salted)])
    func vectors(_ salt: String, _ signature: [UInt8]) throws {
        let item = try MutableItem(
            verifying: Self.value, sequence: 1, salt: Array(salt.utf8), key: Self.key, signature: signature)
        #expect(try MutableItem(decoding: item.encoded()) == item)
        #expect(item.signature.count == 64)
    }

    @Test("Whatever is changed, the signature is no longer right")
    func tampered() throws {
        let salt = Array("foobar".utf8)
        func verify(
            value: BencodeValue = Self.value, sequence: Int64 = 1, salt: [UInt8] = salt, key: [UInt8] = Self.key,
            signature: [UInt8] = Self.salted
        ) throws -> MutableItem {
            try MutableItem(verifying: value, sequence: sequence, salt: salt, key: key, signature: signature)
        }
        _ = try verify()
        #expect(throws: MetainfoError.invalid("sig")) { try verify(value: .text("Hello World?")) }
        #expect(throws: MetainfoError.invalid("sig")) { try verify(sequence: 2) }
        #expect(throws: MetainfoError.invalid("sig")) { try verify(sequence: -1) }
        #expect(throws: MetainfoError.invalid("sig")) { try verify(salt: []) }
        #expect(throws: MetainfoError.invalid("sig")) { try verify(salt: Array("foobaz".utf8)) }
        #expect(throws: MetainfoError.invalid("sig")) { try verify(signature: Self.plain) }
        #expect(throws: MetainfoError.invalid("sig")) { try verify(key: Array(Self.key.reversed())) }
        for length in [0, 1, 31, 33, 64] {
            #expect(throws: MetainfoError.invalid("sig")) { try verify(key: [UInt8](repeating: 1, count: length)) }
        }
        for length in [0, 1, 63, 65, 1000] {
            #expect(throws: MetainfoError.invalid("sig")) {
                try verify(signature: [UInt8](repeating: 1, count: length))
            }
        }
    }

    @Test("Salt and value have their limits, for those who sign and those who read")
    func limits() throws {
        let key = Curve25519.Signing.PrivateKey()
        let (long, longest) = ([UInt8](repeating: 7, count: 65), [UInt8](repeating: 7, count: 64))
        #expect(throws: MetainfoError.tooLarge("salt")) {
            try MutableItem(Self.value, sequence: 1, salt: long, key: key)
        }
        // 996 bytes of text are 1000 of bencoding.
        let full = BencodeValue.string([UInt8](repeating: 7, count: 996))
        let item = try MutableItem(full, sequence: .max, salt: longest, key: key)
        #expect(try MutableItem(decoding: item.encoded()) == item)
        #expect(throws: MetainfoError.tooLarge("v")) {
            try MutableItem(.string([UInt8](repeating: 7, count: 997)), sequence: 1, salt: [], key: key)
        }
        #expect(throws: MetainfoError.tooLarge("v")) {
            try MutableItem(
                verifying: .string([UInt8](repeating: 7, count: 5000)), sequence: 1, salt: [], key: Self.key,
                signature: Self.plain)
        }
    }

    @Test("What is no item is refused with the reason")
    func malformed() throws {
        func encoded(_ members: [(String, BencodeValue?)]) -> [UInt8] {
            var dictionary = BencodeDictionary()
            for case (let name, let value?) in members { dictionary.set(name, value) }
            return BencodeValue.dictionary(dictionary).encoded()
        }
        func item(without missing: String = "", _ other: (String, BencodeValue)? = nil) -> [UInt8] {
            let all: [(String, BencodeValue?)] = [
                ("k", .string(Self.key)), ("seq", .integer(1)), ("sig", .string(Self.plain)), ("v", Self.value),
            ]
            return encoded(
                all.map { name, value in
                    if name == other?.0 { return (name, other?.1) }
                    return (name, name == missing ? nil : value)
                })
        }
        _ = try MutableItem(decoding: item())
        for name in ["k", "seq", "sig", "v"] {
            #expect(throws: MetainfoError.missing(name)) { try MutableItem(decoding: item(without: name)) }
        }
        for name in ["k", "seq", "sig"] {
            #expect(throws: MetainfoError.missing(name)) { try MutableItem(decoding: item((name, .list([])))) }
        }
        #expect(throws: MetainfoError.missing("seq")) { try MutableItem(decoding: item(("seq", .integer(.min)))) }
        #expect(throws: MetainfoError.invalid("sig")) { try MutableItem(decoding: item(("seq", .integer(.max)))) }
        for bytes in ["", "i1e", "de", "le", "d1:k", "d1:k99999999999999999999:", "d3:seqi1e1:k0:e"] {
            #expect(throws: MetainfoError.self, "\(bytes)") { try MutableItem(decoding: Array(bytes.utf8)) }
        }
        let nested = [UInt8](repeating: UInt8(ascii: "l"), count: 100_000)
        #expect(throws: MetainfoError.notDictionary) { try MutableItem(decoding: nested) }
    }

    @Test("No cut and no flipped bit of an item is taken")
    func everyBit() throws {
        let bytes = try MutableItem(
            verifying: Self.value, sequence: 1, salt: [], key: Self.key, signature: Self.plain
        ).encoded()
        for index in bytes.indices {
            #expect(throws: MetainfoError.self) { try MutableItem(decoding: Array(bytes[..<index])) }
            var other = bytes
            other[index] ^= 1 << UInt8(index % 8)
            #expect(throws: MetainfoError.self, "byte \(index)") { try MutableItem(decoding: other) }
        }
    }

    private static func bytes(_ text: String) -> [UInt8] { Hexadecimal.decode(text) ?? [] }
}
