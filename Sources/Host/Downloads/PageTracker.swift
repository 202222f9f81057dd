import Metainfo
import PeerWire
import TrackerEngine
import Transport
import WebWire

/// Asks the tracker that a web page's torrent names, on that same server, who has it: so an address of a page is enough
/// to reach the host behind it.
struct PageTracker {
    let client: WebClient
    let server: HTTPURL

    private static let maximumAnswerLength = 64 << 10
    private static let maximumPeers = 50

    /// Nobody if the torrent names no such tracker, or that does not answer.
    func peers(of torrent: Torrent) async -> [PeerAddress] {
        guard let hash = torrent.info.hashes.wireHashes.first,
            let tracker = torrent.trackers.joined().first(where: isHere)
        else { return [] }
        var random = SystemRandomNumberGenerator()
        var request = AnnounceRequest(
            infoHash: hash, peerID: PeerID.make(using: &random), port: ListenPreference.usualPort,
            left: torrent.info.totalSize, event: .started, wanted: Self.maximumPeers)
        guard let answer = await ask(request, tracker) else { return [] }
        // Nobody listens here yet, so nobody is to be told of this one.
        request.event = .stopped
        _ = await ask(request, tracker)
        return answer.peers.prefix(Self.maximumPeers).map(\.address).filter(\.isUsablePeer)
    }

    private func isHere(_ tracker: String) -> Bool {
        guard let url = try? HTTPURL(parsing: tracker) else { return false }
        return url.scheme == .http && url.host == server.host && url.port == server.port
    }

    private func ask(_ request: AnnounceRequest, _ tracker: String) async -> AnnounceResponse? {
        guard let text = request.url(tracker: tracker), let url = try? HTTPURL(parsing: text),
            let answer = try? await client.get(url), answer.status == 200,
            let bytes = try? await answer.stream.collect(limit: Self.maximumAnswerLength)
        else { return nil }
        return try? AnnounceResponse(decoding: bytes)
    }
}
