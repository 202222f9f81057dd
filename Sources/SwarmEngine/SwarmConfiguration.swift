/// The numbers that shape how a host behaves in a swarm.
public struct SwarmConfiguration: Sendable {
    /// What this host calls itself in the extension handshake (BEP 10 `v`).
    public var clientName = "Duplex 0.1"
    /// Port on which this host takes connections, told to peers (BEP 10 `p`).
    public var listenPort: UInt16?
    /// Peers that are served at the same time, one of them optimistically. More of them as long as these leave the link
    /// idle: few get their pieces sooner and so pass them on sooner.
    public var uploadSlots = 20
    /// Connections of one torrent.
    public var maximumPeers = 200
    /// Connections of one torrent that are being opened.
    public var maximumDialing = 16
    /// Requests that a peer may have waiting here; more are rejected. Told to peers (BEP 10 `reqq`).
    public var incomingRequestLimit = 1000
    /// Requests of ours that may wait at one peer. 16 MiB: enough for a second of gigabit or 20 ms of loopback.
    public var outgoingRequestLimit = 1000
    /// Bytes that may be on their way from disk to one peer's socket.
    public var uploadWindow = 2 << 20
    /// How much time's worth of requests is kept at a peer beyond the round trip.
    public var queueTime = TimeSpan.milliseconds(60)
    /// How long a verified piece may wait for others, so that peers are told of them together; zero tells at once.
    /// Whoever drives an engine with a delay hands it ``SwarmEvent/announce``.
    public var announceDelay = TimeSpan.zero
    public var chokeInterval = TimeSpan.seconds(10)
    public var optimisticInterval = TimeSpan.seconds(30)
    /// A peer that has unchoked us and delivers nothing for this long is snubbing: its blocks are asked of others.
    public var snubTime = TimeSpan.seconds(20)
    public var keepAliveTime = TimeSpan.seconds(100)
    /// A peer that says nothing for this long is gone.
    public var idleTime = TimeSpan.seconds(180)
    /// As long as peers together give this many bytes a second, web seeds (BEP 19) are spared.
    public var webSeedRelief = Double(1 << 20)
    /// How long peers that give nothing are waited for before web seeds are asked.
    public var webSeedPatience = TimeSpan.seconds(3)
    /// Largest info dictionary that is fetched from peers (BEP 9).
    public var maximumMetadataSize = 32 << 20

    /// Long enough to gather the pieces of several peers, short against what passing a piece on takes.
    public static let usualAnnounceDelay = TimeSpan.milliseconds(50)

    public init() {}
}
