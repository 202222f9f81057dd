import Metainfo
import SimulatedNetwork
import SwarmEngine

/// Runs scenarios under virtual time: the engine that ships, on links and disks that are computed.
///
/// Peer-to-peer is a swarm of real engines. Client/server is a web server that sends the file to all who ask, at once, over
/// the same links. The same seed gives the same result to the last digit.
public struct SimulatedLab: LabRunner {
    private let seed: UInt64

    public init(seed: UInt64) {
        self.seed = seed
    }

    public func payloadRate(ofLink bitsPerSecond: Int64) -> Double {
        Double(bitsPerSecond) / 8 * LinkProfile.payloadShare
    }

    public func run(
        _ scenario: LabScenario, by model: DeliveryModel, progress: @escaping @Sendable (LabProgress) -> Void
    ) async throws -> LabRun {
        let bound = FluidBound.of(scenario, by: model, payloadRate: payloadRate(ofLink:))
        var run = try SimulatedRun(scenario, by: model, seed: seed, bound: bound)
        let clock = ContinuousClock()
        var nextReport = clock.now
        while run.advance() {
            try Task.checkCancellation()
            guard clock.now >= nextReport else { continue }
            nextReport = clock.now + .milliseconds(200)
            progress(run.progress)
            await Task.yield()
        }
        return run.result
    }
}
