import DiscoveryWire
import PeerWire
import Testing

@testable import DiscoveryEngine

/// Questions of others, and many questions at once (RFC 6762 §6.3, §7.2, §7.3).
@Suite struct OverhearingTests {
    private let link = VirtualLink()
    private let host: VirtualLink.Host
    private let browser: VirtualLink.Host
    private let other = PeerAddress(ipv4: 0x0A00_0063, port: 5353)

    init() {
        host = link.add("alpha", number: 1)
        link.offer(host)
        browser = link.add("beta", number: 2)
        link.hand(.browse(["_duplex._tcp"]), to: browser)
    }

    private func name(_ text: String) throws -> DomainName { try #require(DomainName(text: text)) }

    private func inject(_ message: DNSMessage) throws {
        link.inject(try #require(message.encoded()), from: other)
    }

    /// When the browser asked for a type since an instant.
    private func asked(_ type: RecordType, since: Duration) -> [Duration] {
        link.sent.filter { sent in
            sent.host == "beta" && sent.at >= since && sent.message?.isResponse == false
                && sent.message?.questions.contains { $0.type == type } ?? false
        }.map(\.at)
    }

    @Test func allOfAHostIsAskedForTogether() throws {
        link.run(for: .seconds(90))
        let start = link.now
        link.run(for: .seconds(30))
        let sent = link.sent.filter { $0.at > start }
        // One question for everything that lives 120 s, one answer.
        #expect(sent.count == 2)
        #expect(sent.first?.message?.questions.map(\.type) == [.srv, .a])
        #expect(sent.last?.message?.answers.map(\.type).sorted() == [.a, .srv])
        #expect(browser.told.count == 1)
    }

    @Test func manyQuestionsAreAnsweredByOneDatagramLittleLater() throws {
        link.run(for: .seconds(60))
        let start = link.now
        let questions: [(String, RecordType)] = [
            ("alpha.local", .a), ("Host._duplex._tcp.local", .srv), ("Host._duplex._tcp.local", .txt),
        ]
        try inject(
            DNSMessage(
                isResponse: false, questions: questions.map { DNSQuestion(name: try name($0.0), type: $0.1) }))
        link.run(for: .seconds(1))
        let sent = link.sent.filter { $0.at > start }
        #expect(sent.count == 1)
        #expect(Set(sent.first?.message?.answers.map(\.type) ?? []) == [.a, .srv, .txt])
        #expect(sent.allSatisfy { $0.at - start >= .milliseconds(20) && $0.at - start <= .milliseconds(122) })
    }

    /// Whoever asks all the time without an answer does not keep this host from asking itself before it gives up.
    @Test func unansweredQuestionsOfOthersDoNotReplaceTheLast() throws {
        link.run(for: .seconds(60))
        host.isAlive = false
        let start = link.now
        let question = DNSMessage(
            isResponse: false,
            questions: try ["Host._duplex._tcp.local", "alpha.local"].map {
                DNSQuestion(name: try name($0), type: $0.hasPrefix("H") ? .srv : .a)
            })
        for _ in 0..<250 {
            try inject(question)
            link.run(for: .milliseconds(500))
        }
        let last = try #require(browser.events.last)
        #expect(last.event == .lost(instance: "Host", type: "_duplex._tcp"))
        #expect(asked(.srv, since: start).filter { $0 < last.at }.count == 1)
    }

    /// The list of known answers goes on in another datagram; only then is it clear what was asked.
    @Test(arguments: [true, false]) func knownAnswersOfOthersAreHeardToTheirEnd(areAllKnown: Bool) throws {
        // The questions for pointers come after 1, 2, 4, … s.
        link.run(for: .seconds(40))
        let before = try #require(asked(.ptr, since: .zero).last)
        link.run(until: before + (before - asked(.ptr, since: .zero).dropLast().last!) * 2 - .seconds(5))
        let type = try name("_duplex._tcp.local")
        func known(_ instance: String) throws -> DNSRecord {
            DNSRecord(name: type, timeToLive: 4400, data: .pointer(try type.prepending(instance)))
        }
        let start = link.now
        try inject(
            DNSMessage(
                isResponse: false, isTruncated: true, questions: [DNSQuestion(name: type, type: .ptr)],
                answers: [try known("Host")]))
        link.run(for: .milliseconds(100))
        try inject(
            DNSMessage(isResponse: false, answers: [try known(areAllKnown ? "Host" : "Somebody")]))
        link.run(for: .seconds(20))
        #expect(asked(.ptr, since: start).isEmpty == areAllKnown)
    }
}
