import DiscoveryEngine
import DiscoveryWire
import Metainfo
import NIOCore
import NIOPosix
import PeerWire
import Testing
import Transport

/// Discovery over real sockets on this computer. A computer without a usable interface has at least loopback.
@Suite(.serialized) struct NetworkDiscoveryTests {
    @Test(.timeLimit(.minutes(1))) func twoHostsOfOneComputerFindEachOther() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        // Names of this very run: there may be others on this network.
        let tag = UInt32.random(in: 0 ... .max)
        let hash = try #require(WireInfoHash((0..<20).map { UInt8(truncatingIfNeeded: tag >> (8 * ($0 % 4))) }))
        var hosts: [NetworkDiscovery] = []
        for number in 0..<2 {
            let label = "duplex-test-\(String(tag, radix: 16))-\(number)"
            let host = try await NetworkDiscovery.start(eventLoop: group.next(), hostLabel: label)
            host.register([
                ServiceRegistration(
                    instance: label, type: "_duplex-test._tcp", port: UInt16(7000 + number),
                    txt: TextRecord(["number": "\(number)"]))
            ])
            host.browse(["_duplex-test._tcp"])
            host.announce([hash], port: UInt16(7000 + number))
            hosts.append(host)
        }
        for (number, host) in hosts.enumerated() {
            let other = "duplex-test-\(String(tag, radix: 16))-\(1 - number)"
            var service: FoundService?
            var peer: PeerAddress?
            for await event in host.events {
                switch event {
                case .found(let found) where found.instance == other: service = found
                case .peer(hash, let address): peer = address
                default: break
                }
                if service != nil, peer != nil { break }
            }
            let found = try #require(service)
            #expect(found.hostName == "\(other).local")
            #expect(found.port == UInt16(7001 - number))
            #expect(found.txt.text("number") == "\(1 - number)")
            #expect(!found.addresses.isEmpty && found.addresses.allSatisfy { $0.port == found.port })
            #expect(peer?.port == found.port)
            #expect(host.statistics.multicastDNS.sent > 0 && host.statistics.multicastDNS.received > 0)
            #expect(host.statistics.localSearch.sent > 0 && host.statistics.localSearch.received > 0)
            // Both are on this computer, so all that is heard of them is its own.
            let hearing = await host.hearing
            #expect(hearing.contains { $0.groups.contains("224.0.0.251") && $0.sent > 0 && $0.heardOwn > 0 })
        }
        await hosts[0].stop()
        var last: DiscoveryEvent?
        for await event in hosts[1].events {
            last = event
            if case .lost = event { break }
        }
        #expect(
            last == .lost(instance: "duplex-test-\(String(tag, radix: 16))-0", type: "_duplex-test._tcp"))
        await hosts[1].stop()
        try await group.shutdownGracefully()
    }

    @Test(.timeLimit(.minutes(1))) func eventsEndWithIt() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let host = try await NetworkDiscovery.start(
            eventLoop: group.next(), hostLabel: "x", options: DiscoveryOptions(interfaces: ["no-such-interface"]))
        host.browse(["not a type"])
        await host.stop()
        await host.stop()
        var troubles = 0
        for await event in host.events { if case .trouble = event { troubles += 1 } }
        #expect(troubles == 2)
        try await group.shutdownGracefully()
    }
}
