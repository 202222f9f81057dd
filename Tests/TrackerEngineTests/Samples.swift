import Metainfo
import PeerWire
import TrackerEngine

enum Samples {
    static func hash(_ seed: UInt8) throws -> WireInfoHash {
        guard let hash = WireInfoHash((0..<20).map { seed &+ $0 &* 13 }) else { throw Missing() }
        return hash
    }

    static func peer(_ number: UInt8) throws -> PeerID {
        guard let id = PeerID(Array("-DX0100-".utf8) + Array(repeating: number, count: 12)) else { throw Missing() }
        return id
    }

    static func address(_ text: String) throws -> PeerAddress {
        guard let address = PeerAddress(parsing: text) else { throw Missing() }
        return address
    }

    struct Missing: Error {}
}

/// A tracker with one torrent, and peers that announce themselves to it.
struct TrackerBench {
    var tracker: Tracker
    let hash: WireInfoHash
    let local: PeerAddress
    var now = Duration.seconds(1000)

    init(_ configuration: TrackerConfiguration = TrackerConfiguration(), own: Tracker.OwnPeer? = nil) throws {
        tracker = Tracker(configuration)
        hash = try Samples.hash(1)
        local = try Samples.address("192.0.2.1:80")
        tracker.list(hash, own: own)
    }

    mutating func raw(_ request: AnnounceRequest, from source: PeerAddress) throws -> [UInt8] {
        guard let url = request.url(tracker: "http://tracker/announce"),
            let query = url.split(separator: "?", maxSplits: 1).last
        else { throw Samples.Missing() }
        return tracker.announce(query: String(query), from: source, local: local, now: now)
    }

    mutating func announce(
        _ number: UInt8, from address: String, left: Int64 = 100, event: AnnounceEvent? = nil, wanted: Int? = nil
    ) throws -> AnnounceResponse {
        let address = try Samples.address(address)
        let request = AnnounceRequest(
            infoHash: hash, peerID: try Samples.peer(number), port: address.port, left: left, event: event,
            wanted: wanted)
        return try AnnounceResponse(decoding: raw(request, from: address.withPort(40_000)))
    }
}

extension AnnounceResponse {
    var addresses: [String] { peers.map(\.address.description).sorted() }
}
