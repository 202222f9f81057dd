import PeerWire
import Testing
import TestSupport
import TrackerEngine

/// Replays the seeds of the fuzzer and what it once crashed on (`Fuzz/FailCases`).
@Suite struct FailCaseTests {
    @Test func requestsAndAnswers() throws {
        var bench = try TrackerBench()
        for (name, bytes) in try FuzzInputs.all("FuzzTracker") {
            if let answer = try? AnnounceResponse(decoding: bytes) {
                let again = try AnnounceResponse(decoding: answer.encoded(isCompact: true, omitsPeerIDs: true))
                #expect(again.peers.count == answer.peers.count, "\(name)")
            }
            _ = try? ScrapeResponse(decoding: bytes)
            let source = try Samples.address("192.0.2.7:1")
            for query in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
                let body = bench.tracker.announce(
                    query: String(query), from: source, local: bench.local, now: bench.now)
                #expect(!body.isEmpty)
            }
        }
    }
}
