import Metainfo
import Testing

@Suite("Percent encoding")
struct PercentCodingTests {
    @Test("Whatever text there is survives encoding and decoding")
    func roundTrip() {
        for text in ["", "a b", "ä☃👩‍💻", "%41", "a/b?c&d=e+f#g", "\u{0}\r\n\"", "..", "~-._"] {
            let encoded = PercentCoding.encoded(text)
            #expect(encoded.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") })
            #expect(PercentCoding.strictlyDecoded(bytes: encoded.utf8) == Array(text.utf8))
            #expect(PercentCoding.decoded(encoded[...]) == Array(text.utf8))
        }
        #expect(PercentCoding.encoded("a/b ~") == "a%2Fb%20~")
        #expect(PercentCoding.encoded("a/b ~", keeping: "/") == "a/b%20~")
    }

    @Test(
        "A broken escape is itself where links are read, and nothing where requests are",
        arguments: ["%", "%4", "%zz", "a%", "%4g"])
    func broken(_ text: String) {
        #expect(PercentCoding.decoded(text[...]) == Array(text.utf8))
        #expect(PercentCoding.strictlyDecoded(bytes: text.utf8) == nil)
    }
}
