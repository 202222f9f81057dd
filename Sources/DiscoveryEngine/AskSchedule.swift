import DiscoveryWire

/// When a question is asked next: soon, after a second, and then after twice as long each time up to an hour
/// (RFC 6762 §5.2). What somebody else asks shortly before counts as asked (§7.3).
struct AskSchedule: Sendable {
    private static let firstInterval = Duration.seconds(1)
    private static let longestInterval = Duration.seconds(3600)
    /// Half of the time since the last question, within these bounds: not so long that two networks that become one
    /// would not hear of each other soon.
    private static let shortestCover = Duration.seconds(1)
    private static let longestCover = Duration.seconds(60)

    private(set) var next: Duration
    /// From the next question to the one after it.
    private var interval = firstInterval
    /// Families on which somebody else has just asked the same.
    private(set) var covered: Set<AddressFamily> = []

    init(first: Duration) {
        next = first
    }

    mutating func asked(now: Duration, generator: inout SeededGenerator) {
        next = now + interval
        lengthen(&generator)
    }

    /// Somebody else asks the same on one family of the interface, shortly before this host would.
    mutating func heard(
        on family: AddressFamily, of families: Set<AddressFamily>, now: Duration, generator: inout SeededGenerator
    ) {
        guard next - now <= min(max(interval / 4, Self.shortestCover), Self.longestCover) else { return }
        covered.insert(family)
        guard covered.isSuperset(of: families) else { return }
        // From when it would have been, so that those who heard it do not ask all at once the next time.
        next += interval
        lengthen(&generator)
    }

    /// Not by the same for all, so that one asks and the others hear it.
    private mutating func lengthen(_ generator: inout SeededGenerator) {
        let more = Int.random(in: 0...125, using: &generator)
        interval = min(interval * 2 + interval * more / 1000, Self.longestInterval)
        covered = []
    }
}
