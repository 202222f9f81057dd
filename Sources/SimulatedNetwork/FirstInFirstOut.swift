/// A queue in a ring of memory that grows and never shrinks. Its length lies beside the pointer, so that to see that it is
/// empty nothing else is fetched.
struct FirstInFirstOut<Element> {
    private var items: [Element?] = []
    private var head: Int32 = 0
    private var length: Int32 = 0

    var isEmpty: Bool { length == 0 }
    var count: Int { Int(length) }
    var first: Element? { length > 0 ? items[Int(head)] : nil }

    /// The element at a place counted from the first.
    subscript(place: Int) -> Element? {
        place < count ? items[slot(place)] : nil
    }

    mutating func append(_ element: Element) {
        if count == items.count { grow() }
        items[slot(count)] = element
        length += 1
    }

    mutating func replaceFirst(_ element: Element) {
        guard length > 0 else { return }
        items[Int(head)] = element
    }

    mutating func popFirst() -> Element? {
        guard length > 0 else { return nil }
        // Moved, not copied.
        var element: Element?
        swap(&element, &items[Int(head)])
        head = Int32(slot(1))
        length -= 1
        return element
    }

    mutating func removeAll() {
        items = []
        head = 0
        length = 0
    }

    /// The ring's size is a power of two.
    private func slot(_ place: Int) -> Int { (Int(head) + place) & (items.count - 1) }

    private mutating func grow() {
        var larger: [Element?] = []
        larger.reserveCapacity(max(2 * items.count, 4))
        for place in 0..<count { larger.append(items[slot(place)]) }
        larger.append(contentsOf: repeatElement(nil, count: max(2 * items.count, 4) - count))
        items = larger
        head = 0
    }
}
