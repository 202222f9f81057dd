import DiscoveryWire
import PeerWire
import Testing

@testable import DiscoveryEngine

/// What many hosts that all know each other send while nothing happens, and that they notice all the same what does.
/// Virtual time is the same in each run, so packets can be counted.
@Suite struct QuietTests {
    private static let type = "_duplex._tcp"

    private struct Tally: CustomStringConvertible {
        var questions = 0
        var answers = 0
        var bytes = 0
        var longest = 0

        init(_ sent: ArraySlice<VirtualLink.Sent>) {
            for datagram in sent {
                if datagram.message?.isResponse ?? true { answers += 1 } else { questions += 1 }
                bytes += datagram.bytes.count
                longest = max(longest, datagram.bytes.count)
            }
        }

        var all: Int { questions + answers }

        var description: String {
            "\(all) packets, \(questions) ask and \(answers) answer, \(bytes) bytes, at most \(longest)"
        }
    }

    /// Hosts that found each other.
    private func network(_ families: [Set<AddressFamily>], delay: Duration = .milliseconds(1)) async -> VirtualLink {
        let link = VirtualLink()
        link.delay = delay
        for (index, families) in families.enumerated() {
            let host = link.add("duplex-0a1b2c\(index)", number: index + 1, families: families)
            let services = [(Self.type, 27272), ("_http._tcp", 8080)].map { type, port in
                ServiceRegistration(
                    instance: "host\(index)", type: type, port: UInt16(port), txt: TextRecord(["path": "/"]))
            }
            link.hand(.services(services), to: host)
            await run(link, for: .milliseconds(500))
        }
        for host in link.hosts {
            link.hand(.browse([Self.type]), to: host)
            await run(link, for: .milliseconds(500))
        }
        await run(link, for: .seconds(30))
        return link
    }

    private static func dual(_ count: Int) -> [Set<AddressFamily>] {
        Array(repeating: [.ipv4, .ipv6], count: count)
    }

    /// Lets other tests have their turn in between, since it may take seconds.
    @discardableResult
    private func run(_ link: VirtualLink, for span: Duration) async -> Tally {
        let before = link.sent.count
        let end = link.now + span
        while link.now < end {
            link.run(until: min(end, link.now + .milliseconds(500)))
            await Task.yield()
        }
        return Tally(link.sent[before...])
    }

    /// Each host must tell everybody at least every two minutes that its records still hold (their life is 120 s): that is
    /// 30 answers in 96 s. What comes on top is asking for them, and a few questions for new hosts.
    @Test func thirtyHostsSayLittleAndNoticeWhoGoes() async {
        let link = await network(Self.dual(30), delay: .milliseconds(20))
        for host in link.hosts { #expect(host.told.count == 29) }
        // In these five minutes the records are renewed three times.
        let quiet = await run(link, for: .seconds(300))
        #expect(quiet.all <= 190, "\(quiet)")
        #expect(quiet.answers >= 90 && quiet.answers <= 120, "\(quiet)")
        #expect(quiet.longest <= Outbox.usualLength, "\(quiet)")
        for host in link.hosts { #expect(host.told.count == 29) }

        link.hand(.stop, to: link.hosts[7])
        await run(link, for: .seconds(2))
        let left = link.hosts.filter { $0 !== link.hosts[7] && $0 !== link.hosts[9] }
        for host in left { #expect(host.told.last == .lost(instance: "host7", type: Self.type)) }

        link.hosts[9].isAlive = false
        let missing = await run(link, for: .seconds(121))
        for host in left {
            #expect(host.told.last == .lost(instance: "host9", type: Self.type))
            #expect(host.told.count == 31)
        }
        // The others were renewed meanwhile. Before they gave it up all asked once themselves, on both families.
        #expect(missing.all <= 200, "\(missing)")
    }

    /// Hosts with one family and with both on one link: who can hear another keeps it.
    @Test func hostsOfOneFamilyStayAsWell() async {
        let link = await network([[.ipv4], [.ipv6], [.ipv4, .ipv6], [.ipv4], [.ipv6], [.ipv4, .ipv6]])
        let counts = [3, 3, 5, 3, 3, 5]
        #expect(link.hosts.map(\.found.count) == counts)
        await run(link, for: .seconds(900))
        #expect(link.hosts.map(\.told.count) == counts)
    }

    /// A family that stops working: what was told on it is asked for on the other.
    @Test func aFamilyThatFallsSilentLosesNobody() async {
        let link = await network(Self.dual(5))
        link.loses = { $0.link.family == .ipv4 }
        await run(link, for: .seconds(900))
        for host in link.hosts { #expect(host.told.count == 4) }
    }

    @Test func lostDatagramsLoseNobody() async {
        let link = await network(Self.dual(10))
        var generator = SeededGenerator(seed: 7)
        link.loses = { _ in Int.random(in: 0..<10, using: &generator) == 0 }
        await run(link, for: .seconds(900))
        for host in link.hosts { #expect(host.told.count == 9) }
    }

    /// Two networks become one, and no host sees anything of it at its own interface.
    @Test func networksThatBecomeOneMeet() async {
        let link = VirtualLink()
        for number in 0..<10 {
            let host = link.add("host\(number)", number: number + 1, links: [number % 2])
            link.offer(host, host.name)
            link.hand(.browse([Self.type]), to: host)
            await run(link, for: .milliseconds(700))
        }
        await run(link, for: .seconds(1200))
        for host in link.hosts { #expect(host.found.count == 4) }
        link.isBridged = true
        // Somebody asks within a quarter of an hour, and all hear the answers.
        await run(link, for: .seconds(900))
        for host in link.hosts { #expect(host.found.count == 9) }
    }
}
