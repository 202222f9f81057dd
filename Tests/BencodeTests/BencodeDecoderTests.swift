import Bencode
import Testing

@Suite("Reading bencoding")
struct BencodeDecoderTests {
    private let strict = BencodeDecoder(mode: .strict)
    private let lenient = BencodeDecoder(mode: .lenient)

    private func decode(_ text: String) throws(BencodeError) -> BencodeValue {
        try strict.decode(Array(text.utf8))
    }

    @Test("The examples of BEP 3")
    func examples() throws {
        #expect(try decode("4:spam") == .text("spam"))
        #expect(try decode("0:") == .string([]))
        #expect(try decode("i3e").integer == 3)
        #expect(try decode("i-3e").integer == -3)
        #expect(try decode("i0e").integer == 0)
        #expect(try decode("l4:spam4:eggse").list == [.text("spam"), .text("eggs")])
        #expect(try decode("le").list == [])
        let cows = try #require(try decode("d3:cow3:moo4:spam4:eggse").dictionary)
        #expect(cows["cow"]?.text == "moo")
        #expect(cows["spam"]?.text == "eggs")
        #expect(cows["hen"] == nil)
        #expect(try decode("d4:spaml1:a1:bee").dictionary?["spam"]?.list?.count == 2)
        #expect(try decode("d0:i1ee").dictionary?[""]?.integer == 1)
    }

    @Test("The ends of the 64-bit range")
    func integerRange() throws {
        #expect(try decode("i9223372036854775807e").integer == .max)
        #expect(try decode("i-9223372036854775808e").integer == .min)
        for text in ["i9223372036854775808e", "i-9223372036854775809e", "i99999999999999999999999999e"] {
            #expect(throws: BencodeError.invalidInteger(offset: 1)) { try decode(text) }
        }
    }

    @Test(
        "Wrong integers and lengths are refused in both modes",
        arguments: [
            "i-0e", "i03e", "ie", "i-e", "i+1e", "i 1e", "i1", "i", "i--1e", "i-01e", "i00e", "i1.5e", "03:abc", "00:",
            "-1:a", "1", "1:", "5:abcd", ":", "99999999999999999999999:", "999999999999:", "1 :a", "", "e", "x", "l",
            "d", "d1:a", "d1:ae", "di1ei2ee", "lei1e", "i1ei2e", "d1:ai1e1:be", "le ", "dle1:ae",
        ])
    func malformed(text: String) {
        #expect(throws: BencodeError.self) { try decode(text) }
        #expect(throws: BencodeError.self) { try lenient.decode(Array(text.utf8)) }
    }

    @Test("Keys out of order or repeated: refused in strict mode, found in lenient mode")
    func keyOrder() throws {
        #expect(throws: BencodeError.unsortedKey(offset: 7)) { try decode("d1:bi1e1:ai2ee") }
        #expect(throws: BencodeError.self) { try decode("d1:ai1e1:ai2ee") }
        let value = try lenient.decode(Array("d1:bi1e1:ai2e1:bi3ee".utf8))
        let unsorted = try #require(value.dictionary)
        #expect(unsorted["a"]?.integer == 2)
        #expect(unsorted["b"]?.integer == 1)
        #expect(!unsorted.isSorted && !value.isCanonical)
        #expect(try !lenient.decode(Array("ld1:bi1e1:ai2eee".utf8)).isCanonical)
    }

    @Test("Keys are compared as unsigned bytes")
    func rawByteOrder() throws {
        let bytes: [UInt8] = Array("d1:z0:1:".utf8) + [0xFF] + Array("0:e".utf8)
        #expect(try strict.decode(bytes).dictionary?.count == 2)
    }

    @Test("Places of values are those in the input")
    func sourceRanges() throws {
        let text = Array("d4:infod1:ai1ee5:other3:xyze".utf8)
        let value = try lenient.decodePrefix(text)
        let dictionary = try #require(value.value.dictionary)
        #expect(dictionary.sourceRange(of: "info").map { Array(text[$0]) } == Array("d1:ai1ee".utf8))
        #expect(dictionary.sourceRange(of: "none") == nil)
    }

    @Test("A value in front of other bytes, as in ut_metadata")
    func prefix() throws {
        let bytes = Array("d8:msg_typei1e5:piecei0eeBLOCK".utf8)
        let (value, consumed) = try strict.decodePrefix(bytes)
        #expect(value.dictionary?["msg_type"]?.integer == 1)
        #expect(Array(bytes[consumed...]) == Array("BLOCK".utf8))
        #expect(throws: BencodeError.trailingBytes(offset: consumed)) { try strict.decode(bytes) }
    }

    @Test("Depth, values and bytes are limited")
    func limits() throws {
        let deep = { (levels: Int) in
            [UInt8](repeating: UInt8(ascii: "l"), count: levels) + [UInt8](repeating: UInt8(ascii: "e"), count: levels)
        }
        #expect(throws: Never.self) { try strict.decode(deep(64)) }
        #expect(throws: BencodeError.tooDeep(offset: 64)) { try strict.decode(deep(65)) }
        #expect(throws: BencodeError.tooDeep(offset: 64)) { try strict.decode(deep(1_000_000)) }
        #expect(throws: Never.self) { try BencodeDecoder(mode: .strict, limits: .file).decode(deep(100)) }

        let small = BencodeDecoder(
            mode: .strict, limits: .init(maximumDepth: 8, maximumNodes: 3, maximumBytes: 20))
        #expect(throws: Never.self) { try small.decode(Array("li1ei2ee".utf8)) }
        #expect(throws: BencodeError.tooManyNodes(offset: 7)) { try small.decode(Array("li1ei2ei3ee".utf8)) }
        #expect(throws: BencodeError.tooLong(offset: 20)) { try small.decode(Array("18:abcdefghijklmnopqr".utf8)) }
        #expect(throws: BencodeError.self) { try small.decodePrefix(Array("18:abcdefghijklmnopqr".utf8)) }
    }

    @Test("A length that promises more than there is costs nothing")
    func lies() {
        for text in ["999999999999:", "9223372036854775807:", "d999999999999:", "l4294967296:a", "2147483648:a"] {
            #expect(throws: BencodeError.self) { try decode(text) }
        }
    }
}
