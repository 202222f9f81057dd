import Metainfo
import SwarmEngine
import Testing

@testable import SimulatedNetwork

/// Many torrents, many receivers: everybody has a part all the time.
@Suite struct FairnessTests {
    /// Two hosts and 50 torrents: at half time none is done, and none is left behind.
    @Test func torrentsShareALink() throws {
        var plan = SwarmPlan(receivers: 1, size: 1 << 20, pieceLength: 64 << 10, torrents: 50)
        plan.link = LinkProfile(up: 50e6, down: 50e6)
        let swarm = try Swarm(plan)
        swarm.network.run(until: .seconds(swarm.fluidBound / 2))
        let parts = swarm.torrents.indices.map { swarm.progress(swarm.receivers[0], $0) }
        #expect(parts.allSatisfy { $0 > 0.25 && $0 < 0.75 })
        #expect(swarm.run(seconds: 60))
        #expect(swarm.finish < swarm.fluidBound * 1.1)
        let ends = swarm.torrents.compactMap { swarm.network.completion(of: $0, at: swarm.receivers[0])?.inSeconds }
        #expect((ends.min() ?? 0) > swarm.finish * 0.7)
    }

    /// Equal receivers are done at about the same time, and each has given back what it took.
    @Test func receiversShareASwarm() throws {
        var plan = SwarmPlan(receivers: 16, size: 8 << 20, pieceLength: 64 << 10)
        plan.link = LinkProfile(up: 20e6, down: 100e6)
        let swarm = try Swarm(plan)
        #expect(swarm.run(seconds: 60))
        let ends = swarm.receivers.compactMap(swarm.completion)
        #expect((ends.min() ?? 0) > (ends.max() ?? 0) * 0.75)
        let given = swarm.receivers.map { Double(swarm.network.traffic(at: $0).sent) / Double(plan.size) }
        #expect(given.allSatisfy { $0 > 0.5 && $0 < 1.5 })
    }

    /// More receivers than a lone seeder serves at a time, and they have next to nothing to give each other.
    @Test func aSeederServesAllInTurn() throws {
        var plan = SwarmPlan(receivers: 20, size: 4 << 20, pieceLength: 64 << 10, acquaintances: 0)
        plan.sourceLink = LinkProfile(up: 20e6, down: 20e6)
        plan.link = LinkProfile(up: 0.1e6, down: 20e6)
        let swarm = try Swarm(plan)
        swarm.network.run(until: .seconds(swarm.fluidBound * 0.75))
        #expect(swarm.receivers.allSatisfy { swarm.progress($0) > 0 })
        #expect(swarm.run(seconds: 300))
        #expect(swarm.finish < swarm.fluidBound * 1.7)
    }

    /// A torrent that comes while another one is under way gets its part at once.
    @Test func aLaterTorrentIsNotKeptWaiting() throws {
        var plan = SwarmPlan(receivers: 1, size: 8 << 20, pieceLength: 64 << 10)
        plan.link = LinkProfile(up: 20e6, down: 20e6)
        let swarm = try Swarm(plan)
        let second = try swarm.network.add(SimulatedTorrent(size: 8 << 20, pieceLength: 64 << 10, number: 1))
        swarm.network.run(until: .seconds(1))
        swarm.network.give(second, to: swarm.source, have: nil, peers: [])
        swarm.network.give(second, to: swarm.receivers[0], have: PieceSet(capacity: 128), peers: [swarm.source])
        let before = swarm.network.hosts[1].slots[0].received
        swarm.network.run(until: .seconds(3))
        let shares = [swarm.network.hosts[1].slots[0].received - before, swarm.network.hosts[1].slots[1].received]
        #expect(Double(shares[1]) > 0.7 * Double(shares[0]))
        #expect(Double(shares[0]) > 0.7 * Double(shares[1]))
    }
}
