import Metainfo

/// Requests in the order in which they were made; the oldest is usually answered first, so it is found at once.
struct RequestQueue {
    private var items: [BlockRequest] = []
    private var head = 0

    var count: Int { items.count - head }
    var isEmpty: Bool { head == items.count }
    var all: ArraySlice<BlockRequest> { items[head...] }

    mutating func append(_ request: BlockRequest) {
        items.append(request)
    }

    mutating func popFirst() -> BlockRequest? {
        guard head < items.count else { return nil }
        defer {
            head += 1
            compact()
        }
        return items[head]
    }

    func contains(_ request: BlockRequest) -> Bool {
        items[head...].contains(request)
    }

    /// - Returns: whether it was there.
    mutating func remove(_ request: BlockRequest) -> Bool {
        guard let index = items[head...].firstIndex(of: request) else { return false }
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
        }
        return Array(items[head...])
    }

    private mutating func compact() {
        if head == items.count {
            items.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 512 {
            items.removeFirst(head)
            head = 0
        }
    }
}
