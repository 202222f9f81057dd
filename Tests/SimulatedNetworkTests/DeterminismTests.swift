import Metainfo
import SwarmEngine
import Testing

@testable import SimulatedNetwork

/// Same seed, same run, to the event. That it holds from one process to the next, where Swift hashes differently, is
/// what the pins show.
@Suite struct DeterminismTests {
    @Test func oneSeedIsOneRun() throws {
        let (first, second) = (try counters(seed: 1), try counters(seed: 1))
        #expect(first == second)
        #expect(first.events > 0)
        #expect(first.fingerprint != NetworkCounters().fingerprint)
    }

    @Test func anotherSeedIsAnotherRun() throws {
        let (first, second) = (try counters(seed: 1), try counters(seed: 2))
        #expect(first.fingerprint != second.fingerprint)
    }

    @Test func lookingOnChangesNothing() throws {
        let undisturbed = try counters(seed: 1)
        let swarm = try Swarm(plan(seed: 1))
        for step in 1...200 { swarm.network.run(until: .seconds(Double(step) * 0.01)) }
        swarm.network.run(until: .seconds(30))
        #expect(swarm.network.counters == undisturbed)
    }

    /// Everything that takes chance: loss, lies, floods, sleep, a crash.
    private func plan(seed: UInt64) -> SwarmPlan {
        var plan = SwarmPlan(seed: seed, receivers: 10)
        plan.format = .hybrid
        plan.link.loss = 0.01
        plan.links = [4: LinkProfile(up: 20e6, down: 50e6, delay: .milliseconds(20))]
        plan.behaviours = [1: .corrupting(percent: 20), 2: .flooding(messages: 10), 3: .foreign]
        return plan
    }

    private func counters(seed: UInt64) throws -> NetworkCounters {
        let swarm = try Swarm(plan(seed: seed))
        swarm.network.run(until: .seconds(30))
        #expect(swarm.honest.allSatisfy(swarm.isComplete))
        return swarm.network.counters
    }
}
