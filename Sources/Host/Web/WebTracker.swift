import Metainfo
import PeerWire
import Synchronization
import TrackerEngine
import Transport
import WebWire

/// The tracker of this host's public torrents, of which it is a peer itself.
final class WebTracker: Sendable {
    private let tracker = Mutex(Tracker())
    private let own: Tracker.OwnPeer?
    private let started = ContinuousClock.now

    /// - Parameter port: where this host takes connections of peers; 0 for none.
    init(port: UInt16) {
        var random = SystemRandomNumberGenerator()
        own = port == 0 ? nil : Tracker.OwnPeer(port: port, id: PeerID.make(using: &random), isSeeder: true)
    }

    /// Tracks these and no others.
    ///
    /// - Parameter files: torrents of single files.
    func track(_ hashes: [WireInfoHash], files: [WireInfoHash]) {
        let wanted = Set(hashes)
        let files = Set(files).subtracting(wanted)
        tracker.withLock { tracker in
            for hash in tracker.listed.subtracting(wanted).subtracting(files) { tracker.unlist(hash) }
            for hash in wanted.subtracting(tracker.listed) { tracker.list(hash, own: own) }
            for hash in files.subtracting(tracker.listed) { tracker.list(hash, own: nil) }
        }
    }

    /// Tracks these too, until the next change of what is shared: torrents of single files, which this host provides by
    /// HTTP and not as a peer.
    func trackFile(_ hashes: [WireInfoHash]) {
        tracker.withLock { tracker in
            for hash in hashes where !tracker.listed.contains(hash) { tracker.list(hash, own: nil) }
        }
    }

    var swarmCount: Int { tracker.withLock { $0.listed.count } }

    func announce(_ asked: WebRequest) -> HTTPReply {
        guard case .network(let source) = asked.request.remote, let local = asked.request.local else {
            return Self.none
        }
        return Self.answer(
            tracker.withLock {
                $0.announce(query: asked.path.query ?? "", from: source, local: local, now: .now - started)
            })
    }

    func scrape(_ asked: WebRequest) -> HTTPReply {
        guard case .network(let source) = asked.request.remote else { return Self.none }
        return Self.answer(
            tracker.withLock { $0.scrape(query: asked.path.query ?? "", from: source, now: .now - started) })
    }

    private static let none = HTTPReply.text(404, "there is nothing here")

    private static func answer(_ bytes: [UInt8]) -> HTTPReply {
        .bytes(200, bytes, type: "text/plain")
    }
}
