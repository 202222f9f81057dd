import SwarmEngine

/// What is to happen next, by time and, at the same time, in the order of insertion: so a run repeats to the event.
///
/// A binary heap of plain values. Times and numbers are compared millions of times a second, so they lie beside each
/// other and the payload behind them.
struct EventQueue<Payload> {
    struct Event {
        let time: Instant
        fileprivate let number: UInt64
        let payload: Payload

        @inline(__always)
        fileprivate func isBefore(_ other: Event) -> Bool {
            time.nanoseconds != other.time.nanoseconds
                ? time.nanoseconds < other.time.nanoseconds : number < other.number
        }
    }

    private var items: [Event] = []
    private var inserted: UInt64 = 0

    var isEmpty: Bool { items.isEmpty }
    var count: Int { items.count }
    var nextTime: Instant? { items.first?.time }

    mutating func insert(_ payload: Payload, at time: Instant) {
        inserted += 1
        let event = Event(time: time, number: inserted, payload: payload)
        items.append(event)
        var child = items.count - 1
        // The hole moves, not the event: half the writes of swapping.
        while child > 0 {
            let parent = (child - 1) / 2
            guard event.isBefore(items[parent]) else { break }
            items[child] = items[parent]
            child = parent
        }
        items[child] = event
    }

    mutating func popFirst() -> Event? {
        guard let first = items.first, let last = items.popLast() else { return nil }
        let count = items.count
        guard count > 0 else { return first }
        var parent = 0
        while true {
            var least = 2 * parent + 1
            guard least < count else { break }
            if least + 1 < count, items[least + 1].isBefore(items[least]) { least += 1 }
            guard items[least].isBefore(last) else { break }
            items[parent] = items[least]
            parent = least
        }
        items[parent] = last
        return first
    }
}
