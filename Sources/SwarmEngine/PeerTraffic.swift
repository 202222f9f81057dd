import PeerWire

extension SwarmEngine {
    /// Payload bytes between this host and another one in this swarm, over all their connections.
    public struct PeerTraffic: Sendable, Equatable {
        /// Where it takes connections, or where its connection came from as long as that is unknown.
        public var address: PeerAddress
        public var downloaded: Int64
        public var uploaded: Int64

        public init(address: PeerAddress, downloaded: Int64, uploaded: Int64) {
            self.address = address
            self.downloaded = downloaded
            self.uploaded = uploaded
        }
    }

    /// What went between this host and each other one, those with the most first; gone ones included.
    public var traffic: [PeerTraffic] {
        var sums = departedTraffic
        for peer in orderedPeers { sums.add(peer.traffic) }
        return sums.all.sorted {
            let (left, right) = ($0.downloaded + $0.uploaded, $1.downloaded + $1.uploaded)
            return left != right ? left > right : $0.address.description < $1.address.description
        }
    }
}

extension Peer {
    var traffic: SwarmEngine.PeerTraffic {
        SwarmEngine.PeerTraffic(
            address: listenAddress ?? introduction.address, downloaded: download.total, uploaded: upload.total)
    }
}

/// Sums of traffic by address. Strangers come and go: when there are many, those with the least are forgotten.
struct DepartedTraffic {
    private static let capacity = 1024
    private var sums: [PeerAddress: SwarmEngine.PeerTraffic] = [:]

    var all: [SwarmEngine.PeerTraffic] { Array(sums.values) }

    mutating func add(_ traffic: SwarmEngine.PeerTraffic) {
        guard traffic.downloaded > 0 || traffic.uploaded > 0 else { return }
        sums[traffic.address, default: .init(address: traffic.address, downloaded: 0, uploaded: 0)]
            .downloaded += traffic.downloaded
        sums[traffic.address]?.uploaded += traffic.uploaded
        guard sums.count > Self.capacity else { return }
        let least = sums.values.min { $0.downloaded + $0.uploaded < $1.downloaded + $1.uploaded }
        if let least { sums[least.address] = nil }
    }
}
