import SwarmEngine

/// A host's link to the network: what it carries and how well.
public struct LinkProfile: Sendable, Equatable {
    /// Bits a second from the host and to it, headers of Ethernet, IP and TCP counted.
    public var up: Double
    public var down: Double
    /// The time that a packet takes to the middle of the network.
    public var delay: TimeSpan
    /// The part (0..<1) of packets that is lost.
    public var loss: Double

    public init(up: Double, down: Double, delay: TimeSpan = .milliseconds(1), loss: Double = 0) {
        self.up = max(up, 1)
        self.down = max(down, 1)
        self.delay = delay
        self.loss = min(max(loss, 0), 0.95)
    }

    /// TCP payload in a full packet, and what the packet takes on an Ethernet wire (with TCP timestamps).
    public static let payloadPerPacket = 1448
    public static let bytesPerPacket = 1514

    /// The part of a link's rate that is left for payload.
    public static let payloadShare = Double(payloadPerPacket) / Double(bytesPerPacket)

    /// The time that payload takes on the way up.
    func timeUp(_ payload: Int) -> TimeSpan { Self.time(payload, rate: up) }
    func timeDown(_ payload: Int) -> TimeSpan { Self.time(payload, rate: down) }

    private static func time(_ payload: Int, rate: Double) -> TimeSpan {
        TimeSpan(nanoseconds: Int64(Double(payload) * 8e9 / (rate * payloadShare)))
    }
}

/// What a host's link is doing. Those of all hosts lie beside each other, since every segment concerns two of them.
struct LinkState {
    let profile: LinkProfile
    /// Until then the link carries what it has been given: the next segment begins no sooner.
    var upBusyUntil = Instant.zero
    /// The same for the small messages that go ahead of segments, among themselves.
    var messagesUpUntil = Instant.zero
    // The way down, likewise.
    var downBusyUntil = Instant.zero
    var messagesDownUntil = Instant.zero

    init(profile: LinkProfile) { self.profile = profile }
}
