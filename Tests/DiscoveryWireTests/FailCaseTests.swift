import DiscoveryWire
import Foundation
import Testing

/// Replays what the fuzzers once crashed on (`Fuzz/FailCases`), and their seeds (`Fuzz/Corpus`).
@Suite struct FailCaseTests {
    @Test func multicastDNS() throws {
        for (name, bytes) in try Self.inputs("FuzzDNS") {
            guard let message = try? DNSMessage(decoding: bytes), let written = message.encoded() else { continue }
            #expect(try DNSMessage(decoding: written).answers == message.answers, "\(name)")
        }
    }

    @Test func localSearch() throws {
        for (name, bytes) in try Self.inputs("FuzzBEP14") {
            for input in [bytes, Array("BT-SEARCH * HTTP/1.1\r\n".utf8) + bytes] {
                guard let search = try? LocalSearch(decoding: input) else { continue }
                #expect(search.port != 0 && !search.infoHashes.isEmpty, "\(name)")
            }
        }
    }

    private static func inputs(_ target: String) throws -> [(String, [UInt8])] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        var inputs: [(String, [UInt8])] = []
        for folder in ["Corpus", "FailCases"] {
            let path = root.appendingPathComponent("Fuzz/\(folder)/\(target)").path
            for name in ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() {
                let data = try Data(contentsOf: URL(fileURLWithPath: path + "/" + name))
                inputs.append((folder + "/" + name, [UInt8](data)))
            }
        }
        try #require(!inputs.isEmpty, "no seeds of \(target)")
        return inputs
    }
}
