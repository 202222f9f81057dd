import Metainfo
import NIOCore
import Storage
import Testing

@testable import Host

@Suite("Blocks that wait for the rest of their piece")
struct BlockGatheringTests {
    private static func block(_ piece: Int, _ number: Int, capacity: Int = 16384) -> IncomingBlock {
        var data = ByteBufferAllocator().buffer(capacity: capacity)
        data.writeRepeatingByte(UInt8(truncatingIfNeeded: number), count: 16384)
        return IncomingBlock(piece: PieceIndex(piece), begin: number * 16384, data: data)
    }

    private static func numbers(_ blocks: [IncomingBlock]) -> [Int] { blocks.map { $0.begin / 16384 } }

    @Test("A piece's blocks go together, at most eight of them, and those of others stay")
    func eight() {
        var gathering = BlockGathering()
        let isEnough = ((0..<7).map { Self.block(3, $0) } + [Self.block(4, 0), Self.block(3, 7)]).map {
            gathering.add($0)
        }
        #expect(isEnough == Array(repeating: false, count: 8) + [true])
        let piece = gathering.take(PieceIndex(3))
        #expect(Self.numbers(piece) == Array(0..<8))
        let again = gathering.take(PieceIndex(3))
        #expect(again.isEmpty && !gathering.isEmpty)
        let rest = gathering.takeAll()
        #expect(Self.numbers(rest) == [0])
        #expect(gathering.isEmpty)
    }

    @Test("A block that keeps much more memory than it fills does not wait")
    func memory() {
        var gathering = BlockGathering()
        let isEnough = gathering.add(Self.block(0, 0, capacity: 1 << 20))
        #expect(isEnough)
    }

    @Test("What nothing was added to between two looks is old")
    func old() {
        var gathering = BlockGathering()
        _ = gathering.add(Self.block(0, 0))
        _ = gathering.add(Self.block(1, 0))
        var old = [gathering.takeOld()]
        _ = gathering.add(Self.block(1, 1))
        old += [gathering.takeOld(), gathering.takeOld()]
        #expect(old.map { $0.map(\.piece.rawValue) } == [[], [0], [1, 1]])
        #expect(gathering.isEmpty)
    }

    @Test("Blocks that will come again are let go of")
    func dropped() {
        var gathering = BlockGathering()
        for number in 0..<3 { _ = gathering.add(Self.block(0, number)) }
        var dropped = [gathering.drop([1, 5], of: PieceIndex(0)), gathering.drop([0], of: PieceIndex(9))]
        let left = gathering.take(PieceIndex(0))
        #expect(Self.numbers(left) == [0, 2])
        _ = gathering.add(Self.block(0, 1))
        dropped.append(gathering.drop([1], of: PieceIndex(0)))
        #expect(dropped == [16384, 0, 16384])
        #expect(gathering.isEmpty)
    }
}
