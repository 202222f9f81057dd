import DiscoveryWire
import PeerWire
import Testing

@testable import DiscoveryEngine

/// Claiming names (RFC 6762 §8 and §9).
@Suite struct ProbingTests {
    @Test func threeProbesThenAnnouncements() throws {
        let link = VirtualLink()
        let host = link.add("alpha", number: 1)
        link.offer(host)
        link.run(for: .seconds(10))
        let probes = link.sent.filter { !($0.message?.authorities.isEmpty ?? true) }
        #expect(probes.count == 3)
        #expect(probes[0].at <= .milliseconds(250))
        #expect(probes[1].at - probes[0].at == .milliseconds(250))
        #expect(probes[2].at - probes[1].at == .milliseconds(250))
        let first = try #require(probes.first?.message)
        #expect(first.questions.allSatisfy { $0.type == .any })
        #expect(first.questions.map(\.name.description) == ["alpha.local", "Host._duplex._tcp.local"])
        #expect(first.authorities.allSatisfy { !$0.cacheFlush })

        let announcements = link.sent.filter { $0.message?.isResponse ?? false }
        #expect(
            announcements.map { $0.at - probes[2].at } == [
                .milliseconds(250), .milliseconds(1250), .milliseconds(3250),
            ])
        let records = try #require(announcements.first?.message).answers
        #expect(Set(records.map(\.type)) == [.ptr, .srv, .txt, .a])
        #expect(records.allSatisfy { $0.cacheFlush == ($0.type != .ptr) })
        #expect(records.first { $0.type == .srv }?.timeToLive == 120)
        #expect(records.first { $0.type == .txt }?.timeToLive == 4500)
    }

    @Test func takenNameGetsNumber() {
        let link = VirtualLink()
        let first = link.add("alpha", number: 1)
        link.offer(first, "Name")
        link.run(for: .seconds(5))
        let second = link.add("beta", number: 2)
        link.offer(second, "Name")
        link.run(for: .seconds(5))
        let third = link.add("gamma", number: 3)
        link.offer(third, "name")
        link.hand(.browse(["_duplex._tcp"]), to: third)
        link.run(for: .seconds(5))
        #expect(first.told.isEmpty)
        #expect(second.told == [.renamed(type: "_duplex._tcp", to: "Name (2)")])
        #expect(third.engine.instanceNames.first?.hasPrefix("name (") == true)
        #expect(Set(third.found.map(\.instance)) == ["Name", "Name (2)"])
    }

    @Test func nameThatItGotIsNoNewService() {
        let link = VirtualLink()
        let hosts = (1...2).map { link.add("host\($0)", number: $0) }
        link.offer(hosts[0], "Name")
        link.run(for: .seconds(5))
        link.offer(hosts[1], "Name")
        link.hand(.browse(["_duplex._tcp"]), to: hosts[0])
        link.run(for: .seconds(10))
        let before = link.sent.count
        link.offer(hosts[1], "Name (2)")
        #expect(link.sent.count == before)
        link.offer(hosts[1], "Name (2)", port: 1)
        link.run(for: .seconds(5))
        #expect(hosts[1].told == [.renamed(type: "_duplex._tcp", to: "Name (2)")])
        #expect(hosts[0].told.count == 2)
    }

    @Test func whoOffersNothingIsQuiet() {
        let link = VirtualLink()
        let host = link.add("alpha", number: 1)
        link.hand(.browse(["_duplex._tcp"]), to: host)
        link.run(for: .seconds(20))
        #expect(link.sent.allSatisfy { $0.message?.isResponse == false && $0.message?.authorities.isEmpty == true })
        link.offer(host)
        link.run(for: .seconds(10))
        link.hand(.services([]), to: host)
        let last = link.sent.suffix(2).flatMap { $0.message?.answers ?? [] }
        #expect(Set(last.map(\.type)) == [.ptr, .srv, .txt, .a] && last.allSatisfy { $0.timeToLive == 0 })
        let before = link.sent.count
        host.interfaces[0] = VirtualLink.interface(0, number: 9)
        link.hand(.interfaces(Array(host.interfaces.values)), to: host)
        link.run(for: .seconds(5))
        #expect(link.sent[before...].allSatisfy { $0.message?.isResponse == false })
    }

    @Test func takenHostNameGetsNumber() {
        let link = VirtualLink()
        let first = link.add("same", number: 1)
        link.offer(first, "One")
        link.run(for: .seconds(5))
        let second = link.add("same", number: 2)
        link.offer(second, "Two")
        link.hand(.browse(["_duplex._tcp"]), to: first)
        link.run(for: .seconds(5))
        #expect(first.engine.hostName == "same.local")
        #expect(second.engine.hostName == "same-2.local")
        #expect(first.found.map(\.hostName) == ["same-2.local"])
        #expect(first.found.first?.addresses.map(\.description) == ["10.0.0.2:6881"])
    }

    @Test(arguments: 0..<8) func simultaneousProbesHaveOneWinner(seed: UInt64) {
        let link = VirtualLink()
        let hosts = (1...3).map { link.add("same", number: $0, seed: seed * 10 + UInt64($0)) }
        for host in hosts { link.offer(host, "Name") }
        link.run(for: .seconds(20))
        #expect(Set(hosts.map(\.engine.hostName)).count == 3)
        #expect(Set(hosts.flatMap(\.engine.instanceNames)).count == 3)
        // Whose records sort last has the name: here the one with the highest address.
        #expect(hosts[2].engine.hostName == "same.local")
    }

    @Test func sameRecordsAreNoConflict() {
        // Two programs of one computer under one host name: the addresses are the same.
        let link = VirtualLink()
        let first = link.add("same", number: 1, seed: 1)
        let second = link.add("same", number: 1, seed: 2)
        link.offer(first, "One")
        link.offer(second, "Two", port: 7000)
        link.hand(.browse(["_duplex._tcp"]), to: first)
        link.run(for: .seconds(5))
        #expect(first.engine.hostName == "same.local" && second.engine.hostName == "same.local")
        #expect(first.found.map(\.instance) == ["Two"])
    }

    @Test func conflictAfterClaimingIsProbedAgain() throws {
        let link = VirtualLink()
        let host = link.add("alpha", number: 1)
        link.offer(host, "Name")
        link.run(for: .seconds(6))
        let before = link.sent.count
        let other = try #require(DomainName(text: "alpha.local"))
        let message = DNSMessage(
            isResponse: true,
            answers: [DNSRecord(name: other, timeToLive: 120, cacheFlush: true, data: .a(0x0A00_0063))])
        link.inject(try #require(message.encoded()), from: PeerAddress(ipv4: 0x0A00_0063, port: 5353))
        link.run(for: .seconds(5))
        let after = link.sent[before...]
        #expect(after.filter { !($0.message?.authorities.isEmpty ?? true) }.count == 3)
        // The other says nothing to the probes, so the name stays.
        #expect(host.engine.hostName == "alpha.local")
        #expect(after.contains { $0.message?.answers.contains { $0.type == .a } ?? false })
    }

    @Test func manyConflictsSlowDown() throws {
        let link = VirtualLink()
        let host = link.add("alpha", number: 1)
        link.offer(host)
        link.run(for: .milliseconds(300))
        let liar = PeerAddress(ipv4: 0x0A00_0063, port: 5353)
        for _ in 0..<600 {
            let name = try #require(DomainName(text: host.engine.hostName))
            let message = DNSMessage(
                isResponse: true, answers: [DNSRecord(name: name, timeToLive: 120, data: .a(0x0A00_0063))])
            link.inject(try #require(message.encoded()), from: liar)
            link.run(for: .milliseconds(50))
        }
        let probes = link.sent.filter { !($0.message?.authorities.isEmpty ?? true) }
        #expect(probes.count < 40)
        link.run(for: .seconds(10))
        #expect(link.sent.last?.message?.isResponse == true)
    }
}
