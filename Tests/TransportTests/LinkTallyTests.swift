import PeerWire
import Testing

@testable import Transport

/// What is counted of multicast on one link.
@Suite struct LinkTallyTests {
    private func hearing(_ tallies: LinkTally..., at now: Duration) -> DiscoveryHearing {
        var hearing = DiscoveryHearing(interface: "eth0")
        for tally in tallies { tally.add(to: &hearing, now: now) }
        return hearing
    }

    @Test func countsAndForgets() {
        var tally = LinkTally()
        tally.sent("that is not permitted")
        #expect(hearing(tally, at: .zero).failure == "that is not permitted")
        tally.sent(nil)
        tally.heardOwnDatagram()
        for number in 1...3 {
            for second in 0..<5 {
                tally.heard(from: PeerAddress(ipv4: UInt32(number), port: 0), now: .seconds(number * 100 + second))
            }
        }
        var seen = hearing(tally, at: .seconds(310))
        #expect((seen.sent, seen.heardOwn, seen.heard, seen.recentHosts) == (1, 1, 15, 3))
        #expect(seen.lastHeard == .seconds(6) && seen.failure == nil)
        seen = hearing(tally, at: .seconds(850))
        #expect((seen.heard, seen.recentHosts) == (15, 1))
    }

    @Test func familiesAreOneInterface() {
        var (ipv4, ipv6) = (LinkTally(), LinkTally())
        for number in 1...3 { ipv4.heard(from: PeerAddress(ipv4: UInt32(number), port: 0), now: .seconds(number)) }
        ipv6.heard(from: PeerAddress(ipv6High: 0xFE80 << 48, low: 1, port: 0), now: .seconds(9))
        let seen = hearing(ipv4, ipv6, LinkTally(), at: .seconds(10))
        #expect((seen.heard, seen.recentHosts) == (4, 3))
        #expect(seen.lastHeard == .seconds(1))
    }

    @Test func aFloodOfSendersFillsNothing() {
        var tally = LinkTally()
        for number in 0..<5000 { tally.heard(from: PeerAddress(ipv4: UInt32(number), port: 0), now: .seconds(1)) }
        #expect(hearing(tally, at: .seconds(1)).recentHosts == 1024)
        tally.heard(from: PeerAddress(ipv4: 0xFFFF, port: 0), now: .seconds(1000))
        #expect(hearing(tally, at: .seconds(1000)).recentHosts == 1)
    }
}
