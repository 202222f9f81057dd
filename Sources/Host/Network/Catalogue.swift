import Metainfo
import NIOCore
import PeerWire
import Storage
import Synchronization
import Transport
import WebWire

/// What this host tells others over HTTP at its port: a document on itself, and of each public share its signed version,
/// its torrent and lists of its folders. Read-only, from a snapshot.
final class Catalogue: HTTPService {
    struct Offer: Sendable {
        let torrent: Torrent
        let directory: String
        let rootName: String
        /// The signed version, as it goes over the wire.
        let version: [UInt8]
        /// What each file was like when it was hashed; nil for padding and where that is not known.
        var stamps: [FileStamp?] = []
        /// The torrents of versions before, encoded, by the names that ``tag(of:)`` gives them.
        var earlier: [String: [UInt8]] = [:]

        /// The entity tag of a torrent: what tells it from those of other versions.
        static func tag(of hashes: InfoHashes) -> String { "\"\(hashes.v2?.hex ?? hashes.v1?.hex ?? "")\"" }

        /// What a difference from the torrent of an earlier version is called.
        fileprivate func difference(from tag: String) -> String { tag + Self.tag(of: torrent.info.hashes) }
    }

    private struct Snapshot: Sendable {
        var document: HostDocument?
        var offers: [String: Offer] = [:]
        /// Torrents that were asked for, encoded once: those who ask and do not read share the memory.
        var encoded: [InfoHashes: ByteBuffer] = [:]
        /// And the differences that were asked for, by the tags of both; each is work that nobody should have done twice.
        var differences: [String: ByteBuffer] = [:]
    }

    static let base = "/duplex"
    /// By it a host that asks says where it can be asked.
    static let portHeader = "duplex-port"

    private let snapshot = Mutex(Snapshot())
    private let asked = Mutex<(@Sendable (PeerAddress) -> Void)?>(nil)
    private let pool: DiskPool

    init(pool: DiskPool) {
        self.pool = pool
    }

    func publish(_ document: HostDocument, offers: [String: Offer]) {
        let hashes = Set(offers.values.map(\.torrent.info.hashes))
        snapshot.withLock { snapshot in
            let encoded = snapshot.encoded.filter { hashes.contains($0.key) }
            let names = Set(offers.values.flatMap { offer in offer.earlier.keys.map { offer.difference(from: $0) } })
            let differences = snapshot.differences.filter { names.contains($0.key) }
            snapshot = Snapshot(document: document, offers: offers, encoded: encoded, differences: differences)
        }
    }

    /// The document alone, when nothing is offered anew.
    func publish(_ document: HostDocument) {
        snapshot.withLock { $0.document = document }
    }

    func answer(_ request: HTTPRequest) async -> HTTPReply {
        guard request.method == "GET" || request.method == "HEAD" else {
            return .text(405, "only GET and HEAD", headers: [("allow", "GET, HEAD")])
        }
        guard let target = RequestTarget(request.target), target.path.first == "duplex" else {
            return .text(404, "there is nothing here; this is a Duplex host")
        }
        let path = target.path.dropFirst()
        if path == ["host"] {
            tell(of: request)
            guard let document = snapshot.withLock({ $0.document }) else { return .text(503, "starting") }
            return .json(
                200, document, headers: [("date", HTTPDate(secondsSinceEpoch: SystemClock.secondsNow).description)])
        }
        guard path.count == 3, path.first == "shares", let offer = offer(path[2]) else {
            if path.count == 3, path.first == "shares", isMissing(path[2]) {
                return .text(503, "this share has no files now")
            }
            return .text(
                404, path.first == "shares" ? "this host offers no share of that name" : "there is nothing here")
        }
        switch path[3] {
        case "version":
            return .bytes(200, offer.version, type: "application/x-bencode")
        case "torrent":
            return await torrent(of: offer, for: request)
        case "entries":
            let list = await pool.value { EntryList.entries(of: offer, at: target.query["path"] ?? "") }
            return list.map { .json(200, $0) } ?? .text(404, "there is no such file or folder in this share")
        default:
            return .text(404, "there is nothing here")
        }
    }

    /// - Parameter asked: called with the addresses of hosts that ask, where multicast may not tell of them.
    func listen(_ asked: @escaping @Sendable (PeerAddress) -> Void) {
        self.asked.withLock { $0 = asked }
    }

    private func tell(of request: HTTPRequest) {
        guard case .network(let remote) = request.remote,
            let port = request.header(Self.portHeader).flatMap(UInt16.init), port > 0
        else { return }
        asked.withLock(\.self)?(remote.withPort(port))
    }

    /// The torrent, or for somebody who has that of an earlier version, its difference from that one (RFC 3229).
    private func torrent(of offer: Offer, for request: HTTPRequest) async -> HTTPReply {
        let tag = Offer.tag(of: offer.torrent.info.hashes)
        let takesDifference = request.header("a-im")?.split(separator: ",").contains { $0.trimmed == "vcdiff" } ?? false
        let known = request.header("if-none-match")?.split(separator: ",").map(\.trimmed) ?? []
        if known.contains(tag) { return HTTPReply(status: 304, headers: [("etag", tag)]) }
        let whole = await encoded(offer.torrent)
        guard takesDifference, let base = known.first(where: { offer.earlier[$0] != nil }),
            let before = offer.earlier[base]
        else { return .buffer(200, whole, type: "application/x-bittorrent", headers: [("etag", tag)]) }
        return .buffer(
            226, await difference(before, whole, offer.difference(from: base)), type: "application/x-bittorrent",
            headers: [("etag", tag), ("im", "vcdiff"), ("delta-base", base)])
    }

    private func difference(_ before: [UInt8], _ whole: ByteBuffer, _ name: String) async -> ByteBuffer {
        if let known = snapshot.withLock({ $0.differences[name] }) { return known }
        let made = await pool.value {
            ByteBuffer(bytes: VCDiff.delta(from: before, to: Array(whole.readableBytesView)))
        }
        return snapshot.withLock { snapshot in
            let isWanted = snapshot.offers.values.contains { offer in
                offer.earlier.keys.contains { offer.difference(from: $0) == name }
            }
            guard isWanted else { return made }
            let shared = snapshot.differences[name] ?? made
            snapshot.differences[name] = shared
            return shared
        }
    }

    private func encoded(_ torrent: Torrent) async -> ByteBuffer {
        let hashes = torrent.info.hashes
        if let known = snapshot.withLock({ $0.encoded[hashes] }) { return known }
        let bytes = await pool.value { ByteBuffer(bytes: torrent.encoded()) }
        return snapshot.withLock { snapshot in
            guard snapshot.offers.values.contains(where: { $0.torrent.info.hashes == hashes }) else { return bytes }
            let shared = snapshot.encoded[hashes] ?? bytes
            snapshot.encoded[hashes] = shared
            return shared
        }
    }

    private func isMissing(_ name: String) -> Bool {
        snapshot.withLock { $0.document?.missing?.contains(name) ?? false }
    }

    private func offer(_ name: String) -> Offer? { snapshot.withLock { $0.offers[name] } }
}

extension Substring {
    /// Without blanks at either end.
    fileprivate var trimmed: String {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
