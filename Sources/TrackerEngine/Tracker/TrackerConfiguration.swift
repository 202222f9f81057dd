/// How a tracker behaves and how much it takes on.
public struct TrackerConfiguration: Sendable, Equatable {
    /// Seconds between a peer's announcements.
    public var interval: Int64 = 600
    /// Seconds that must pass between two of them.
    public var minimumInterval: Int64 = 60
    /// How long a peer is named after its last word.
    public var lifetime: Duration = .seconds(1260)
    /// Peers named to one who does not say how many it wants, and to one who wants more than anybody needs.
    public var defaultWanted = 50
    public var maximumWanted = 200
    /// The most peers of one torrent, and of all together.
    public var maximumPeersOfTorrent = 2000
    public var maximumPeers = 50_000
    /// The most peers of one torrent at one address: several programs behind one router, but no army of invented ones.
    public var maximumPeersOfAddress = 16
    /// The most requests from one address within ``floodWindow``; a network of IPv6 (64 bits) counts as one.
    public var maximumRequests = 200
    public var floodWindow: Duration = .seconds(10)
    /// The most addresses that are counted one by one; the others share one count.
    public var maximumCountedAddresses = 4096

    public init() {}
}
