import DiscoveryWire
import Metainfo
import PeerWire

/// Tells neighbours which torrents this host has, and hears what they have (BEP 14).
struct LocalSearcher: Sendable {
    private static let interval = Duration.seconds(300)
    private static let leastInterval = Duration.seconds(60)
    /// A round is told three times, as libtorrent does: multicast gets lost.
    private static let repeats = [Duration.zero, .seconds(2), .seconds(6)]
    /// As many torrents as these take a datagram each, which the simplest of other programs can read.
    private static let singly = 5
    private static let datagramsPerRound = 20

    private struct Round: Sendable {
        var started: Duration
        var sent = 0
        /// Where in the list of torrents it begins.
        var offset = 0
        var next: Duration
    }

    private let cookie: String
    private var torrents: [WireInfoHash] = []
    private var known: Set<WireInfoHash> = []
    private var port: UInt16 = 0
    private var rounds: [LinkID: Round] = [:]
    private var hearing = PeerHearing()

    init(cookie: String) {
        self.cookie = cookie
    }

    var deadline: Duration? { torrents.isEmpty || port == 0 ? nil : rounds.values.map(\.next).min() }

    mutating func announce(_ list: [WireInfoHash], port: UInt16, network: Network, now: Duration) {
        let isNew = port != self.port || list.contains { !known.contains($0) }
        self.port = port
        known = Set(list)
        torrents =
            list.reduce(into: (list: [WireInfoHash](), seen: Set<WireInfoHash>())) {
                if $0.seen.insert($1).inserted { $0.list.append($1) }
            }.list
        hearing.keep(known)
        if isNew { hurry(network: network, now: now) }
    }

    /// A new link is told at once, one that comes back not sooner than its minute is over.
    mutating func networkChanged(to network: Network, now: Duration) {
        let links = Set(network.links)
        rounds = rounds.filter { links.contains($0.key) || now - $0.value.started < Self.leastInterval }
        hurry(network: network, now: now, onlyNew: true)
    }

    mutating func woke(network: Network, now: Duration) {
        hurry(network: network, now: now)
    }

    mutating func stop() {
        torrents = []
        known = []
        rounds = [:]
    }

    mutating func tick(network: Network, now: Duration, outbox: inout Outbox) {
        guard !torrents.isEmpty, port != 0 else { return }
        for link in network.links {
            guard var round = rounds[link], round.next <= now else { continue }
            if round.sent == Self.repeats.count {
                round = Round(started: now, offset: round.offset + roundLength, next: now)
            } else if round.sent == 0 {
                round.started = now
            }
            for datagram in datagrams(from: round.offset, ipv6: link.family == .ipv6) {
                outbox.search(datagram, on: link)
            }
            round.sent += 1
            round.next =
                round.started + (round.sent < Self.repeats.count ? Self.repeats[round.sent] : Self.interval)
            rounds[link] = round
        }
        // A link that is gone must not keep its instant.
        for link in rounds.keys where !network.links.contains(link) { rounds[link]?.next = now + Self.interval }
    }

    mutating func heard(_ datagram: ReceivedDatagram, network: Network, now: Duration, outbox: inout Outbox) {
        guard network.isNeighbour(datagram.source, on: datagram.link.interface),
            let search = try? LocalSearch(decoding: datagram.bytes), search.cookie != cookie
        else { return }
        let address = datagram.source.withPort(search.port)
        guard address.isUsablePeer else { return }
        for hash in search.infoHashes where known.contains(hash) && hearing.isNews(hash, address, now: now) {
            outbox.tell(.peer(hash, address))
        }
    }

    // MARK: Helpers

    private var hashesPerDatagram: Int { torrents.count <= Self.singly ? 1 : LocalSearch.hashesPerDatagram }

    /// How many torrents one round names.
    private var roundLength: Int { min(torrents.count, Self.datagramsPerRound * hashesPerDatagram) }

    private func datagrams(from offset: Int, ipv6: Bool) -> [[UInt8]] {
        let chosen = (0..<roundLength).map { torrents[(offset + $0) % torrents.count] }
        return stride(from: 0, to: chosen.count, by: hashesPerDatagram).map { start in
            let hashes = Array(chosen[start..<min(start + hashesPerDatagram, chosen.count)])
            return LocalSearch(port: port, infoHashes: hashes, cookie: cookie).encoded(ipv6: ipv6)
        }
    }

    /// Begins a round on each link as soon as its minute is over.
    private mutating func hurry(network: Network, now: Duration, onlyNew: Bool = false) {
        for link in network.links {
            guard var round = rounds[link] else {
                rounds[link] = Round(started: now, next: now)
                continue
            }
            guard !onlyNew || round.next > now + Self.leastInterval, round.sent > 0 else { continue }
            let earliest = max(now, round.started + Self.leastInterval)
            round = Round(started: earliest, offset: round.offset, next: earliest)
            rounds[link] = round
        }
    }
}
