import Metainfo
import PeerWire
import TrackerEngine
import WebWire

/// A request to our tracker, and what a tracker sends to us. An answer of ours can be read, never names the asker and never
/// more than there is room for.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTracker(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    if let answer = try? AnnounceResponse(decoding: bytes) {
        precondition(answer.peers.count <= AnnounceResponse.maximumPeerCount)
        precondition(answer.peers.allSatisfy(\.address.isUsablePeer))
        precondition((try? AnnounceResponse(decoding: answer.encoded(isCompact: true, omitsPeerIDs: true))) != nil)
    }
    _ = try? ScrapeResponse(decoding: bytes)
    let text = String(decoding: bytes, as: UTF8.self)
    _ = TrackerURL.scrape(for: text)
    ask(text)
    return 0
}

private func ask(_ queries: String) {
    guard let hash = WireInfoHash(Array(repeating: 1, count: 20)),
        let own = PeerID(Array("-DX0100-aaaaaaaaaaaa".utf8))
    else { return }
    var configuration = TrackerConfiguration()
    configuration.maximumPeersOfTorrent = 8
    configuration.maximumPeersOfAddress = 2
    var tracker = Tracker(configuration)
    tracker.list(hash, own: Tracker.OwnPeer(port: 7, id: own, isSeeder: true))
    let local = PeerAddress(ipv4: 0x0A00_0001, port: 80)
    for (index, query) in queries.split(separator: "\n").prefix(32).enumerated() {
        let source = PeerAddress(ipv4: 0x0A00_0010 + UInt32(index % 7), port: 9)
        let now = Duration.seconds(index * 60)
        let body = tracker.announce(query: String(query), from: source, local: local, now: now)
        if let answer = try? AnnounceResponse(decoding: body) {
            guard let request = try? AnnounceRequest(parsing: QueryParameters(parsing: String(query))) else {
                preconditionFailure("answered what cannot be read")
            }
            precondition(answer.peers.count <= 9)
            precondition(!answer.peers.contains { $0.address == source.withPort(request.port) })
            precondition(request.url(tracker: "http://t/announce") != nil)
        }
        _ = tracker.scrape(query: String(query), from: source, now: now)
    }
}
