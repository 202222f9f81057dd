import Metainfo
import SwarmEngine
import Testing

@testable import SimulatedNetwork

/// Links carry what they are said to carry, and never more.
@Suite struct LinkTests {
    @Test(arguments: [1e6, 10e6, 100e6, 1e9])
    func aSingleTransferTakesWhatTheLinkAllows(rate: Double) throws {
        let size = Int64(rate / 8)
        let swarm = try Swarm(SwarmPlan(receivers: 1, size: size, link: LinkProfile(up: rate, down: rate)))
        #expect(swarm.run(seconds: 20))
        #expect(swarm.finish > swarm.fluidBound)
        #expect(swarm.finish < swarm.fluidBound * 1.1 + 0.1)
    }

    @Test func theSlowerLinkDecides() throws {
        var plan = SwarmPlan(receivers: 1, link: LinkProfile(up: 1e9, down: 10e6))
        plan.sourceLink = LinkProfile(up: 1e9, down: 1e9)
        let swarm = try Swarm(plan)
        #expect(swarm.run(seconds: 20))
        #expect(swarm.finish > swarm.fluidBound)
        #expect(swarm.finish < swarm.fluidBound * 1.1)
    }

    @Test func delayCountsOnceForEachWay() throws {
        var plan = SwarmPlan(receivers: 1, size: 16 << 10)
        plan.link.delay = .milliseconds(100)
        let swarm = try Swarm(plan)
        #expect(swarm.run(seconds: 20))
        // Two round trips until the connection stands, what each has, interest and unchoke, request and block; and each
        // way passes two links.
        #expect(swarm.finish > 1.0)
        #expect(swarm.finish < 2.0)
    }

    @Test(arguments: [0.01, 0.05, 0.2])
    func lossSlowsButDoesNotStop(loss: Double) throws {
        var plan = SwarmPlan(receivers: 4)
        let clean = try Swarm(plan)
        #expect(clean.run(seconds: 60))
        plan.link.loss = loss
        let swarm = try Swarm(plan)
        #expect(swarm.run(seconds: 60))
        #expect(swarm.finish > clean.finish)
        // What was lost travels again, whatever else.
        #expect(swarm.finish > swarm.fluidBound / (1 - loss))
    }

    @Test func twoFlowsShareALink() throws {
        let network = SimulatedNetwork(seed: 1)
        let (fast, size) = (LinkProfile(up: 100e6, down: 100e6), Int64(8 << 20))
        let server = network.add(HostProfile(link: LinkProfile(up: 10e6, down: 10e6)))
        let clients = (0..<2).map { _ in network.add(HostProfile(link: fast)) }
        for client in clients { network.stream(size, from: server, to: client, at: .zero) }
        network.run(until: .seconds(4))
        let shares = clients.map { Double(network.served()[server]?[$0] ?? 0) }
        #expect(abs(shares[0] - shares[1]) <= 16384)
        #expect(shares[0] + shares[1] > 0.98 * 4 * 10e6 / 8 * LinkProfile.payloadShare)
    }

    /// The client/server model: one link carries a copy for each client, N·F/u.
    @Test(arguments: [1, 3, 20], [16 << 10, 256 << 10])
    func aServerSendsOneCopyAfterTheOther(clients: Int, segment: Int) throws {
        let network = SimulatedNetwork(seed: 1)
        let link = LinkProfile(up: 100e6, down: 100e6, delay: .milliseconds(1))
        let size = Int64(4 << 20)
        let server = network.add(HostProfile(link: link))
        let hosts = (0..<clients).map { _ in network.add(HostProfile(link: link)) }
        for host in hosts { network.stream(size, from: server, to: host, at: .zero, segment: segment) }
        network.run(until: .seconds(60))
        let ends = hosts.compactMap { network.completion(of: TorrentNumber(0), at: $0)?.inSeconds }
        let bound = Double(clients) * Double(size) * 8 / (100e6 * LinkProfile.payloadShare)
        #expect(ends.count == clients)
        let last = try #require(ends.max())
        #expect(last > bound)
        #expect(last < bound * 1.02 + 0.02)
    }

    /// A far sender's segments do not hold up a near one's.
    @Test func aNearSenderIsNotHeldUpByAFarOne() throws {
        func end(withFar: Bool) throws -> Double {
            let network = SimulatedNetwork(seed: 1)
            let near = network.add(HostProfile(link: LinkProfile(up: 10e6, down: 10e6)))
            let far = network.add(HostProfile(link: LinkProfile(up: 1e6, down: 1e6, delay: .milliseconds(400))))
            let client = network.add(HostProfile(link: LinkProfile(up: 100e6, down: 100e6)))
            network.stream(2 << 20, from: near, to: client, at: .seconds(2))
            if withFar { network.stream(2 << 20, from: far, to: client, at: .zero) }
            var end: Double?
            network.run(until: .seconds(60), every: .milliseconds(1)) {
                if network.served()[near]?[client] == 2 << 20, end == nil { end = network.now.inSeconds }
                return end != nil
            }
            return try #require(end)
        }
        #expect(abs(try end(withFar: true) - end(withFar: false)) < 0.05)
    }
}
