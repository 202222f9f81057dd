import Bencode
import PeerWire

extension AnnounceResponse {
    /// The longest answer that is read.
    public static let maximumLength = 1 << 20
    /// The most peers that are taken from one answer.
    public static let maximumPeerCount = 2000
    /// Seconds between announcements where a tracker does not say.
    public static let defaultInterval: Int64 = 1800
    /// What a tracker may ask for: from half a minute to a day.
    public static let intervalRange: ClosedRange<Int64> = 30...86400

    /// Reads an answer, whichever form the peers have. Addresses at which no peer can be are left out.
    public init(decoding bytes: [UInt8]) throws(TrackerFailure) {
        let fields = try TrackerFailure.fields(of: bytes)
        self.init(
            interval: Self.interval(fields["interval"]) ?? Self.defaultInterval,
            minimumInterval: Self.interval(fields["min interval"]), peers: [],
            seederCount: Self.count(fields["complete"]), leecherCount: Self.count(fields["incomplete"]),
            warning: fields["warning message"]?.text.map { String($0.prefix(1000)) },
            trackerID: fields["tracker id"]?.bytes.flatMap { $0.count <= 256 ? $0 : nil },
            externalAddress: fields["external ip"]?.bytes.flatMap { PeerAddress(ipBytes: $0, port: 0) })
        switch fields["peers"] {
        case .string(let bytes): add(PeerAddress.decodeCompactList(bytes, ipv6: false))
        case .list(let list): for item in list { add(item) }
        default: break
        }
        if let bytes = fields["peers6"]?.bytes { add(PeerAddress.decodeCompactList(bytes, ipv6: true)) }
    }

    private mutating func add(_ addresses: [PeerAddress]?) {
        for address in addresses ?? [] { add(Peer(address: address)) }
    }

    private mutating func add(_ peer: Peer) {
        guard peer.address.isUsablePeer, peers.count < Self.maximumPeerCount else { return }
        peers.append(peer)
    }

    private mutating func add(_ item: BencodeValue) {
        guard let fields = item.dictionary, let host = fields["ip"]?.text,
            let port = fields["port"]?.integer.flatMap({ UInt16(exactly: $0) })
        else { return }
        if let address = PeerAddress(ip: host, port: port) {
            add(Peer(address: address, id: fields["peer id"]?.bytes.flatMap { PeerID($0) }))
        } else if port != 0, Self.isHostName(host), namedPeers.count < Self.maximumPeerCount {
            namedPeers.append((host, port))
        }
    }

    private static func isHostName(_ text: String) -> Bool {
        (1...253).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    private static func interval(_ value: BencodeValue?) -> Int64? {
        value?.integer.map { min(max($0, intervalRange.lowerBound), intervalRange.upperBound) }
    }

    private static func count(_ value: BencodeValue?) -> Int? {
        value?.integer.flatMap { $0 >= 0 ? Int(exactly: $0) : nil }
    }
}
