import Metainfo

/// How many requests are kept waiting at a peer: so many that an answer takes `queueTime` longer than the way there and
/// back, whatever the link's rate and however many others share it.
///
/// The delay of answers is the measure, not their rate: on a link that all peers of a host share, each peer's rate
/// follows from how much is asked of it, and queues of all of them only make every piece come late. Starts small and
/// doubles each round trip (slow start) until answers are late for the first time; then it follows their delay.
struct Pipeline {
    private(set) var depth = 4
    /// The smallest seen: later ones hold the time spent in the queue that this very number causes.
    private(set) var roundTrip: TimeSpan?
    private var isSlowStart = true
    /// A request whose answer will be timed.
    private var timed: (request: BlockRequest, sentAt: Instant)?

    private static let minimum = 4

    mutating func sent(_ request: BlockRequest, now: Instant) {
        if timed == nil { timed = (request, now) }
    }

    mutating func received(_ request: BlockRequest, now: Instant, queueTime: TimeSpan, limit: Int) {
        if isSlowStart { depth += 1 }
        if let timed, timed.request == request {
            self.timed = nil
            adapt(to: now - timed.sentAt, queueTime: queueTime)
        }
        depth = min(max(depth, Self.minimum), max(limit, 1))
    }

    private mutating func adapt(to delay: TimeSpan, queueTime: TimeSpan) {
        // With so few requests the delay is not of their making: requests may have to wait behind blocks that this host
        // sends on the same connection.
        let shortest = depth <= Self.minimum ? delay : min(roundTrip ?? delay, delay)
        roundTrip = shortest
        let (present, wanted) = (delay.inSeconds, shortest.inSeconds + queueTime.inSeconds)
        if present > wanted {
            isSlowStart = false
            // At most halved, since one late answer may be chance.
            depth = Int(Double(depth) * max(wanted / present, 0.5))
        } else if !isSlowStart, present < 0.75 * wanted {
            depth += 1
        }
    }

    mutating func abandoned() { timed = nil }

    mutating func abandoned(_ request: BlockRequest) {
        if timed?.request == request { timed = nil }
    }
}
