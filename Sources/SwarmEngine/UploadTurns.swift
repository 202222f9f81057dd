/// Whose requests are handed to the network now, and who comes next.
///
/// Served all at once, twenty peers get their pieces twenty times as late, and only then pass them on. So a few are
/// served at a time, each for about a piece. One that takes what it gets too slowly to fill its part of the link does not
/// count, so that the link is full whatever the others' links are like. Who has least goes first, so that a host that
/// knows few others does not fall behind; but nobody waits long for that.
struct UploadTurns {
    private struct Turn {
        let peer: PeerKey
        var bytes = 0
        /// When the peer last took something.
        var movedAt: Instant
    }

    private var serving: [Turn] = []
    private var waiting: [(peer: PeerKey, since: Instant)] = []

    private static let atATime = 4
    /// Among many a piece's way through the swarm has many steps, and each is the shorter the fewer share the link.
    private static let atATimeAmongMany = 2
    private static let longestWait = TimeSpan.milliseconds(400)
    /// As long as others get parts of the first copy.
    private static let longestWaitForFirstCopy = TimeSpan.seconds(10)
    private static let stuckTime = TimeSpan.milliseconds(50)

    /// Nobody waits for a turn.
    var isIdle: Bool { waiting.isEmpty }
    var isEmpty: Bool { serving.isEmpty && waiting.isEmpty }
    var servedNow: [PeerKey] { serving.map(\.peer) }

    func isServing(_ peer: PeerKey) -> Bool { serving.contains { $0.peer == peer } }

    /// A peer has something to be sent to it.
    mutating func enter(_ peer: PeerKey, now: Instant) {
        guard !isServing(peer), !waiting.contains(where: { $0.peer == peer }) else { return }
        waiting.append((peer, now))
    }

    /// Bytes were handed to the network for a peer, or have left.
    mutating func moved(_ peer: PeerKey, handedOut bytes: Int, now: Instant) {
        guard let index = serving.firstIndex(where: { $0.peer == peer }) else { return }
        serving[index].bytes += bytes
        serving[index].movedAt = now
    }

    /// Whether a peer has had its share while others wait.
    func isOver(_ peer: PeerKey, share: Int) -> Bool {
        guard !waiting.isEmpty, let turn = serving.first(where: { $0.peer == peer }) else { return false }
        return turn.bytes >= share
    }

    /// Ends a peer's turn; with `again` it waits for another one.
    mutating func end(_ peer: PeerKey, again: Bool, now: Instant) {
        serving.removeAll { $0.peer == peer }
        waiting.removeAll { $0.peer == peer }
        if again { waiting.append((peer, now)) }
    }

    /// The next peer, if there is room for one more.
    ///
    /// - Parameter isAmongMany: whether this host has many peers, and pieces are small: while one of a large one is on its
    ///   way, two peers alone may not fill the link.
    /// - Parameter pieces: how many pieces a peer has.
    /// - Parameter isUrgent: whether a peer waits for a part of the first copy: the others cannot pass on what is not out.
    mutating func beginNext(
        now: Instant, isAmongMany: Bool = false, pieces: (PeerKey) -> Int, isUrgent: (PeerKey) -> Bool = { _ in false }
    ) -> PeerKey? {
        let busy = serving.count { now - $0.movedAt < Self.stuckTime }
        guard busy < (isAmongMany ? Self.atATimeAmongMany : Self.atATime), let first = waiting.first else { return nil }
        var next = 0
        if now - first.since < Self.longestWaitForFirstCopy,
            let urgent = waiting.firstIndex(where: { isUrgent($0.peer) })
        {
            next = urgent
        }
        if now - waiting[next].since < Self.longestWait {
            let isOnlyUrgent = isUrgent(waiting[next].peer)
            var least = pieces(waiting[next].peer)
            for index in waiting.indices where !isOnlyUrgent || isUrgent(waiting[index].peer) {
                let count = pieces(waiting[index].peer)
                if count < least { (next, least) = (index, count) }
            }
        }
        let peer = waiting.remove(at: next).peer
        serving.append(Turn(peer: peer, movedAt: now))
        return peer
    }
}
