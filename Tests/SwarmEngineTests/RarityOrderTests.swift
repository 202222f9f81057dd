import Metainfo
import Testing

@testable import SwarmEngine

@Suite struct RarityOrderTests {
    /// The same by counting anew each time.
    private struct Model {
        var availability: [Int]
        var startable: Set<Int> = []

        func rarest(_ fits: (Int) -> Bool) -> Int? { startable.filter(fits).map { availability[$0] }.min() }
    }

    @Test(arguments: 1...6) func agreesWithANaiveModel(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let count = 40
        var order = RarityOrder(pieceCount: count)
        var model = Model(availability: [Int](repeating: 0, count: count))
        for step in 0..<3000 {
            let number = Int.random(in: -1...count, using: &generator)
            let isValid = (0..<count).contains(number)
            let piece = PieceIndex(number)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0, 1:
                order.increment(piece)
                if isValid { model.availability[number] += 1 }
            case 2:
                order.decrement(piece)
                if isValid { model.availability[number] = max(0, model.availability[number] - 1) }
            case 3:
                order.show(piece)
                if isValid { model.startable.insert(number) }
            default:
                order.hide(piece)
                model.startable.remove(number)
            }
            #expect(order.count == model.startable.count)
            guard step % 5 == 0 else { continue }
            let divisor = Int.random(in: 1...4, using: &generator)
            let found = order.rarest(using: &generator) { $0.rawValue % divisor == 0 }
            #expect(found.map { model.availability[$0.rawValue] } == model.rarest { $0 % divisor == 0 })
            if let found { #expect(model.startable.contains(found.rawValue) && found.rawValue % divisor == 0) }
            let any = order.random(using: &generator) { $0.rawValue % divisor == 0 }
            #expect((any == nil) == (found == nil))
        }
        for piece in 0..<count {
            #expect(order.isStartable(PieceIndex(piece)) == model.startable.contains(piece))
            #expect(order.availability(of: PieceIndex(piece)) == model.availability[piece])
        }
    }

    @Test func tiesAreBrokenByChance() {
        var order = RarityOrder(pieceCount: 20)
        for piece in 0..<20 { order.show(PieceIndex(piece)) }
        var found: Set<Int> = []
        for seed in 0..<60 {
            var generator = SeededGenerator(seed: UInt64(seed))
            if let piece = order.rarest(using: &generator, where: { _ in true }) { found.insert(piece.rawValue) }
        }
        #expect(found.count > 10)
    }
}
