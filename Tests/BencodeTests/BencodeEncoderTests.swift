import Bencode
import Testing

@Suite("Writing bencoding")
struct BencodeEncoderTests {
    @Test("Dictionaries come out in raw byte order, whatever order they were set in")
    func sorted() {
        var dictionary = BencodeDictionary()
        dictionary.set("spam", .text("eggs"))
        dictionary.set("", .integer(-7))
        dictionary.set([0xFF], .list([]))
        dictionary.set("cow", .text("moo"))
        dictionary.set("cow", .text("MOO"))
        let expected = Array("d0:i-7e3:cow3:MOO4:spam4:eggs1:".utf8) + [0xFF] + Array("lee".utf8)
        #expect(BencodeValue.dictionary(dictionary).encoded() == expected)
    }

    @Test(
        "What was read strictly is written as it was", arguments: ["i-9223372036854775808e", "d0:d1:alee1:bi0ee", "0:"])
    func roundTrip(text: String) throws {
        let bytes = Array(text.utf8)
        #expect(try BencodeDecoder(mode: .strict).decode(bytes).encoded() == bytes)
    }

    @Test("Accessors give nil for other kinds, and text only for UTF-8")
    func accessors() {
        #expect(BencodeValue.integer(1).bytes == nil && BencodeValue.integer(1).list == nil)
        #expect(BencodeValue.string([0xFF]).text == nil && BencodeValue.string([0xFF]).bytes == [0xFF])
        #expect(BencodeValue.list([]).dictionary == nil && BencodeValue.text("a").integer == nil)
    }

    @Test("Equality does not look at where values stood")
    func equality() throws {
        var made = BencodeDictionary()
        made.set("a", .integer(1))
        let read = try BencodeDecoder(mode: .strict).decode(Array("d1:ai1ee".utf8))
        #expect(read == .dictionary(made))
    }
}
