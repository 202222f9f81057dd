/// A queue that reuses its memory: what is taken out at the front is cleared away now and then.
struct FirstInFirstOut<Element> {
    private var items: [Element] = []
    private var head = 0

    var isEmpty: Bool { head == items.count }
    var count: Int { items.count - head }
    var first: Element? { head < items.count ? items[head] : nil }

    /// So many of the first, or all.
    func prefix(_ count: Int) -> ArraySlice<Element> { items[head..<min(head + count, items.count)] }

    mutating func append(_ element: Element) { items.append(element) }

    mutating func replaceFirst(_ element: Element) {
        guard head < items.count else { return }
        items[head] = element
    }

    mutating func popFirst() -> Element? {
        guard head < items.count else { return nil }
        let element = items[head]
        head += 1
        if head == items.count {
            items.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 64, head * 2 > items.count {
            items.removeFirst(head)
            head = 0
        }
        return element
    }

    mutating func removeAll() {
        items = []
        head = 0
    }
}
