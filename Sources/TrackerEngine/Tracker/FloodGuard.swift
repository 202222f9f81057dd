import PeerWire

/// Counts requests by source within a window of time, in bounded memory.
struct FloodGuard: Sendable {
    private var counts: [[UInt8]: Int] = [:]
    private var windowStart: Duration?

    /// Counts one request; false when its source has had its share of this window.
    mutating func admit(_ source: PeerAddress, now: Duration, _ configuration: TrackerConfiguration) -> Bool {
        if windowStart.map({ now - $0 >= configuration.floodWindow || now < $0 }) ?? true {
            windowStart = now
            counts.removeAll(keepingCapacity: true)
        }
        // Whoever has one IPv6 address has as many as it likes of the same network.
        var key = Array(source.ipBytes.prefix(source.isIPv6 ? 8 : 4))
        if counts[key] == nil, counts.count >= configuration.maximumCountedAddresses { key = [] }
        counts[key, default: 0] += 1
        return counts[key, default: 0] <= configuration.maximumRequests
    }
}
