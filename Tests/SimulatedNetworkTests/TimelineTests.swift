import Metainfo
import SwarmEngine
import Testing

@testable import SimulatedNetwork

/// Hosts that take turns within a window.
@Suite struct TimelineTests {
    @Test func byHostWithinAWindowThenByTime() {
        var timeline = Timeline(window: .milliseconds(4))
        for (host, time) in [(2, 1), (1, 3), (2, 0), (1, 2), (0, 5)] {
            timeline.insert(.sent(host: Int32(host)), for: Int32(host), at: instant(time))
        }
        #expect(all(&timeline, until: 8) == [[1, 2], [1, 3], [2, 0], [2, 1], [0, 5]])
    }

    @Test func aWindowThatIsNotOverWaits() {
        var timeline = Timeline(window: .milliseconds(4))
        timeline.insert(.sent(host: 0), for: 0, at: instant(5))
        #expect(all(&timeline, until: 7).isEmpty)
        #expect(all(&timeline, until: 8) == [[0, 5]])
    }

    /// What a host causes at itself happens at its time, and at another one no sooner than the next window.
    @Test func nothingGoesBackInTime() {
        var timeline = Timeline(window: .milliseconds(4))
        timeline.insert(.sent(host: 1), for: 1, at: instant(1))
        timeline.insert(.sent(host: 1), for: 1, at: instant(3))
        let first = timeline.popFirst(until: instant(100))?.time
        #expect(first == instant(1))
        timeline.insert(.sent(host: 1), for: 1, at: instant(2))
        timeline.insert(.sent(host: 0), for: 0, at: instant(2))
        timeline.insert(.sent(host: 2), for: 2, at: instant(2))
        #expect(all(&timeline, until: 100) == [[1, 2], [1, 3], [0, 4], [2, 4]])
    }

    @Test func whatIsFarAwayComesInItsTime() {
        var timeline = Timeline(window: .milliseconds(1))
        for time in [100_000, 3, 900, 127, 128, 129] {
            timeline.insert(.sent(host: 0), for: 0, at: instant(time))
        }
        #expect(all(&timeline, until: 200_000).map { $0[1] } == [3, 127, 128, 129, 900, 100_000])
    }

    @Test func aSwarmWithAWindowRepeatsAndIsHardlySlower() throws {
        var plan = SwarmPlan(receivers: 30)
        let exact = try Swarm(plan)
        #expect(exact.run(seconds: 60))
        plan.window = .milliseconds(4)
        let (first, second) = (try Swarm(plan), try Swarm(plan))
        #expect(first.run(seconds: 60) && second.run(seconds: 60))
        #expect(first.network.counters == second.network.counters)
        #expect(first.finish < exact.finish * 1.1)
    }

    private func instant(_ milliseconds: Int) -> Instant { Instant(nanoseconds: Int64(milliseconds) * 1_000_000) }

    /// Host and time in milliseconds of everything that is due.
    private func all(_ timeline: inout Timeline, until end: Int) -> [[Int]] {
        var order: [[Int]] = []
        while let (time, happening) = timeline.popFirst(until: instant(end)) {
            guard case .sent(let host) = happening else { continue }
            order.append([Int(host), Int(time.nanoseconds / 1_000_000)])
        }
        return order
    }
}
