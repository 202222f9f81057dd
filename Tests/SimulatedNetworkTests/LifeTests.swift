import Metainfo
import SwarmEngine
import Testing

@testable import SimulatedNetwork

/// Hosts that stop, crash, sleep, run out of disk or come late.
@Suite struct LifeTests {
    enum End { case stop, crash, sleepAndStop, sleepAndCrash }

    /// Back again, a host has what was verified and fetches the rest only.
    @Test(arguments: [End.stop, .crash, .sleepAndStop, .sleepAndCrash], [0.3, 30.0])
    func resumesFromWhatWasVerified(end: End, pause: Double) throws {
        var plan = SwarmPlan(receivers: 6, size: 8 << 20, pieceLength: 64 << 10)
        plan.link = LinkProfile(up: 20e6, down: 20e6)
        let swarm = try Swarm(plan)
        let (network, host) = (swarm.network, swarm.receivers[2])
        network.run(until: .seconds(60), every: .milliseconds(1)) { swarm.progress(host) >= 0.5 }
        if end == .sleepAndStop || end == .sleepAndCrash {
            network.sleep(host)
            network.run(until: network.now + .seconds(1))
        }
        switch end {
        case .stop, .sleepAndStop: network.stop(host)
        case .crash, .sleepAndCrash: network.crash(host)
        }
        let (had, received) = (swarm.progress(host), network.traffic(at: host).received)
        network.start(host, at: network.now + TimeSpan(nanoseconds: Int64(pause * 1e9)))
        let start = network.now.inSeconds + pause
        #expect(swarm.run(seconds: 120))
        #expect(swarm.progress(host) == 1)
        let fetched = network.traffic(at: host).received - received
        let missing = Int64(Double(plan.size) * (1 - had))
        #expect(fetched >= missing)
        #expect(fetched < missing + plan.size / 10)
        // The others took no notice, and it took the time of what was missing.
        let others = swarm.honest.filter { $0 != host }.compactMap(swarm.completion).max() ?? .infinity
        #expect(others < swarm.fluidBound * 1.5)
        #expect(swarm.finish < start + swarm.fluidBound)
    }

    @Test func sleepersDoNotHoldUpTheRest() throws {
        var plan = SwarmPlan(receivers: 8, size: 8 << 20, pieceLength: 64 << 10)
        plan.link = LinkProfile(up: 20e6, down: 20e6)
        let swarm = try Swarm(plan)
        let sleepers = [swarm.receivers[1], swarm.receivers[6]]
        for host in sleepers {
            swarm.at(1) { swarm.network.sleep(host) }
            swarm.at(60) { swarm.network.wake(host) }
        }
        let awake = swarm.receivers.filter { !sleepers.contains($0) }
        #expect(swarm.run(seconds: 59, of: awake))
        #expect((awake.compactMap(swarm.completion).max() ?? .infinity) < swarm.fluidBound * 1.4)
        #expect(swarm.run(seconds: 120))
        #expect(swarm.finish < 60 + swarm.fluidBound * 1.5)
    }

    @Test func aFullDiskIsWaitedFor() throws {
        var plan = SwarmPlan(receivers: 6, size: 8 << 20, pieceLength: 64 << 10)
        plan.link = LinkProfile(up: 20e6, down: 20e6)
        let swarm = try Swarm(plan)
        let host = swarm.receivers[2]
        swarm.at(1) { swarm.network.setDiskFull(true, at: host) }
        swarm.at(30) { swarm.network.setDiskFull(false, at: host) }
        swarm.network.run(until: .seconds(30))
        let had = swarm.progress(host)
        #expect(had > 0)
        #expect(had < 1)
        let others = swarm.receivers.filter { $0 != host }
        #expect((others.compactMap(swarm.completion).max() ?? .infinity) < swarm.fluidBound * 1.4)
        #expect(others.allSatisfy(swarm.isComplete))
        // It is looked at again every five seconds.
        #expect(swarm.run(seconds: 60))
        #expect(swarm.finish < 35 + swarm.fluidBound)
    }

    /// One receiver with a fiftieth of the others' rate.
    @Test func aSlowReceiverHoldsUpNobody() throws {
        var plan = SwarmPlan(receivers: 8, size: 8 << 20, pieceLength: 64 << 10)
        plan.link = LinkProfile(up: 20e6, down: 50e6)
        let clean = try Swarm(plan)
        #expect(clean.run(seconds: 60))
        plan.receivers = 9
        plan.links = [4: LinkProfile(up: 0.4e6, down: 1e6)]
        let swarm = try Swarm(plan)
        let slow = swarm.receivers[4]
        let others = swarm.receivers.filter { $0 != slow }
        #expect(swarm.run(seconds: 300, of: others))
        let finish = others.compactMap(swarm.completion).max() ?? .infinity
        #expect(finish < clean.finish * 1.15)
        #expect(swarm.run(seconds: 300))
        #expect(swarm.finish < swarm.fluidBound * 1.25)
    }

    /// Into a swarm at full speed, or of hosts that only serve: the first piece's worth is there within a second.
    @Test(arguments: [0.5, 2, 20], [2, 16])
    func aNewcomerIsServedAtOnce(time: Double, receivers: Int) throws {
        var plan = SwarmPlan(receivers: receivers, size: 8 << 20, pieceLength: 64 << 10)
        plan.link = LinkProfile(up: 20e6, down: 20e6)
        plan.starts = [receivers - 1: time]
        let swarm = try Swarm(plan)
        let newcomer = swarm.receivers[receivers - 1]
        swarm.network.run(until: .seconds(time + 10), every: .milliseconds(1)) {
            swarm.network.traffic(at: newcomer).received > 0
        }
        #expect(swarm.network.now.inSeconds < time + 1)
        #expect(swarm.run(seconds: 120))
    }
}
