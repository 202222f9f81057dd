import Bencode
import PeerWire

/// What a tracker answers (BEP 3, BEP 7, BEP 23, BEP 24).
public struct AnnounceResponse: Sendable, Equatable {
    /// A peer as the tracker knows it.
    public struct Peer: Sendable, Equatable {
        public var address: PeerAddress
        public var id: PeerID?

        public init(address: PeerAddress, id: PeerID? = nil) {
            self.address = address
            self.id = id
        }
    }

    /// Seconds until the next announcement.
    public var interval: Int64
    /// Seconds that must pass before another one.
    public var minimumInterval: Int64?
    public var peers: [Peer]
    /// Peers that were named by a host name, as BEP 3 allows: name and port, not looked up.
    public var namedPeers: [(host: String, port: UInt16)] = []
    public var seederCount: Int?
    public var leecherCount: Int?
    public var warning: String?
    public var trackerID: [UInt8]?
    /// Where the tracker saw the request come from (BEP 24); the port means nothing.
    public var externalAddress: PeerAddress?

    public init(
        interval: Int64, minimumInterval: Int64? = nil, peers: [Peer], seederCount: Int? = nil,
        leecherCount: Int? = nil, warning: String? = nil, trackerID: [UInt8]? = nil,
        externalAddress: PeerAddress? = nil
    ) {
        self.interval = interval
        self.minimumInterval = minimumInterval
        self.peers = peers
        self.seederCount = seederCount
        self.leecherCount = leecherCount
        self.warning = warning
        self.trackerID = trackerID
        self.externalAddress = externalAddress
    }

    public static func == (left: AnnounceResponse, right: AnnounceResponse) -> Bool {
        left.encoded(isCompact: false, omitsPeerIDs: false) == right.encoded(isCompact: false, omitsPeerIDs: false)
            && left.namedPeers.elementsEqual(right.namedPeers) { $0 == $1 }
    }
}

extension AnnounceResponse {
    /// The body that a tracker sends.
    public func encoded(isCompact: Bool, omitsPeerIDs: Bool) -> [UInt8] {
        var fields = BencodeDictionary()
        fields.set("interval", .integer(interval))
        if let minimumInterval { fields.set("min interval", .integer(minimumInterval)) }
        if let seederCount { fields.set("complete", .integer(Int64(seederCount))) }
        if let leecherCount { fields.set("incomplete", .integer(Int64(leecherCount))) }
        if let warning { fields.set("warning message", .text(warning)) }
        if let trackerID { fields.set("tracker id", .string(trackerID)) }
        if let externalAddress { fields.set("external ip", .string(externalAddress.ipBytes)) }
        if isCompact {
            let (newer, older) = (peers.filter(\.address.isIPv6), peers.filter { !$0.address.isIPv6 })
            fields.set("peers", .string(older.flatMap(\.address.compact)))
            if !newer.isEmpty { fields.set("peers6", .string(newer.flatMap(\.address.compact))) }
        } else {
            fields.set("peers", .list(peers.map { $0.encoded(omitsID: omitsPeerIDs) }))
        }
        return BencodeValue.dictionary(fields).encoded()
    }
}

extension AnnounceResponse.Peer {
    fileprivate func encoded(omitsID: Bool) -> BencodeValue {
        var fields = BencodeDictionary()
        fields.set("ip", .text(address.ipText))
        fields.set("port", .integer(Int64(address.port)))
        if !omitsID, let id { fields.set("peer id", .string(id.bytes)) }
        return .dictionary(fields)
    }
}
