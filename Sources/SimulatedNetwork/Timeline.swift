import SwarmEngine

/// What is due, in the order in which it is done.
///
/// Without a window all of it is done by time, over all hosts. With one, hosts take turns: each does what is due at it
/// within the window before the next host does, so that what an engine keeps is fetched from memory once for all of
/// that. What one host causes at another within the same window happens there at the beginning of the next: delays grow
/// by up to a window, and nothing travels back in time.
struct Timeline {
    struct Event {
        let time: Instant
        let happening: Happening
        let host: Int32
    }

    let window: TimeSpan

    /// Everything where there is no window; else what is due later than the buckets reach.
    private var far = EventQueue<Event>()
    private var buckets = [[Event]](repeating: [], count: Int(Self.bucketCount))
    private var inBuckets = 0
    /// The first window that has not been opened.
    private var next: Int64 = 0

    /// The open window: its events by host and time, and those that the host whose turn it is caused at itself.
    private var open: [Event] = []
    private var position = 0
    private var openedAt = Instant.zero
    private var own = EventQueue<Event>()
    private var turn: Int32 = Self.nobody
    private var ends: [Int32] = []

    init(window: TimeSpan) { self.window = window }

    /// For what belongs to no host; those come first.
    static let nobody: Int32 = -1
    private static let bucketCount: Int64 = 128

    mutating func insert(_ happening: Happening, for host: Int32, at time: Instant) {
        let event = Event(time: time, happening: happening, host: host)
        guard window > .zero else { return far.insert(event, at: time) }
        let number = time.nanoseconds / window.nanoseconds
        if number < next, host == turn {
            own.insert(event, at: max(time, openedAt))
        } else if number < next + Self.bucketCount {
            buckets[Int(max(number, next) % Self.bucketCount)].append(event)
            inBuckets += 1
        } else {
            far.insert(event, at: time)
        }
    }

    /// The next event that is due until an instant, with the time at which it happens.
    mutating func popFirst(until end: Instant) -> (time: Instant, happening: Happening)? {
        guard window > .zero else {
            guard let time = far.nextTime, time <= end, let first = far.popFirst() else { return nil }
            return (time, first.payload.happening)
        }
        while true {
            let isSame = position < open.count && open[position].host == turn
            if let time = own.nextTime, !isSame || time < open[position].time, let first = own.popFirst() {
                return (time, first.payload.happening)
            }
            if position < open.count {
                let event = open[position]
                position += 1
                turn = event.host
                return (max(event.time, openedAt), event.happening)
            }
            guard openNext(until: end) else { return nil }
        }
    }

    /// Whole windows only: one that ends later waits.
    private mutating func openNext(until end: Instant) -> Bool {
        turn = Self.nobody - 1
        open.removeAll(keepingCapacity: true)
        position = 0
        if inBuckets == 0 {
            guard let time = far.nextTime else { return false }
            next = max(next, time.nanoseconds / window.nanoseconds)
        }
        while (next + 1) * window.nanoseconds <= end.nanoseconds {
            let bucket = Int(next % Self.bucketCount)
            openedAt = Instant(nanoseconds: next * window.nanoseconds)
            next += 1
            while let time = far.nextTime, time.nanoseconds < next * window.nanoseconds, let event = far.popFirst() {
                buckets[bucket].append(event.payload)
                inBuckets += 1
            }
            guard !buckets[bucket].isEmpty else { continue }
            inBuckets -= buckets[bucket].count
            var events: [Event] = []
            swap(&events, &buckets[bucket])
            sort(events)
            events.removeAll(keepingCapacity: true)
            swap(&events, &buckets[bucket])
            return true
        }
        return false
    }

    /// By host, then by time, then as they came.
    private mutating func sort(_ bucket: [Event]) {
        let hosts = Int(bucket.reduce(Self.nobody) { max($0, $1.host) }) + 2
        ends.removeAll(keepingCapacity: true)
        ends.append(contentsOf: repeatElement(0, count: hosts))
        for event in bucket { ends[Int(event.host + 1)] += 1 }
        var sum: Int32 = 0
        for index in ends.indices {
            sum += ends[index]
            ends[index] = sum
        }
        open.append(contentsOf: bucket)
        for event in bucket.reversed() {
            let place = Int(ends[Int(event.host + 1)]) - 1
            ends[Int(event.host + 1)] -= 1
            open[place] = event
        }
        for index in open.indices.dropFirst() {
            let event = open[index]
            var hole = index
            while hole > 0, open[hole - 1].host == event.host, open[hole - 1].time > event.time {
                open[hole] = open[hole - 1]
                hole -= 1
            }
            open[hole] = event
        }
    }
}
