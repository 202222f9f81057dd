/// Decides whom this host serves (BEP 3): as many at a time as there are slots, each in turn, nobody never.
///
/// While fetching, those who give the most get the slots, but for one, which goes to whoever waited longest
/// (optimistic). When there is nothing left to fetch, all slots go in turn: a peer keeps its slot until it has had its
/// share, then the one that waited longest gets it.
struct Choker {
    private(set) var lastRound: Instant?
    private var lastOptimistic: Instant?

    struct Candidate {
        var key: PeerKey
        var isUnchoked: Bool
        var isOptimistic: Bool
        /// Start of the present unchoke, or of the wait for one.
        var since: Instant
        /// Bytes a second that it gives to this host.
        var givenRate: Double
        /// Bytes that it got since it was unchoked.
        var received: Int64
        var isSnubbing: Bool
    }

    struct Decision: Equatable {
        var unchoked: [PeerKey]
        var optimistic: PeerKey?
    }

    /// A seeding host's share for one peer before the slot goes on: so many bytes and at least this long.
    private static let shareTime = TimeSpan.seconds(60)

    func isDue(now: Instant, interval: TimeSpan) -> Bool {
        lastRound.map { now - $0 >= interval } ?? true
    }

    /// One round over all interested peers, in the order of their connection.
    mutating func round(
        _ candidates: [Candidate], slots: Int, isSeeding: Bool, share: Int64, optimisticInterval: TimeSpan, now: Instant
    ) -> Decision {
        lastRound = now
        guard slots > 0 else { return Decision(unchoked: [], optimistic: nil) }
        guard candidates.count > slots else {
            return Decision(unchoked: candidates.map(\.key), optimistic: nil)
        }
        return isSeeding
            ? seedingRound(candidates, slots: slots, share: share, now: now)
            : fetchingRound(candidates, slots: slots, optimisticInterval: optimisticInterval, now: now)
    }

    private func seedingRound(_ candidates: [Candidate], slots: Int, share: Int64, now: Instant) -> Decision {
        let served = candidates.filter { $0.isUnchoked }
        let keeping = served.filter { $0.received < share || now - $0.since < Self.shareTime }
        let finished = served.filter { $0.received >= share && now - $0.since >= Self.shareTime }
        let waiting = candidates.filter { !$0.isUnchoked }.sorted(by: Self.longestFirst)
        let order =
            keeping.sorted(by: Self.longestFirst).prefix(slots) + waiting + finished.sorted(by: Self.longestFirst)
        // However slow those are that are served: somebody who waits gets a slot each round.
        var unchoked = order.prefix(slots).map(\.key)
        if let first = waiting.first, !unchoked.contains(first.key) {
            unchoked.removeFirst()
            unchoked.append(first.key)
        }
        return Decision(unchoked: unchoked, optimistic: nil)
    }

    private mutating func fetchingRound(
        _ candidates: [Candidate], slots: Int, optimisticInterval: TimeSpan, now: Instant
    ) -> Decision {
        let current = candidates.first { $0.isOptimistic }
        let isOptimisticDue = lastOptimistic.map { now - $0 >= optimisticInterval } ?? true
        let byGift = candidates.filter { !$0.isSnubbing }.sorted {
            $0.givenRate != $1.givenRate ? $0.givenRate > $1.givenRate : Self.longestFirst($0, $1)
        }
        var unchoked = Array(byGift.map(\.key).prefix(max(slots - 1, 0)))
        var optimistic = isOptimisticDue ? nil : current?.key
        if optimistic.map(unchoked.contains) ?? true {
            optimistic =
                candidates.filter { !$0.isUnchoked && !unchoked.contains($0.key) }.min(by: Self.longestFirst)?.key
                ?? candidates.first { !unchoked.contains($0.key) }?.key
            lastOptimistic = now
        }
        if let optimistic { unchoked.append(optimistic) }
        return Decision(unchoked: unchoked, optimistic: optimistic)
    }

    private static func longestFirst(_ left: Candidate, _ right: Candidate) -> Bool {
        left.since != right.since ? left.since < right.since : left.key < right.key
    }
}
