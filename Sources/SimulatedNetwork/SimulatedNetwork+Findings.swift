import SwarmEngine

/// What whoever runs a simulation wants to know of it.
extension SimulatedNetwork {
    /// When a host had the whole of a torrent, or of what was streamed to it.
    public func completion(of torrent: TorrentNumber, at host: HostNumber) -> Instant? {
        if let end = streamEnds[host] { return end }
        return slot(torrent, host)?.completedAt
    }

    /// Payload bytes of blocks or streams that a host has received and sent.
    public func traffic(at host: HostNumber) -> (received: Int64, sent: Int64) {
        hosts[host.index].slots.reduce(hosts[host.index].streamed) { ($0.received + $1.received, $0.sent + $1.sent) }
    }

    /// Payload bytes from each host to each other one that arrived.
    public func served() -> [HostNumber: [HostNumber: Int64]] {
        var sums: [HostNumber: [HostNumber: Int64]] = [:]
        for index in flows.indices where flows[index].delivered > 0 {
            let (from, to) = (HostNumber(Int(flows[index].host)), HostNumber(Int(flows[index ^ 1].host)))
            sums[from, default: [:]][to, default: 0] += flows[index].delivered
        }
        return sums
    }

    /// Payload bytes that a host's link carried up and that arrived, whatever they were.
    func carriedUp(at host: HostNumber) -> Int64 {
        flows.reduce(0) { Int($1.host) == host.index ? $0 + $1.carried : $0 }
    }

    public func status(of torrent: TorrentNumber, at host: HostNumber) -> SwarmStatus? {
        slot(torrent, host)?.engine.status
    }

    /// Whether a host has been told to start, and has neither stopped nor crashed.
    public func isOnline(_ host: HostNumber) -> Bool { hosts[host.index].isOnline }

    private func slot(_ torrent: TorrentNumber, _ host: HostNumber) -> TorrentSlot? {
        hosts[host.index].slots.first { $0.torrent == torrent.index }
    }
}
