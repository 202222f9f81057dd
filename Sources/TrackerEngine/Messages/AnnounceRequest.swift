import Metainfo
import PeerWire
import WebWire

/// What a peer tells a tracker (BEP 3, BEP 7, BEP 23).
public struct AnnounceRequest: Sendable, Equatable {
    /// The v1 info-hash, or the first 20 bytes of the v2 one.
    public var infoHash: WireInfoHash
    public var peerID: PeerID
    /// Where the peer listens; never 0.
    public var port: UInt16
    public var uploaded: Int64
    public var downloaded: Int64
    /// Bytes that are missing; 0 for a seeder.
    public var left: Int64
    public var event: AnnounceEvent?
    /// How many peers it would like; nil leaves it to the tracker.
    public var wanted: Int?
    /// Whether peers may come as bytes (BEP 23).
    public var isCompact: Bool
    /// Whether ids may be left out where peers do not come as bytes.
    public var omitsPeerIDs: Bool
    /// A secret by which the tracker knows the peer although its address changes.
    public var key: UInt32?
    /// What the tracker said in `tracker id`.
    public var trackerID: [UInt8]?

    public init(
        infoHash: WireInfoHash, peerID: PeerID, port: UInt16, uploaded: Int64 = 0, downloaded: Int64 = 0, left: Int64,
        event: AnnounceEvent? = nil, wanted: Int? = nil, isCompact: Bool = true, omitsPeerIDs: Bool = true,
        key: UInt32? = nil, trackerID: [UInt8]? = nil
    ) {
        self.infoHash = infoHash
        self.peerID = peerID
        self.port = port
        self.uploaded = uploaded
        self.downloaded = downloaded
        self.left = left
        self.event = event
        self.wanted = wanted
        self.isCompact = isCompact
        self.omitsPeerIDs = omitsPeerIDs
        self.key = key
        self.trackerID = trackerID
    }
}

extension AnnounceRequest {
    /// Reads the query of a request; says what is missing.
    ///
    /// `ip`, `ipv4` and `ipv6` are not read: a peer is where its request comes from (BEP 7), or else anybody could send
    /// a swarm to anybody.
    public init(parsing query: QueryParameters) throws(TrackerRequestError) {
        guard let hash = query.bytes("info_hash").flatMap({ WireInfoHash($0) }) else { throw .invalidInfoHash }
        guard let peerID = query.bytes("peer_id").flatMap({ PeerID($0) }) else { throw .invalidPeerID }
        guard let port = query.number("port").flatMap({ UInt16(exactly: $0) }), port != 0 else { throw .invalidPort }
        self.init(
            infoHash: hash, peerID: peerID, port: port, uploaded: query.number("uploaded") ?? 0,
            downloaded: query.number("downloaded") ?? 0,
            // Who does not say what is missing is not taken for a seeder.
            left: query.number("left") ?? .max, event: query.text("event").flatMap { AnnounceEvent(rawValue: $0) },
            wanted: query.number("numwant").map { Int($0) },
            // Without a word the older form is sent: who knows the newer one says so.
            isCompact: query.text("compact") == "1", omitsPeerIDs: query.text("no_peer_id") == "1",
            key: query.text("key").flatMap { UInt32($0, radix: 16) }, trackerID: query.bytes("trackerid"))
    }

    /// The address to ask: the tracker's with this request in its query. Nil unless it is one of HTTP.
    public func url(tracker: String) -> String? {
        guard TrackerURL.isHTTP(tracker) else { return nil }
        var fields: [(String, String)] = [
            ("info_hash", PercentCoding.encoded(bytes: infoHash.bytes)),
            ("peer_id", PercentCoding.encoded(bytes: peerID.bytes)), ("port", String(port)),
            ("uploaded", String(uploaded)), ("downloaded", String(downloaded)), ("left", String(left)),
        ]
        if let key { fields.append(("key", Self.eightDigits(key))) }
        if let event { fields.append(("event", event.rawValue)) }
        if let wanted { fields.append(("numwant", String(wanted))) }
        fields.append(("compact", isCompact ? "1" : "0"))
        if omitsPeerIDs { fields.append(("no_peer_id", "1")) }
        if let trackerID { fields.append(("trackerid", PercentCoding.encoded(bytes: trackerID))) }
        return TrackerURL.adding(fields, to: tracker)
    }

    /// As libtorrent writes it.
    private static func eightDigits(_ key: UInt32) -> String {
        let digits = String(key, radix: 16, uppercase: true)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}

/// What is wrong with a request. The text is sent as `failure reason`.
public enum TrackerRequestError: String, Error, Equatable, Sendable {
    case invalidInfoHash = "info_hash must be 20 bytes"
    case invalidPeerID = "peer_id must be 20 bytes"
    case invalidPort = "port must be from 1 to 65535"
    case tooManyHashes = "too many torrents in one scrape"
    case missingHashes = "scrape needs info_hash"
}

extension QueryParameters {
    /// A decimal number that is not negative; what does not fit 64 bits is none.
    fileprivate func number(_ name: String) -> Int64? {
        guard let digits = bytes(name), !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(String(decoding: digits, as: UTF8.self))
    }
}
