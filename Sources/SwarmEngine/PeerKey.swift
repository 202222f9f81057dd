/// One connection to a peer, as whoever drives the engine numbers it. Never used twice in the life of an engine.
public struct PeerKey: Hashable, Comparable, Sendable {
    public var rawValue: Int

    public init(_ rawValue: Int) {
        self.rawValue = rawValue
    }

    public static func < (left: PeerKey, right: PeerKey) -> Bool {
        left.rawValue < right.rawValue
    }
}
