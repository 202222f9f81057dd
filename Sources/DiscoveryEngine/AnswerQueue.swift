import DiscoveryWire
import PeerWire

/// Answers that wait on one link: to travel together, to be withdrawn if somebody else gives them, or because the same
/// was said less than a second ago (RFC 6762 §6, §7).
struct AnswerQueue: Sendable {
    private static let leastPause = Duration.seconds(1)
    private static let unicastPerSecond = 50

    private struct Waiting {
        /// Not before that, since it was told too recently.
        var earliest: Duration
        var due: Duration
    }

    private var waiting: [DNSRecord: Waiting] = [:]
    private var told: [DNSRecord: Duration] = [:]
    private var unicastWindow = Duration.zero
    private var unicastCount = 0
    /// Questions whose known answers go on in further datagrams.
    var held: [HeldQuestion] = []

    var deadline: Duration? {
        (waiting.values.map { max($0.earliest, $0.due) } + held.map(\.due)).min()
    }

    /// - Parameter pause: the least time between two tellings of the same; shorter for those who probe.
    mutating func add(_ records: [DNSRecord], now: Duration, due: Duration, pause: Duration = leastPause) {
        for record in records {
            let earliest = max(now, told[record].map { $0 + pause } ?? now)
            let before = waiting[record]
            waiting[record] = Waiting(
                earliest: min(before?.earliest ?? earliest, earliest), due: min(before?.due ?? due, due))
        }
    }

    mutating func remove(_ record: DNSRecord) {
        waiting[record] = nil
    }

    mutating func keep(where isValid: (DNSRecord) -> Bool) {
        waiting = waiting.filter { isValid($0.key) }
        told = told.filter { isValid($0.key) }
        for index in held.indices { held[index].answers.removeAll { !isValid($0) } }
    }

    /// All that may be told now, once anything of it is due.
    mutating func takeDue(now: Duration) -> [DNSRecord] {
        guard waiting.values.contains(where: { max($0.earliest, $0.due) <= now }) else { return [] }
        let ready = waiting.filter { $0.value.earliest <= now }.map(\.key)
        for record in ready { waiting[record] = nil }
        // Dictionaries have an order of their own in each run; the same events must give the same bytes.
        return ready.sorted { $0.sortKey.lexicographicallyPrecedes($1.sortKey) }
    }

    mutating func sent(_ records: [DNSRecord], now: Duration) {
        for record in records {
            told[record] = now
            waiting[record] = nil
        }
    }

    func wasTold(_ record: DNSRecord, within span: Duration, now: Duration) -> Bool {
        told[record].map { now - $0 < span } ?? false
    }

    /// Additional records obey the pause as well.
    func mayTell(_ record: DNSRecord, now: Duration) -> Bool {
        !wasTold(record, within: Self.leastPause, now: now)
    }

    /// Counts a unicast answer; false when there have been too many in this second.
    mutating func mayAnswerByUnicast(now: Duration) -> Bool {
        if now - unicastWindow >= .seconds(1) {
            unicastWindow = now
            unicastCount = 0
        }
        unicastCount += 1
        return unicastCount <= Self.unicastPerSecond
    }
}

/// A question that said that more known answers follow.
struct HeldQuestion: Sendable {
    static let maximumCount = 32

    let source: PeerAddress
    var answers: [DNSRecord]
    var due: Duration
}

extension DNSRecord {
    fileprivate var sortKey: [UInt8] {
        name.wire + [UInt8(truncatingIfNeeded: type.rawValue >> 8), UInt8(truncatingIfNeeded: type.rawValue)]
            + data.uncompressed
    }
}
