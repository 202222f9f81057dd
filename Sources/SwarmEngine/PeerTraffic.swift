import PeerWire

extension SwarmEngine {
    /// Payload bytes between this host and another one in this swarm, over all their connections.
    public struct PeerTraffic: Sendable, Equatable {
        /// Where it takes connections, or where its connection came from as long as that is unknown.
        public var address: PeerAddress
        /// What it is called if it is a web seed; its address may be unknown then.
        public var webSeed: String?
        public var downloaded: Int64
        public var uploaded: Int64

        public init(address: PeerAddress, webSeed: String? = nil, downloaded: Int64, uploaded: Int64) {
            self.address = address
            self.webSeed = webSeed
            self.downloaded = downloaded
            self.uploaded = uploaded
        }

        /// How a user knows it.
        public var name: String { webSeed ?? address.description }
    }

    /// What went between this host and each other one, but not within it, those with the most first; gone ones included.
    public var traffic: [PeerTraffic] {
        var sums = departedTraffic
        for peer in orderedPeers where !peer.introduction.isOwnHost { sums.add(peer.traffic) }
        return sums.all.sorted {
            let (left, right) = ($0.downloaded + $0.uploaded, $1.downloaded + $1.uploaded)
            return left != right ? left > right : $0.name < $1.name
        }
    }
}

extension Peer {
    var traffic: SwarmEngine.PeerTraffic {
        SwarmEngine.PeerTraffic(
            address: listenAddress ?? introduction.address, webSeed: introduction.webSeed, downloaded: download.total,
            uploaded: upload.total)
    }
}

/// Sums of traffic by address. Strangers come and go: when there are many, those with the least are forgotten.
struct DepartedTraffic {
    private static let capacity = 1024
    private enum Partner: Hashable {
        case peer(PeerAddress)
        case webSeed(String)
    }
    private var sums: [Partner: SwarmEngine.PeerTraffic] = [:]

    var all: [SwarmEngine.PeerTraffic] { Array(sums.values) }

    mutating func add(_ traffic: SwarmEngine.PeerTraffic) {
        guard traffic.downloaded > 0 || traffic.uploaded > 0 else { return }
        let partner = Self.partner(traffic)
        let none = SwarmEngine.PeerTraffic(
            address: traffic.address, webSeed: traffic.webSeed, downloaded: 0, uploaded: 0)
        sums[partner, default: none].downloaded += traffic.downloaded
        sums[partner]?.uploaded += traffic.uploaded
        guard sums.count > Self.capacity else { return }
        let least = sums.values.min { $0.downloaded + $0.uploaded < $1.downloaded + $1.uploaded }
        if let least { sums[Self.partner(least)] = nil }
    }

    private static func partner(_ traffic: SwarmEngine.PeerTraffic) -> Partner {
        traffic.webSeed.map(Partner.webSeed) ?? .peer(traffic.address)
    }
}
