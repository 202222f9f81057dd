import Metainfo
import PeerWire
import Testing

@testable import SwarmEngine

@Suite struct RequestQueueTests {
    private func request(_ number: Int) -> BlockRequest {
        BlockRequest(piece: PieceIndex(number / 4), begin: number % 4 * 16384, length: 16384)
    }

    @Test func agreesWithAnArray() {
        var generator = SeededGenerator(seed: 8)
        var queue = RequestQueue()
        var model: [BlockRequest] = []
        for step in 0..<20_000 {
            switch Int.random(in: 0..<(step % 4000 < 2000 ? 6 : 10), using: &generator) {
            case 0...3:
                let new = request(Int.random(in: 0..<3000, using: &generator))
                queue.append(new)
                model.append(new)
            case 4:
                #expect(queue.popFirst() == (model.isEmpty ? nil : model.removeFirst()))
            default:
                let first = Bool.random(using: &generator) ? model.first : nil
                let some = first ?? request(Int.random(in: 0..<3000, using: &generator))
                let place = model.firstIndex(of: some)
                #expect(queue.contains(some) == (place != nil))
                #expect(queue.remove(some) == (place != nil))
                if let place { model.remove(at: place) }
            }
            #expect(queue.count == model.count)
        }
        #expect(Array(queue.all) == model)
        #expect(queue.removeAll() == model)
        #expect(queue.isEmpty && queue.popFirst() == nil)
    }
}

@Suite struct PipelineTests {
    /// Blocks arrive at a fixed rate with a fixed round trip; the depth it settles at.
    private func settle(bytesPerSecond: Double, roundTrip: TimeSpan, limit: Int = 1000) -> Pipeline {
        var pipeline = Pipeline()
        var now = Instant.zero
        let request = BlockRequest(piece: PieceIndex(0), begin: 0, length: 16384)
        for _ in 0..<80 {
            pipeline.sent(request, now: now)
            pipeline.received(request, now: now + roundTrip)
            for _ in 0..<Int(bytesPerSecond / 4 / 16384) { pipeline.received(request, now: now + roundTrip) }
            now = now + .milliseconds(250)
            pipeline.update(rate: bytesPerSecond, queueTime: .milliseconds(250), limit: limit)
        }
        return pipeline
    }

    @Test func aSlowPeerIsAskedForLittle() {
        let pipeline = settle(bytesPerSecond: 100_000, roundTrip: .milliseconds(50))
        #expect(pipeline.depth == 16)
        #expect(pipeline.roundTrip == .milliseconds(50))
    }

    @Test func delayAndRateMakeADeepQueue() {
        let near = settle(bytesPerSecond: 10e6, roundTrip: .milliseconds(1)).depth
        let far = settle(bytesPerSecond: 10e6, roundTrip: .milliseconds(400)).depth
        #expect(near >= 150 && far >= 390 && far > near)
        #expect(settle(bytesPerSecond: 1e9, roundTrip: .milliseconds(400)).depth == 1000)
    }

    @Test(arguments: [0, 1, 3]) func aPeersLimitIsKept(limit: Int) {
        #expect(settle(bytesPerSecond: 1e9, roundTrip: .milliseconds(1), limit: limit).depth == max(limit, 1))
    }

    @Test func aTimedRequestThatIsGivenUpDoesNotEndTheTiming() {
        var pipeline = Pipeline()
        let first = BlockRequest(piece: PieceIndex(0), begin: 0, length: 16384)
        let second = BlockRequest(piece: PieceIndex(1), begin: 0, length: 16384)
        pipeline.sent(first, now: .zero)
        pipeline.abandoned(first)
        pipeline.sent(second, now: .zero)
        pipeline.received(second, now: .zero + .milliseconds(7))
        #expect(pipeline.roundTrip == .milliseconds(7))
    }
}
