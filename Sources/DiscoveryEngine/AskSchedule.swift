import DiscoveryWire

/// When a question is asked next: soon, after a second, and then after twice as long each time up to an hour
/// (RFC 6762 §5.2).
struct AskSchedule: Sendable {
    private static let firstInterval = Duration.seconds(1)
    private static let longestInterval = Duration.seconds(3600)

    private(set) var next: Duration
    private var interval = firstInterval
    /// Families on which somebody else has just asked the same.
    private(set) var covered: Set<AddressFamily> = []

    init(first: Duration) {
        next = first
    }

    mutating func asked(now: Duration) {
        next = now + interval
        interval = min(interval * 2, Self.longestInterval)
        covered = []
    }

    /// Somebody else asks the same on one family of the interface, shortly before this host would.
    mutating func heard(on family: AddressFamily, of families: Set<AddressFamily>, now: Duration) {
        guard next - now <= .seconds(1) else { return }
        covered.insert(family)
        if covered.isSuperset(of: families) { asked(now: now) }
    }
}
