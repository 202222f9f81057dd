import Bencode
import Testing
import TestSupport

@Suite("Bencoding from strangers")
struct BencodeFuzzTests {
    @Test("Random bytes of the alphabet never trap, and what reads strictly writes back the same")
    func random() throws {
        var generator = TestRandom(seed: 1)
        let alphabet = Array("ildei0123456789:-a".utf8)
        let strict = BencodeDecoder(mode: .strict)
        let lenient = BencodeDecoder(mode: .lenient)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0..<24, using: &generator)
            let bytes = (0..<count).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            if let value = try? strict.decode(bytes) {
                #expect(value.encoded() == bytes)
                #expect(value.isCanonical)
                #expect(try lenient.decode(bytes) == value)
            } else if let value = try? lenient.decode(bytes) {
                #expect(!value.isCanonical)
                #expect(value.encoded() == bytes)
            }
        }
    }

    @Test("Every prefix of a value is refused, except the whole")
    func truncation() {
        let bytes = Array("d4:infod5:filesld6:lengthi425e4:pathl3:foo7:bar.txteee4:name4:temp0:ee".utf8)
        for count in 0..<bytes.count {
            #expect(throws: BencodeError.self) { try BencodeDecoder(mode: .lenient).decode(Array(bytes.prefix(count))) }
        }
    }
}
