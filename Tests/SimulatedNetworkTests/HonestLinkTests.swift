import PeerWire
import SwarmEngine
import Testing

@testable import SimulatedNetwork

/// However much is asked of a link, by blocks or by small messages, it never carries more than its rate.
@Suite struct HonestLinkTests {
    @Test(arguments: [1, 2, 3])
    func linksKeepToTheirRate(seed: UInt64) throws {
        var plan = SwarmPlan(seed: seed, receivers: 12, link: LinkProfile(up: 20e6, down: 50e6))
        plan.links = [
            1: LinkProfile(up: 2e6, down: 5e6), 2: LinkProfile(up: 100e6, down: 8e6, delay: .milliseconds(30)),
            3: LinkProfile(up: 1e6, down: 100e6), 4: LinkProfile(up: 20e6, down: 50e6, loss: 0.05),
        ]
        try expectHonest(plan)
    }

    @Test func alsoWhereDelaysAreEqual() throws {
        try expectHonest(SwarmPlan(receivers: 12, link: LinkProfile(up: 20e6, down: 10e6)))
    }

    @Test func alsoSmallMessages() throws {
        var plan = SwarmPlan(receivers: 12, link: LinkProfile(up: 10e6, down: 10e6))
        plan.links = [0: LinkProfile(up: 0.2e6, down: 10e6), 1: LinkProfile(up: 10e6, down: 0.2e6)]
        plan.behaviours = [0: .flooding(messages: 200), 2: .flooding(messages: 200), 3: .flooding(messages: 200)]
        try expectHonest(plan)
    }

    /// Small messages go ahead of blocks, but not of each other, whichever of the two links is the slow one.
    @Test(arguments: [true, false])
    func messagesAlone(isSenderSlow: Bool) throws {
        let (slow, fast) = (LinkProfile(up: 1e6, down: 1e6), LinkProfile(up: 100e6, down: 100e6))
        var plan = SwarmPlan(receivers: 1, size: 1 << 14, link: isSenderSlow ? fast : slow)
        plan.sourceLink = isSenderSlow ? slow : fast
        // Both stay connected, since the receiver's disk is full.
        let swarm = try Swarm(plan)
        let network = swarm.network
        network.setDiskFull(true, at: swarm.receivers[0])
        network.run(until: .seconds(1))
        let receiver = network.hosts[swarm.receivers[0].index]
        let before = receiver.carriedDown
        let key = try #require(network.hosts[swarm.source.index].connections.first)
        for _ in 0..<200 { network.send([PeerMessage](repeating: .keepAlive, count: 250), on: key) }
        network.run(until: .seconds(2))
        let arrived = Double(receiver.carriedDown - before)
        #expect(arrived <= 1e6 / 8 * LinkProfile.payloadShare)
        #expect(arrived > 1e6 / 8 * LinkProfile.payloadShare * 0.9)
    }

    private func expectHonest(_ plan: SwarmPlan) throws {
        let swarm = try Swarm(plan)
        let network = swarm.network
        let interval = 0.2
        // A group of four blocks may be under way, and small messages may have gone ahead of it.
        let slack = 2.0 * 4 * 16397 + 6000
        var before = network.hosts.map(\.carriedDown)
        for step in 1...50 {
            let time = Double(step) * interval
            network.run(until: .seconds(time))
            for host in network.hosts {
                let (up, down) = (host.profile.link.up, host.profile.link.down)
                let carriedUp = network.carriedUp(at: HostNumber(Int(host.number)))
                #expect(Double(carriedUp) <= time * up / 8 * LinkProfile.payloadShare + slack)
                let arrived = host.carriedDown - before[Int(host.number)]
                before[Int(host.number)] = host.carriedDown
                #expect(Double(arrived) <= interval * down / 8 * LinkProfile.payloadShare + slack)
            }
        }
        #expect(network.hosts.dropFirst().contains { $0.carriedDown > plan.size })
    }
}
