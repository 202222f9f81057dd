import DiscoveryWire
import Metainfo
import PeerWire
import Testing

@testable import DiscoveryEngine

/// BEP 14.
@Suite struct LocalSearcherTests {
    private func hash(_ number: Int) throws -> WireInfoHash {
        try #require(WireInfoHash((0..<20).map { UInt8(truncatingIfNeeded: number >> (8 * ($0 % 2))) }))
    }

    private func searches(_ link: VirtualLink, of host: String) -> [(at: Duration, search: LocalSearch)] {
        link.sent.filter { $0.proto == .localSearch && $0.host == host }.compactMap { sent in
            (try? LocalSearch(decoding: sent.bytes)).map { (sent.at, $0) }
        }
    }

    @Test func threeTimesAndThenEveryFiveMinutes() throws {
        let link = VirtualLink()
        let host = link.add("alpha", number: 1)
        link.hand(.announce([try hash(1)], port: 6881), to: host)
        link.run(for: .seconds(620))
        #expect(searches(link, of: "alpha").map(\.at) == [0, 2, 6, 300, 302, 306, 600, 602, 606].map { .seconds($0) })
    }

    @Test func peersAreTold() throws {
        let link = VirtualLink()
        let one = link.add("one", number: 1, families: [.ipv4, .ipv6])
        let two = link.add("two", number: 2, families: [.ipv4, .ipv6])
        link.hand(.announce([try hash(1), try hash(2)], port: 1001), to: one)
        link.hand(.announce([try hash(2), try hash(3)], port: 1002), to: two)
        link.run(for: .seconds(10))
        let shared = try hash(2)
        #expect(
            one.told == [
                .peer(shared, PeerAddress(ipv4: 0x0A00_0002, port: 1002)),
                .peer(shared, PeerAddress(ipv6High: 0xFE80 << 48, low: 2, port: 1002)),
            ])
        #expect(two.told.count == 2)
    }

    @Test func newTorrentsWaitForTheMinute() throws {
        let link = VirtualLink()
        let host = link.add("alpha", number: 1)
        link.hand(.announce([try hash(1)], port: 6881), to: host)
        link.run(for: .seconds(20))
        link.hand(.announce([try hash(1), try hash(2)], port: 6881), to: host)
        link.run(for: .seconds(50))
        let second = try hash(2)
        #expect(searches(link, of: "alpha").first { $0.search.infoHashes.contains(second) }?.at == .seconds(60))
    }

    @Test func manyTorrentsTakeTurns() throws {
        let link = VirtualLink()
        let host = link.add("alpha", number: 1)
        let all = try (0..<1200).map { try hash($0) }
        link.hand(.announce(all, port: 6881), to: host)
        link.run(for: .seconds(299))
        let first = searches(link, of: "alpha")
        #expect(first.count == 60)
        #expect(link.sent.allSatisfy { $0.proto != .localSearch || $0.bytes.count <= LocalSearch.maximumSentLength })
        link.run(for: .seconds(610))
        #expect(Set(searches(link, of: "alpha").flatMap(\.search.infoHashes)) == Set(all))
    }

    @Test func strangersAndFloodsAreNotTold() throws {
        let link = VirtualLink()
        let host = link.add("alpha", number: 1)
        link.hand(.announce([try hash(1)], port: 6881), to: host)
        link.run(for: .seconds(1))
        func inject(_ source: PeerAddress, port: UInt16, _ number: Int) throws {
            let search = LocalSearch(port: port, infoHashes: [try hash(number)], cookie: nil)
            link.inject(search.encoded(ipv6: false), from: source, proto: .localSearch)
        }
        try inject(PeerAddress(ipv4: 0x0808_0808, port: 6771), port: 1, 1)
        try inject(PeerAddress(ipv4: 0x0A00_0063, port: 6771), port: 1, 2)
        link.run(for: .seconds(1))
        #expect(host.told.isEmpty)
        for port in 1...UInt16(5000) { try inject(PeerAddress(ipv4: 0x0A00_0063, port: 6771), port: port, 1) }
        for number in 1...UInt32(20) { try inject(PeerAddress(ipv4: 0x0A00_0100 + number, port: 6771), port: 7, 1) }
        link.run(for: .seconds(1))
        #expect(host.told.count == PeerHearing.shareOfNeighbour + 20)
    }
}
