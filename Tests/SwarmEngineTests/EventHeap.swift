@testable import SwarmEngine

/// What is to happen next, by time and then by order of insertion.
struct EventHeap {
    struct Event {
        let time: Instant
        fileprivate let number: Int
        let body: () -> Void

        fileprivate func isBefore(_ other: Event) -> Bool {
            time != other.time ? time < other.time : number < other.number
        }
    }

    private var items: [Event] = []
    private var inserted = 0

    var first: Event? { items.first }

    mutating func insert(time: Instant, _ body: @escaping () -> Void) {
        inserted += 1
        items.append(Event(time: time, number: inserted, body: body))
        var child = items.count - 1
        while child > 0, items[child].isBefore(items[(child - 1) / 2]) {
            items.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func removeFirst() {
        items.swapAt(0, items.count - 1)
        items.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < items.count && items[child].isBefore(items[least]) {
                least = child
            }
            guard least != parent else { return }
            items.swapAt(parent, least)
            parent = least
        }
    }
}
