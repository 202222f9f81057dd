import DiscoveryWire
import Testing

@Suite struct TextRecordTests {
    @Test func keysAndValues() {
        var text = TextRecord(["txtvers": "1", "Path": "/a=b", "empty": ""])
        text.set("bare")
        #expect(text.text("TXTVERS") == "1")
        #expect(text.text("path") == "/a=b")
        #expect(text["empty"] == [])
        #expect(text["bare"] == nil && text.contains("BARE"))
        #expect(!text.contains("other"))
        #expect(text.encoded.starts(with: Array("\u{9}txtvers=1".utf8)))
    }

    @Test func nothingIsOneZeroByte() {
        #expect(TextRecord().encoded == [0])
    }

    @Test func whatNoRecordCanHoldIsLeftOut() {
        var text = TextRecord()
        var attempts: [Bool] = []
        attempts.append(text.set(""))
        attempts.append(text.set("a=b", [1]))
        attempts.append(text.set("ä", [1]))
        attempts.append(text.set("k", [UInt8](repeating: 1, count: 254)))
        #expect(attempts == [false, false, false, false])
        for number in 0..<10 { text.set("k\(number)", [UInt8](repeating: 1, count: 200)) }
        #expect(text.encoded.count <= TextRecord.maximumLength)
        text.set("k0", [2])
        #expect(text["k0"] == [2])
    }
}
