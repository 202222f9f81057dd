import Testing

@testable import SwarmEngine

@Suite struct MetadataExchangeTests {
    private let honest = PeerKey(1)
    private let liar = PeerKey(2)
    private let size = 16384 * 3 + 5
    private func block(_ number: Int, _ byte: UInt8 = 1) -> [UInt8] {
        [UInt8](repeating: byte, count: number < 3 ? 16384 : 5)
    }

    @Test func blocksComeTogetherInAnyOrder() {
        var exchange = MetadataExchange()
        #expect(exchange.requests(to: honest, size: size, now: .zero) == [0, 1, 2, 3])
        #expect(exchange.requests(to: honest, size: size, now: .zero).isEmpty)
        for number in [3, 1, 0] {
            #expect(
                exchange.receive(block: number, size: size, bytes: block(number), from: honest) == .incomplete)
        }
        #expect(
            exchange.receive(block: 2, size: size, bytes: block(2), from: honest)
                == .complete([UInt8](repeating: 1, count: size), contributors: [honest]))
        #expect(exchange.heldBytes == 0)
    }

    @Test func whatWasNotAskedIsNotTaken() {
        var exchange = MetadataExchange()
        #expect(exchange.receive(block: 0, size: size, bytes: block(0), from: liar) == .unusable)
        _ = exchange.requests(to: honest, size: size, now: .zero)
        for (number, bytes) in [(0, block(3)), (3, block(0)), (4, block(0)), (-1, block(0)), (Int.max, [])] {
            #expect(exchange.receive(block: number, size: size, bytes: bytes, from: honest) == .unusable)
        }
        #expect(exchange.receive(block: 0, size: size, bytes: block(0), from: liar) == .unusable, "asked of another")
        #expect(exchange.receive(block: 0, size: size - 1, bytes: block(0), from: honest) == .unusable)
        #expect(exchange.receive(block: 0, size: Int.min, bytes: block(0), from: honest) == .unusable)
        #expect(exchange.requests(to: honest, size: -1, now: .zero).isEmpty)
    }

    @Test func whoeverDoesNotAnswerHoldsNobodyUp() {
        var exchange = MetadataExchange()
        #expect(exchange.requests(to: liar, size: size, now: .zero) == [0, 1, 2, 3])
        #expect(exchange.requests(to: honest, size: size, now: .zero).isEmpty)
        let later = Instant.zero + .seconds(3)
        #expect(exchange.requests(to: liar, size: size, now: later).isEmpty)
        #expect(exchange.requests(to: honest, size: size, now: later) == [0, 1, 2, 3])
    }

    @Test func aLateAnswerOfALonePeerCounts() {
        var exchange = MetadataExchange()
        _ = exchange.requests(to: honest, size: 10, now: .zero)
        #expect(exchange.requests(to: honest, size: 10, now: .zero + .seconds(4)).isEmpty)
        #expect(
            exchange.receive(block: 0, size: 10, bytes: [UInt8](repeating: 1, count: 10), from: honest)
                == .complete([UInt8](repeating: 1, count: 10), contributors: [honest]))
    }

    @Test func manyLiesAboutTheSizeDoNotKeepTheTrueOneOut() {
        var exchange = MetadataExchange()
        for number in 0..<50 { _ = exchange.requests(to: PeerKey(100 + number), size: 32 << 20 - number, now: .zero) }
        #expect(exchange.requests(to: honest, size: size, now: .zero) == [0, 1, 2, 3])
        exchange.keepOnly(sizes: [size])
        #expect(exchange.requests(to: liar, size: size, now: .zero).isEmpty)
    }

    @Test func memoryIsBoundedAndTheLargestClaimGoesFirst() {
        var exchange = MetadataExchange(maximumHeldBytes: 10 * 16384)
        _ = exchange.requests(to: honest, size: size, now: .zero)
        for number in 0..<3 { _ = exchange.receive(block: number, size: size, bytes: block(number), from: honest) }
        for round in 0..<100 {
            let key = PeerKey(10 + round % 5)
            let claim = (1 << 20) + round % 5
            for number in exchange.requests(to: key, size: claim, now: .zero) {
                let bytes = [UInt8](repeating: 0, count: 16384)
                _ = exchange.receive(block: number, size: claim, bytes: bytes, from: key)
                #expect(exchange.heldBytes <= 10 * 16384)
            }
        }
        #expect(exchange.receive(block: 3, size: size, bytes: block(3), from: honest) != .unusable)
    }

    @Test func afterAWrongOneEachIsAskedAlone() {
        var exchange = MetadataExchange()
        #expect(exchange.requests(to: liar, size: 16384 * 6, now: .zero) == [0, 1, 2, 3])
        #expect(exchange.requests(to: honest, size: 16384 * 6, now: .zero) == [4, 5])
        for number in 0..<6 {
            _ = exchange.receive(
                block: number, size: 16384 * 6, bytes: block(0), from: number < 4 ? liar : honest)
        }
        exchange.separate([honest, liar])
        #expect(exchange.requests(to: liar, size: 16384 * 6, now: .zero) == [0, 1, 2, 3])
        #expect(exchange.requests(to: honest, size: 16384 * 6, now: .zero) == [0, 1, 2, 3])
        exchange.forget(peer: liar)
        #expect(exchange.receive(block: 0, size: 16384 * 6, bytes: block(0), from: liar) == .unusable)
    }
}
