import DiscoveryWire
import PeerWire
import Testing

@testable import DiscoveryEngine

/// Answers to questions (RFC 6762 §6 and §7).
@Suite struct AnsweringTests {
    private let link = VirtualLink()
    private let host: VirtualLink.Host
    private let asker = PeerAddress(ipv4: 0x0A00_0063, port: 5353)

    init() {
        host = link.add("alpha", number: 1)
        link.offer(host)
        // Long enough for a quarter of the life of the host's records to be over.
        link.run(for: .seconds(60))
    }

    private func name(_ text: String) throws -> DomainName { try #require(DomainName(text: text)) }

    /// Asks and returns what is sent within a second.
    private func ask(
        _ message: DNSMessage, from source: PeerAddress? = nil, isMulticast: Bool = true, wait: Duration = .seconds(1)
    ) throws -> [VirtualLink.Sent] {
        let before = link.sent.count
        link.inject(try #require(message.encoded()), from: source ?? asker, isMulticast: isMulticast)
        link.run(for: wait)
        return Array(link.sent[before...])
    }

    private func question(_ text: String, _ type: RecordType, unicast: Bool = false) throws -> DNSQuestion {
        DNSQuestion(name: try name(text), type: type, unicastReply: unicast)
    }

    @Test func browseAnswerBringsEverything() throws {
        let start = link.now
        let sent = try ask(DNSMessage(isResponse: false, questions: [question("_duplex._tcp.local", .ptr)]))
        let answer = try #require(sent.first?.message)
        #expect(sent.count == 1 && sent[0].to == nil)
        #expect(answer.answers.map(\.type) == [.ptr])
        #expect(Set(answer.additionals.map(\.type)) == [.srv, .txt, .a, .nsec])
        let delay = sent[0].at - start
        #expect(delay >= .milliseconds(20) && delay <= .milliseconds(122))
    }

    @Test func uniqueAnswersComeAtOnce() throws {
        let start = link.now
        let sent = try ask(DNSMessage(isResponse: false, questions: [question("ALPHA.local", .a)]))
        #expect(sent.map { $0.at - start } == [.milliseconds(1)])
        #expect(sent.first?.message?.answers.first?.cacheFlush == true)
    }

    @Test func typesAreListed() throws {
        let sent = try ask(DNSMessage(isResponse: false, questions: [question("_services._dns-sd._udp.local", .ptr)]))
        #expect(sent.first?.message?.answers.map(\.data) == [.pointer(try name("_duplex._tcp.local"))])
    }

    @Test func knownAnswersAreNotRepeated() throws {
        let known = DNSRecord(
            name: try name("_duplex._tcp.local"), timeToLive: 2250, data: .pointer(try name("Host._duplex._tcp.local")))
        let ask1 = DNSMessage(
            isResponse: false, questions: [try question("_duplex._tcp.local", .ptr)], answers: [known])
        #expect(try ask(ask1).isEmpty)
        var old = known
        old.timeToLive = 2249
        let ask2 = DNSMessage(isResponse: false, questions: ask1.questions, answers: [old])
        #expect(try ask(ask2).count == 1)
    }

    @Test func moreKnownAnswersAreWaitedFor() throws {
        let known = DNSRecord(
            name: try name("_duplex._tcp.local"), timeToLive: 4500, data: .pointer(try name("Host._duplex._tcp.local")))
        let first = DNSMessage(
            isResponse: false, isTruncated: true, questions: [try question("_duplex._tcp.local", .ptr)])
        #expect(try ask(first, wait: .milliseconds(300)).isEmpty)
        #expect(try ask(DNSMessage(isResponse: false, answers: [known])).isEmpty)
        // Without the rest the answer comes after all.
        let sent = try ask(first)
        #expect(sent.count == 1)
    }

    @Test func sameIsNotToldTwiceInASecond() throws {
        let message = DNSMessage(isResponse: false, questions: [try question("alpha.local", .a)])
        let start = link.now
        for _ in 0..<50 {
            link.inject(try #require(message.encoded()), from: asker)
            link.run(for: .milliseconds(50))
        }
        link.run(for: .seconds(2))
        let times = link.sent.filter { $0.at > start }.map(\.at)
        #expect(times.count >= 2 && times.count <= 4)
        for (one, next) in zip(times, times.dropFirst()) { #expect(next - one >= .seconds(1)) }
    }

    @Test func unicastIsAnsweredByUnicast() throws {
        // Told just now, so there is no need to tell everybody.
        _ = try ask(DNSMessage(isResponse: false, questions: [question("alpha.local", .a)]), wait: .seconds(2))
        let sent = try ask(DNSMessage(isResponse: false, questions: [question("alpha.local", .a, unicast: true)]))
        #expect(sent.map(\.to) == [asker])
        link.run(for: .seconds(40))
        let later = try ask(DNSMessage(isResponse: false, questions: [question("alpha.local", .a, unicast: true)]))
        #expect(later.map(\.to) == [nil])
    }

    @Test func plainClientsAreAnsweredTheirWay() throws {
        let client = PeerAddress(ipv4: 0x0A00_0063, port: 40000)
        let ask1 = DNSMessage(id: 4711, isResponse: false, questions: [try question("Host._duplex._tcp.local", .srv)])
        let sent = try ask(ask1, from: client)
        let answer = try #require(sent.first?.message)
        #expect(sent.map(\.to) == [client])
        #expect(answer.id == 4711 && answer.questions == ask1.questions)
        #expect(answer.answers.map(\.type) == [.srv])
        #expect((answer.answers + answer.additionals).allSatisfy { !$0.cacheFlush && $0.timeToLive <= 10 })
        // Not to those who are not here.
        #expect(try ask(ask1, from: PeerAddress(ipv4: 0x0808_0808, port: 53)).isEmpty)
    }

    @Test func missingTypesAreDenied() throws {
        let sent = try ask(DNSMessage(isResponse: false, questions: [question("alpha.local", .aaaa)]))
        let name = try name("alpha.local")
        #expect(sent.first?.message?.answers.map(\.data) == [.noneBut(next: name, types: [.a])])
        #expect(try ask(DNSMessage(isResponse: false, questions: [question("other.local", .a)])).isEmpty)
    }

    @Test func floodOfPlainQuestionsIsBounded() throws {
        let client = PeerAddress(ipv4: 0x0A00_0063, port: 40000)
        let bytes = try #require(
            DNSMessage(isResponse: false, questions: [try question("alpha.local", .a)]).encoded())
        let before = link.sent.count
        for _ in 0..<1000 { link.inject(bytes, from: client) }
        link.run(for: .milliseconds(500))
        #expect(link.sent.count - before == 50)
    }

    @Test func goodbyeOfSomebodyElseIsCorrected() throws {
        let gone = DNSRecord(
            name: try name("_services._dns-sd._udp.local"), timeToLive: 0,
            data: .pointer(try name("_duplex._tcp.local")))
        let sent = try ask(DNSMessage(isResponse: true, answers: [gone]))
        #expect(sent.first?.message?.answers.map(\.timeToLive) == [4500])
    }
}
