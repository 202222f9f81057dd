import Metainfo
import Testing
import TestSupport

@Suite struct PieceSetTests {
    @Test func bitfieldsAreReadAndWrittenHighBitFirst() {
        let set = PieceSetFactory.set([0, 7, 8, 9], of: 10)
        #expect(set.bitfield == [0x81, 0xC0])
        #expect(PieceSet(bitfield: [0x81, 0xC0], capacity: 10) == set)
    }

    @Test func bitfieldsThatDoNotFitAreRefused() {
        #expect(PieceSet(bitfield: [0, 0x20], capacity: 10) == nil, "a spare bit")
        #expect(PieceSet(bitfield: [0], capacity: 10) == nil)
        #expect(PieceSet(bitfield: [0, 0, 0], capacity: 10) == nil)
        #expect(PieceSet(bitfield: [], capacity: 0)?.isEmpty == true)
    }

    @Test(arguments: [-1, Int.min, 10, Int.max]) func strangersNumbersAreNoMembers(number: Int) {
        var set = PieceSet(capacity: 10)
        let changes = [set.insert(PieceIndex(number)), set.remove(PieceIndex(number))]
        #expect(changes == [false, false])
        #expect(!set.contains(PieceIndex(number)))
        #expect(set.isEmpty)
    }

    @Test func agreesWithAnOrdinarySet() {
        var generator = TestRandom(seed: 3)
        for capacity in [0, 1, 63, 64, 65, 200] {
            var set = PieceSet(capacity: capacity)
            var other = PieceSet(capacity: capacity)
            var model: Set<Int> = []
            var otherModel: Set<Int> = []
            for _ in 0..<400 {
                let piece = Int.random(in: -2...capacity + 1, using: &generator)
                let isValid = (0..<capacity).contains(piece)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: #expect(set.insert(PieceIndex(piece)) == (isValid && model.insert(piece).inserted))
                case 1: #expect(set.remove(PieceIndex(piece)) == (model.remove(piece) != nil))
                default: if other.insert(PieceIndex(piece)) { otherModel.insert(piece) }
                }
            }
            #expect(set.members == model.sorted())
            #expect(set.count == model.count)
            #expect(set.isFull == (model.count == capacity))
            #expect(set.intersectionCount(other) == model.intersection(otherModel).count)
            #expect(set.subtracting(other).members == model.subtracting(otherModel).sorted())
            #expect(set.subtracting(other).count == model.subtracting(otherModel).count)
            #expect(PieceSet(bitfield: set.bitfield, capacity: capacity) == set)
        }
    }
}
