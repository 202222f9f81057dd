import Testing
import TestSupport
import WebWire

/// Replays the seeds of the fuzzer and what it once crashed on (`Fuzz/FailCases`).
@Suite struct FailCaseTests {
    @Test func fields() throws {
        let now = HTTPDate(secondsSinceEpoch: 1_795_572_000)
        for (name, bytes) in try FuzzInputs.all("FuzzHTTPFields") {
            let text = String(decoding: bytes, as: UTF8.self)
            let path = try? RequestPath(target: text)
            #expect(path?.components.contains { $0 == ".." || $0.contains("/") } != true, "\(name)")
            if let range = RangeRequest(parsing: text) {
                #expect(RangeRequest(parsing: range.description) == range)
            }
            if let date = HTTPDate(parsing: text, now: now) {
                #expect(HTTPDate(parsing: date.description, now: now) == date, "\(name)")
            }
            for link in Link.list(parsing: text) { #expect(Link.list(parsing: link.description).count == 1) }
            _ = DigestFields.representation(of: ["Repr-Digest": text, "Digest": text])
            let type = "multipart/form-data; boundary=B"
            let whole = try? FormDataTests.read(bytes, cut: bytes.count + 1, type: type)
            let pieces = try? FormDataTests.read(bytes, cut: 1, type: type)
            #expect(whole?.parts == pieces?.parts, "\(name)")
        }
    }
}
