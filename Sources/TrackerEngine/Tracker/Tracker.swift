import Metainfo
import PeerWire
import WebWire

/// An HTTP tracker for this host's own shares (BEP 3, 7, 21, 23, 24, 31, 48), without sockets or a clock: the query of a
/// request, the address it came from and the present moment go in, the body of the answer comes out.
///
/// Only torrents that were listed are tracked. A peer is where its request came from, with the port it tells. The host
/// itself is a peer of its torrents, at the address by which the asker reached it.
public struct Tracker: Sendable {
    let configuration: TrackerConfiguration
    var torrents: [WireInfoHash: Torrent] = [:]
    var peerCount = 0
    private var flood = FloodGuard()

    struct Torrent: Sendable {
        var swarm = TrackedSwarm()
        var own: OwnPeer?
    }

    /// This host's part in a torrent.
    public struct OwnPeer: Sendable, Equatable {
        public var port: UInt16
        public var id: PeerID
        public var isSeeder: Bool

        public init(port: UInt16, id: PeerID, isSeeder: Bool) {
            self.port = port
            self.id = id
            self.isSeeder = isSeeder
        }
    }

    public init(_ configuration: TrackerConfiguration = TrackerConfiguration()) {
        self.configuration = configuration
    }

    /// Begins to track a torrent, or changes this host's part in it. A hybrid is listed under both of its hashes.
    public mutating func list(_ hash: WireInfoHash, own: OwnPeer?) {
        torrents[hash, default: Torrent()].own = own
    }

    /// Tracks it no longer and forgets its peers.
    public mutating func unlist(_ hash: WireInfoHash) {
        if let torrent = torrents.removeValue(forKey: hash) { peerCount -= torrent.swarm.peers.count }
    }

    /// The torrents that are tracked.
    public var listed: Set<WireInfoHash> { Set(torrents.keys) }

    /// Answers an announcement.
    ///
    /// - Parameters:
    ///   - query: what follows the `?` of the request.
    ///   - source: where it came from; the port does not matter.
    ///   - local: by which address of this host, for naming the host itself.
    ///   - now: from any fixed start.
    public mutating func announce(query: String, from source: PeerAddress, local: PeerAddress, now: Duration) -> [UInt8]
    {
        guard flood.admit(source, now: now, configuration) else { return Self.slower }
        do throws(TrackerRequestError) {
            let request = try AnnounceRequest(parsing: QueryParameters(parsing: query))
            return answer(request, from: source, local: local, now: now)
        } catch {
            return TrackerFailure.encoded(reason: error.rawValue)
        }
    }

    /// Answers a scrape; torrents that are not tracked are left out.
    public mutating func scrape(query: String, from source: PeerAddress, now: Duration) -> [UInt8] {
        guard flood.admit(source, now: now, configuration) else { return Self.slower }
        do throws(TrackerRequestError) {
            let request = try ScrapeRequest(parsing: QueryParameters(parsing: query))
            var swarms: [WireInfoHash: ScrapeResponse.Swarm] = [:]
            for hash in request.hashes {
                sweep(hash, now: now)
                guard let torrent = torrents[hash] else { continue }
                let (seeders, leechers) = torrent.counts
                swarms[hash] = ScrapeResponse.Swarm(
                    seederCount: Int64(seeders), leecherCount: Int64(leechers),
                    completedCount: torrent.swarm.completedCount,
                    downloaderCount: Int64(leechers - torrent.swarm.pausedCount))
            }
            return ScrapeResponse(swarms: swarms).encoded()
        } catch {
            return TrackerFailure.encoded(reason: error.rawValue)
        }
    }

    mutating func sweep(_ hash: WireInfoHash, now: Duration) {
        guard let before = torrents[hash]?.swarm.peers.count else { return }
        torrents[hash]?.swarm.sweep(now: now, lifetime: configuration.lifetime)
        peerCount -= before - (torrents[hash]?.swarm.peers.count ?? 0)
    }

    private static let slower = TrackerFailure.encoded(reason: "too many requests", retry: .minutes(1))
}

extension Tracker.Torrent {
    /// Seeders and leechers, this host included.
    var counts: (seeders: Int, leechers: Int) {
        let own = own.map { $0.isSeeder ? (1, 0) : (0, 1) } ?? (0, 0)
        return (swarm.seederCount + own.0, swarm.leecherCount + own.1)
    }
}
