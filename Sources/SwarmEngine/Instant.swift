/// A point in time as whoever drives the engine counts it, in nanoseconds from any fixed start.
///
/// The engine has no clock: each input carries its instant, so a simulated day costs what its events cost.
public struct Instant: Hashable, Comparable, Sendable {
    public var nanoseconds: Int64

    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    public static let zero = Instant(nanoseconds: 0)

    public static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    public static func + (instant: Instant, span: TimeSpan) -> Instant {
        Instant(nanoseconds: instant.nanoseconds &+ span.nanoseconds)
    }

    public static func - (later: Instant, earlier: Instant) -> TimeSpan {
        TimeSpan(nanoseconds: later.nanoseconds &- earlier.nanoseconds)
    }
}

/// A length of time in nanoseconds. One word, since two of them are compared for every block that arrives.
public struct TimeSpan: Hashable, Comparable, Sendable {
    public var nanoseconds: Int64

    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    public static let zero = TimeSpan(nanoseconds: 0)

    public static func seconds(_ count: Int) -> TimeSpan {
        TimeSpan(nanoseconds: Int64(count) &* 1_000_000_000)
    }

    public static func milliseconds(_ count: Int) -> TimeSpan {
        TimeSpan(nanoseconds: Int64(count) &* 1_000_000)
    }

    public var inSeconds: Double { Double(nanoseconds) / 1e9 }

    public static func < (left: TimeSpan, right: TimeSpan) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// This span doubled `times` times, at most `limit`: the waiting time of a repeated attempt.
    func doubled(_ times: Int, limit: TimeSpan) -> TimeSpan {
        let factor = Int64(1) << Int64(min(max(times, 0), 20))
        let (product, overflow) = nanoseconds.multipliedReportingOverflow(by: factor)
        return overflow ? limit : min(TimeSpan(nanoseconds: product), limit)
    }
}
