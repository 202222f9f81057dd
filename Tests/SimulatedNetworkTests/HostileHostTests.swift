import Metainfo
import SwarmEngine
import Testing

@testable import SimulatedNetwork

/// Hosts that lie, flood or go silent never stall a swarm: the others finish about as they would without them.
@Suite struct HostileHostTests {
    @Test(arguments: [5, 50, 100], [TorrentFormat.v1, .v2])
    func corrupting(percent: Int, format: TorrentFormat) throws {
        try expectLittleHarm(.corrupting(percent: percent), format: format)
    }

    @Test func silent() throws { try expectLittleHarm(.silent) }
    @Test func boasting() throws { try expectLittleHarm(.boasting) }
    @Test func flooding() throws { try expectLittleHarm(.flooding(messages: 40)) }
    @Test func foreign() throws { try expectLittleHarm(.foreign) }

    /// Two of them beside ten honest hosts, one of them the first that everybody hears of.
    ///
    /// They take copies of their own and give nothing: that alone is a sixth of what all can give. What silent ones were
    /// asked for is asked of others when a piece has not moved for a while.
    private func expectLittleHarm(_ behaviour: HostBehaviour, format: TorrentFormat = .v1) throws {
        var plan = SwarmPlan(receivers: 12, size: 8 << 20, pieceLength: 128 << 10, format: format)
        plan.link = LinkProfile(up: 20e6, down: 50e6)
        var without = plan
        without.receivers = 10
        let clean = try Swarm(without)
        #expect(clean.run(seconds: 60))
        plan.behaviours = [0: behaviour, 5: behaviour]
        let swarm = try Swarm(plan)
        #expect(swarm.run(seconds: 300))
        #expect(swarm.finish < clean.finish * 1.7)
    }

    /// Whoever was caught is not let in again.
    @Test(arguments: [TorrentFormat.v1, .v2])
    func liarsAreDropped(format: TorrentFormat) throws {
        var plan = SwarmPlan(receivers: 10, size: 8 << 20, pieceLength: 64 << 10, format: format)
        plan.behaviours = [3: .corrupting(percent: 30)]
        let swarm = try Swarm(plan)
        #expect(swarm.run(seconds: 60))
        let liar = swarm.receivers[3]
        let cheated = swarm.honest.filter { swarm.network.hosts[$0.index].slots[0].failedPieces > 0 }
        #expect(!cheated.isEmpty)
        for host in cheated { #expect(!swarm.isConnected(host, to: liar)) }
    }

    /// Liars are the majority, and all that anybody else knows is them and the source.
    @Test func oneHonestAmongLiars() throws {
        var plan = SwarmPlan(receivers: 8, size: 4 << 20, pieceLength: 64 << 10)
        for number in 0..<7 { plan.behaviours[number] = .corrupting(percent: 100) }
        let swarm = try Swarm(plan)
        #expect(swarm.run(seconds: 60))
    }

    @Test func oneHonestAmongTheSilent() throws {
        var plan = SwarmPlan(receivers: 8, size: 4 << 20, pieceLength: 64 << 10)
        for number in 0..<7 { plan.behaviours[number] = number.isMultiple(of: 2) ? .silent : .boasting }
        let swarm = try Swarm(plan)
        #expect(swarm.run(seconds: 120))
        // Once the time is over after which whoever does not deliver is given up.
        #expect(swarm.finish < 25)
    }

    @Test func allAtOnce() throws {
        var plan = SwarmPlan(receivers: 15, size: 4 << 20, pieceLength: 64 << 10, format: .hybrid)
        plan.behaviours = [
            0: .corrupting(percent: 100), 1: .silent, 2: .boasting, 3: .flooding(messages: 40), 4: .foreign,
        ]
        plan.link.loss = 0.01
        let swarm = try Swarm(plan)
        #expect(swarm.run(seconds: 120))
        #expect(swarm.finish < 25)
    }
}
