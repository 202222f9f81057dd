import Metainfo
import Storage
import Testing

@testable import Host

@Suite("What pages are sent as, and torrents of single files", .timeLimit(.minutes(1)))
struct WebCodingTests {
    @Test("Coded bytes have gzip's head and end, are shorter, and are the same each time")
    func coded() throws {
        let text = Array(repeating: Array("again and again, ".utf8), count: 500).flatMap(\.self)
        let coded = try #require(Gzip.encode(text))
        #expect(coded.count < text.count / 10)
        // Deflate (8), no flags, no time: RFC 1952 §2.3.1.
        #expect(Array(coded.prefix(8)) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0])
        #expect(Array(coded.suffix(4)) == [UInt8(text.count & 0xFF), UInt8(text.count >> 8), 0, 0])
        #expect(Gzip.encode(text) == coded)
    }

    @Test("What does not become shorter is left as it is")
    func useless() {
        var random = SystemRandomNumberGenerator()
        #expect(Gzip.encode((0..<5000).map { _ in UInt8.random(in: 0...255, using: &random) }) == nil)
        #expect(Gzip.encode(Array(repeating: 0, count: Gzip.usefulLength - 1)) == nil)
        #expect(Gzip.encode([]) == nil)
    }
}
