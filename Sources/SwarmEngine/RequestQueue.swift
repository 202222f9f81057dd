import Metainfo

/// Requests in the order in which they were made; the oldest is usually answered first, so it is found at once.
struct RequestQueue {
    private var items: [BlockRequest] = []
    private var head = 0

    /// Kept here, so that to see that nothing waits nothing else is fetched from memory.
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }
    var all: ArraySlice<BlockRequest> { items[head...] }

    mutating func append(_ request: BlockRequest) {
        items.append(request)
        count += 1
    }

    mutating func popFirst() -> BlockRequest? {
        guard count > 0 else { return nil }
        defer {
            head += 1
            count -= 1
            compact()
        }
        return items[head]
    }

    func contains(_ request: BlockRequest) -> Bool {
        count > 0 && items[head...].contains(request)
    }

    /// - Returns: whether it was there.
    mutating func remove(_ request: BlockRequest) -> Bool {
        guard count > 0, let index = items[head...].firstIndex(of: request) else { return false }
        count -= 1
        if index == head {
            head += 1
            compact()
        } else {
            items.remove(at: index)
        }
        return true
    }

    mutating func removeAll() -> [BlockRequest] {
        defer {
            items.removeAll(keepingCapacity: true)
            head = 0
            count = 0
        }
        return Array(items[head...])
    }

    private mutating func compact() {
        if head == items.count {
            items.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 16, head * 2 >= items.count {
            // Soon, so that a queue that is never empty stays where it is in memory.
            items.removeFirst(head)
            head = 0
        }
    }
}
