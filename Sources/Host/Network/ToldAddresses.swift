import PeerWire

/// Bounds what hosts can make this one do by telling it of others. Whether a host is there is found out by asking it, and a
/// liar can tell a thousand hosts of the address of somebody who is none.
///
/// So a few a minute are asked, of each that tells and of all; one that did not answer as a host does is not asked again for
/// an hour, and no more than a few ports of one computer are.
struct ToldAddresses {
    typealias Instant = ContinuousClock.Instant

    static let rest = Duration.seconds(3600)
    static let maximumPorts = 4
    private static let maximumTellers = 1024

    /// When addresses were asked that have not answered.
    private var asked: [PeerAddress: Instant] = [:]
    private var all = Allowance(atOnce: 32, interval: .seconds(5))
    private var byTeller: [String: Allowance] = [:]

    /// Whether an address may be asked now; if so it counts as asked.
    mutating func mayAsk(_ address: PeerAddress, toldBy teller: String, now: Instant) -> Bool {
        asked = asked.filter { now - $0.value < Self.rest }
        byTeller = byTeller.filter { !$0.value.isWhole(now) }
        let computer = address.withPort(0)
        guard asked[address] == nil, asked.keys.count(where: { $0.withPort(0) == computer }) < Self.maximumPorts,
            byTeller[teller] != nil || byTeller.count < Self.maximumTellers
        else { return false }
        var (all, one) = (all, byTeller[teller] ?? Allowance(atOnce: 16, interval: .seconds(10)))
        guard one.take(now), all.take(now) else { return false }
        (self.all, byTeller[teller]) = (all, one)
        asked[address] = now
        return true
    }

    /// A host is there: it may be asked again whenever somebody tells of it.
    mutating func answered(_ address: PeerAddress) {
        asked[address] = nil
    }
}

/// So many at once, and one more after each interval.
private struct Allowance {
    let atOnce: Int
    let interval: Duration
    /// From then on all may be taken at once again.
    private var whole: ContinuousClock.Instant?

    init(atOnce: Int, interval: Duration) {
        self.atOnce = atOnce
        self.interval = interval
    }

    func isWhole(_ now: ContinuousClock.Instant) -> Bool { whole.map { $0 <= now } ?? true }

    mutating func take(_ now: ContinuousClock.Instant) -> Bool {
        let next = max(whole ?? now, now) + interval
        guard next <= now + interval * atOnce else { return false }
        whole = next
        return true
    }
}
