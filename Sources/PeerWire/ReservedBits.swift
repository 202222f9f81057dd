/// The 8 reserved bytes of the handshake: which extensions a peer speaks.
///
/// A feature is on only when both sides set its bit: intersect the two.
public struct ReservedBits: OptionSet, Hashable, Sendable {
    /// The 8 bytes as one big-endian number.
    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// BEP 10, `[5] & 0x10`.
    public static let extensionProtocol = ReservedBits(rawValue: 0x10_0000)
    /// BEP 6, `[7] & 0x04`.
    public static let fast = ReservedBits(rawValue: 0x04)
    /// BEP 5, `[7] & 0x01`.
    public static let dht = ReservedBits(rawValue: 0x01)
    /// BEP 52, `[7] & 0x10`: the sender also speaks v2 for this torrent. To be set only where there is a v2 info-hash;
    /// libtorrent 2.0.8 disconnects otherwise.
    public static let v2Upgrade = ReservedBits(rawValue: 0x10)
}
