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
    private static let queueTime = TimeSpan.milliseconds(80)

    /// A peer that answers in order at a fixed rate, behind a fixed round trip; the depth at which the pipeline settles.
    private func settle(
        bytesPerSecond: Double, roundTrip: TimeSpan, limit: Int = 1000, blocks: Int = 4000
    ) -> Pipeline {
        var pipeline = Pipeline()
        var outstanding: [(request: BlockRequest, answer: Instant)] = []
        var (now, busyUntil) = (Instant.zero, Instant.zero)
        let service = TimeSpan(nanoseconds: Int64(16384 * 1e9 / bytesPerSecond))
        for number in 0..<blocks {
            while outstanding.count < pipeline.depth {
                let request = BlockRequest(piece: PieceIndex(number), begin: outstanding.count, length: 16384)
                pipeline.sent(request, now: now)
                busyUntil = max(busyUntil, now + roundTrip) + service
                outstanding.append((request, busyUntil))
            }
            let next = outstanding.removeFirst()
            now = next.answer
            pipeline.received(next.request, now: now, queueTime: Self.queueTime, limit: limit)
        }
        return pipeline
    }

    @Test func aSlowPeerIsAskedForLittle() {
        #expect(settle(bytesPerSecond: 100_000, roundTrip: .milliseconds(50)).depth <= 4)
    }

    @Test(arguments: [1, 50, 400]) func answersComeLittleLaterThanTheRoundTrip(milliseconds: Int) {
        let rate = 10e6
        let depth = settle(bytesPerSecond: rate, roundTrip: .milliseconds(milliseconds)).depth
        let wanted = rate * (Double(milliseconds) / 1000 + Self.queueTime.inSeconds) / 16384
        #expect(Double(depth) > 0.5 * wanted && Double(depth) < 1.5 * wanted)
    }

    @Test func aFastLinkIsFilled() {
        #expect(settle(bytesPerSecond: 1e9, roundTrip: .milliseconds(400)).depth == 1000)
    }

    /// As when requests wait behind blocks that go the other way: the delay is there however little is asked for.
    @Test func aDelayOfOthersMakingDoesNotStarveAPeer() {
        var pipeline = settle(bytesPerSecond: 6e6, roundTrip: .milliseconds(2))
        let request = BlockRequest(piece: PieceIndex(0), begin: 0, length: 16384)
        for step in 0..<200 {
            let now = Instant(nanoseconds: Int64(1e12) + Int64(step) * 1_000_000_000)
            pipeline.abandoned()
            pipeline.sent(request, now: now)
            pipeline.received(request, now: now + .milliseconds(150), queueTime: Self.queueTime, limit: 1000)
        }
        #expect(pipeline.depth > 8)
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
        pipeline.received(second, now: .zero + .milliseconds(7), queueTime: Self.queueTime, limit: 1000)
        #expect(pipeline.roundTrip == .milliseconds(7))
    }
}
