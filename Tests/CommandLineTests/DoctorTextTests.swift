import Doctor
import Testing

@testable import duplex

@Suite struct DoctorTextTests {
    private let good = Finding(id: "a.b", severity: .ok, title: "Fine")
    private let bad = Finding(
        id: "c.d", severity: .problem, title: "Bad \u{1B}[31m", explanation: "It matters.", remedy: "sudo mend it",
        evidence: ["seen"])

    @Test func json() {
        #expect(
            DoctorText.json(good).text
                == #"{"id":"a.b","severity":"ok","title":"Fine","explanation":"","remedy":null,"evidence":[]}"#)
    }

    @Test func lines() {
        let plain = Terminal(stream: OutputStream(descriptor: -1))
        #expect(
            DoctorText.lines([bad, good], terminal: plain) == [
                "ok       Fine", "", "problem  Bad \\u{1B}[31m", "         It matters.", "         To do: sudo mend it",
                "         Seen: seen", "", "1 problem.",
            ])
    }

    @Test func wordsStayWhole() {
        #expect(DoctorText.wrapped("one two threefour five", to: 7) == ["one two", "threefour", "five"])
    }
}
