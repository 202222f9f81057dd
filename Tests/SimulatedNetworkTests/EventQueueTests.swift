import SwarmEngine
import Testing

@testable import SimulatedNetwork

@Suite struct EventQueueTests {
    @Test func byTimeThenByInsertion() {
        var queue = EventQueue<String>()
        queue.insert("c", at: Instant(nanoseconds: 3))
        queue.insert("a1", at: Instant(nanoseconds: 1))
        queue.insert("b", at: Instant(nanoseconds: 2))
        queue.insert("a2", at: Instant(nanoseconds: 1))
        #expect(queue.nextTime == Instant(nanoseconds: 1))
        var order: [String] = []
        while let event = queue.popFirst() { order.append(event.payload) }
        #expect(order == ["a1", "a2", "b", "c"])
        #expect(queue.isEmpty)
    }

    @Test func manyStaySorted() {
        var generator = SeededGenerator(seed: 5)
        var queue = EventQueue<Int>()
        for number in 0..<1000 {
            queue.insert(number, at: Instant(nanoseconds: Int64.random(in: 0..<50, using: &generator)))
        }
        var last: (Instant, Int)?
        while let event = queue.popFirst() {
            if let last { #expect(last.0 < event.time || (last.0 == event.time && last.1 < event.payload)) }
            last = (event.time, event.payload)
        }
    }
}
