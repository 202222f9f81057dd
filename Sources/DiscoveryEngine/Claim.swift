import DiscoveryWire

/// One name that this host claims for itself, and how far that has come on each interface (RFC 6762 §8).
struct Claim: Sendable {
    enum Phase: Equatable, Sendable {
        /// So many probes are out; the next step is due then.
        case probing(sent: Int, next: Duration)
        /// Ours. So many announcements are out; nil when there are no more to come.
        case claimed(announced: Int, next: Duration?)
    }

    static let probeCount = 3
    static let probeInterval = Duration.milliseconds(250)
    /// After losing against somebody who probes for the same name.
    static let defeatPause = Duration.seconds(1)
    /// Two are the least (RFC 6762 §8.3); wireless networks lose multicast easily.
    static let announcementCount = 3

    private static let conflictWindow = Duration.seconds(10)
    private static let conflictLimit = 15
    private static let conflictPause = Duration.seconds(5)

    let original: String
    private(set) var label: String
    private(set) var attempt = 1
    var phases: [Int: Phase] = [:]
    private var conflicts: [Duration] = []

    init(label: String) {
        original = LocalName.clipped(label)
        self.label = original
    }

    func isClaimed(on interface: Int) -> Bool {
        if case .claimed = phases[interface] { true } else { false }
    }

    func isProbing(on interface: Int) -> Bool {
        if case .probing = phases[interface] { true } else { false }
    }

    /// When the first probe is due, while it is not out.
    func firstProbe(on interface: Int) -> Duration? {
        if case .probing(sent: 0, let next) = phases[interface] { next } else { nil }
    }

    mutating func probe(on interface: Int, at start: Duration) {
        phases[interface] = .probing(sent: 0, next: start)
    }

    /// Announces anew, where the name is claimed.
    mutating func announce(on interface: Int, now: Duration) {
        if isClaimed(on: interface) { phases[interface] = .claimed(announced: 0, next: now) }
    }

    mutating func rename(to label: String) {
        self.label = label
        attempt += 1
    }

    /// Notes a conflict.
    ///
    /// - Returns: how long to wait before the next try; long when there have been many (RFC 6762 §8.1).
    mutating func pauseAfterConflict(now: Duration) -> Duration {
        conflicts = conflicts.suffix(Self.conflictLimit).filter { now - $0 < Self.conflictWindow } + [now]
        return conflicts.count >= Self.conflictLimit ? Self.conflictPause : .zero
    }

    /// The instant of the next step on any interface.
    var deadline: Duration? {
        phases.values.compactMap { phase in
            switch phase {
            case .probing(_, let next): next
            case .claimed(_, let next): next
            }
        }.min()
    }
}
