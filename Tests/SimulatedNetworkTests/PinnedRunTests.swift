import Foundation
import Metainfo
import SwarmEngine
import Testing

@testable import SimulatedNetwork

/// The scenarios that matter most, each with a bound on its time and, in `Pins.swift`, with its exact counters.
@Suite struct PinnedRunTests {
    /// Everybody comes at once. The file is small, so much of the time is its pieces' way through the crowd.
    @Test func flashCrowd() throws {
        var plan = SwarmPlan(receivers: 100, size: 8 << 20, pieceLength: 32 << 10)
        plan.link = LinkProfile(up: 20e6, down: 100e6)
        let swarm = try Swarm(plan)
        #expect(swarm.run(seconds: 60))
        try pin("flash crowd", swarm, bound: 2)
    }

    /// A piece takes its peer three seconds, so a suggestion waits long, and hosts lose their slots in the middle of pieces.
    @Test func largePiecesAmongThirty() throws {
        var plan = SwarmPlan(receivers: 30, size: 64 << 20, pieceLength: 256 << 10)
        plan.link = LinkProfile(up: 20e6, down: 20e6)
        plan.acquaintances = 30
        let swarm = try Swarm(plan)
        #expect(swarm.run(seconds: 200))
        try pin("large pieces", swarm, bound: 1.25)
        #expect(swarm.network.traffic(at: swarm.source).sent < plan.size * 120 / 100)
    }

    /// The source leaves as soon as every piece of its file is somewhere else, and nobody has all of them.
    @Test func sourceLeavesAfterOneCopy() throws {
        var plan = SwarmPlan(receivers: 16, size: 8 << 20, pieceLength: 64 << 10)
        plan.sourceLink = LinkProfile(up: 20e6, down: 20e6)
        let swarm = try Swarm(plan)
        #expect(swarm.network.run(until: .seconds(60), every: .milliseconds(1)) { swarm.piecesOut == 128 })
        // Whoever got the last piece may have the others; the rest have not.
        #expect(swarm.receivers.count(where: swarm.isComplete) <= 1)
        swarm.network.stop(swarm.source)
        #expect(swarm.network.traffic(at: swarm.source).sent < plan.size * 112 / 100)
        #expect(swarm.run(seconds: 60))
        try pin("source leaves after one copy", swarm, bound: 1.2)
    }

    @Test func oneOfTenSendsGarbage() throws {
        var plan = SwarmPlan(receivers: 10, size: 8 << 20, pieceLength: 256 << 10)
        plan.behaviours = [4: .corrupting(percent: 100)]
        let swarm = try Swarm(plan)
        #expect(swarm.run(seconds: 60))
        try pin("one peer of ten sends garbage", swarm, bound: 1.8)
        let liar = swarm.receivers[4]
        #expect(!swarm.honest.contains { swarm.isConnected($0, to: liar) && swarm.isConnected(liar, to: $0) })
    }

    @Test func oneFifthOfAllPacketsIsLost() throws {
        var plan = SwarmPlan(receivers: 10, size: 4 << 20, pieceLength: 64 << 10)
        plan.link = LinkProfile(up: 20e6, down: 20e6, loss: 0.1)
        // Both links of a path lose a tenth: about a fifth in all.
        let swarm = try Swarm(plan)
        #expect(swarm.run(seconds: 120))
        // Requests are lost too, and each loss of a lone message costs TCP 200 ms: no swarm comes near the bound.
        try pin("20 % loss", swarm, bound: 12)
    }

    /// Every second host is asleep at any time from the start to the end, and each wakes twice.
    @Test func halfOfTheHostsSleepAndWake() throws {
        var plan = SwarmPlan(receivers: 20, size: 8 << 20, pieceLength: 64 << 10)
        plan.link = LinkProfile(up: 10e6, down: 20e6)
        let swarm = try Swarm(plan)
        for (number, host) in swarm.receivers.enumerated() {
            for turn in 0..<3 {
                let start = Double(turn) * 4 + (number.isMultiple(of: 2) ? 1 : 3)
                swarm.at(start) { swarm.network.sleep(host) }
                swarm.at(start + 2) { swarm.network.wake(host) }
            }
        }
        #expect(swarm.run(seconds: 60))
        // With half of the links asleep at least twice the time, until each has had its three sleeps.
        try pin("half of the hosts asleep", swarm, bound: 2.4)
    }

    @Test func fiftyTorrentsAtOnce() throws {
        var plan = SwarmPlan(receivers: 3, size: 1 << 20, pieceLength: 64 << 10, torrents: 50)
        plan.link = LinkProfile(up: 100e6, down: 100e6)
        let swarm = try Swarm(plan)
        #expect(swarm.run(seconds: 60))
        try pin("50 torrents at once", swarm, bound: 1.3)
    }

    private func pin(_ name: String, _ swarm: Swarm, bound: Double) throws {
        let counters = swarm.network.counters
        let ratio = swarm.finish / swarm.fluidBound
        if ProcessInfo.processInfo.environment["DUPLEX_PIN"] == "print" {
            print(Pin(seconds: swarm.finish, counters: counters).line(name))
        } else {
            let pin = try #require(pins[name])
            #expect(Pin(seconds: swarm.finish, counters: counters) == pin, "see Pins.swift for how to judge a change")
        }
        #expect(swarm.honest.allSatisfy(swarm.isComplete))
        #expect(ratio > 1, "faster than the links allow")
        #expect(ratio < bound, "\(name): \(swarm.finish) s are \(ratio) times what the links allow")
    }
}
