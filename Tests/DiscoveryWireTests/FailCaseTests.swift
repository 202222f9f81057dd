import DiscoveryWire
import Testing
import TestSupport

/// Replays what the fuzzers once crashed on (`Fuzz/FailCases`), and their seeds (`Fuzz/Corpus`).
@Suite struct FailCaseTests {
    @Test func multicastDNS() throws {
        for (name, bytes) in try FuzzInputs.all("FuzzDNS") {
            guard let message = try? DNSMessage(decoding: bytes), let written = message.encoded() else { continue }
            #expect(try DNSMessage(decoding: written).answers == message.answers, "\(name)")
        }
    }

    @Test func localSearch() throws {
        for (name, bytes) in try FuzzInputs.all("FuzzBEP14") {
            for input in [bytes, Array("BT-SEARCH * HTTP/1.1\r\n".utf8) + bytes] {
                guard let search = try? LocalSearch(decoding: input) else { continue }
                #expect(search.port != 0 && !search.infoHashes.isEmpty, "\(name)")
            }
        }
    }
}
