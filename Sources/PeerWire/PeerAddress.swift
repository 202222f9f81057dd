/// Where a peer is: an IP address, a port and, for link-local IPv6, the zone (interface).
///
/// Never a host name. An IPv4-mapped IPv6 address (`::ffff:a.b.c.d`) becomes the IPv4 address that it stands for, so one
/// peer has one address whichever socket it was seen on.
public struct PeerAddress: Hashable, Sendable {
    /// Longest zone that is accepted, characters.
    public static let maximumZoneLength = 32

    /// The 16 bytes as two big-endian numbers; an IPv4 address in the mapped form.
    let high: UInt64
    let low: UInt64
    public let port: UInt16
    /// Name or number of the interface; only link-local IPv6 addresses have one.
    public let zone: String?

    /// IPv4 from the address as one number in host order: 1.2.3.4 is 0x01020304.
    public init(ipv4: UInt32, port: UInt16) {
        high = 0
        low = Self.mappedPrefix | UInt64(ipv4)
        self.port = port
        zone = nil
    }

    /// IPv6 from the address's two halves in host order. A zone is dropped unless the address is link-local and the
    /// zone well formed.
    public init(ipv6High: UInt64, low: UInt64, port: UInt16, zone: String? = nil) {
        high = ipv6High
        self.low = low
        self.port = port
        self.zone = Self.isLinkLocal(ipv6High) ? zone.flatMap { Self.isZone($0) ? $0 : nil } : nil
    }

    /// Nil unless there are 4 or 16 bytes.
    public init?(ipBytes: some Collection<UInt8>, port: UInt16, zone: String? = nil) {
        switch ipBytes.count {
        case 4:
            self.init(ipv4: ipBytes.reduce(0) { $0 << 8 | UInt32($1) }, port: port)
        case 16:
            self.init(
                ipv6High: ipBytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
                low: ipBytes.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) }, port: port, zone: zone)
        default:
            return nil
        }
    }

    /// The same address with another port, for example the listen port that the peer told.
    public func withPort(_ port: UInt16) -> PeerAddress {
        ipv4.map { PeerAddress(ipv4: $0, port: port) }
            ?? PeerAddress(ipv6High: high, low: low, port: port, zone: zone)
    }

    /// The same address reached through an interface, for link-local IPv6 that was told without one.
    public func withZone(_ zone: String?) -> PeerAddress {
        PeerAddress(ipv6High: high, low: low, port: port, zone: zone)
    }

    /// 4 or 16 bytes in wire order.
    public var ipBytes: [UInt8] {
        let bytes = mappedBytes
        return isIPv6 ? bytes : Array(bytes.suffix(4))
    }

    /// The IPv4 address as one number in host order, nil for IPv6.
    public var ipv4: UInt32? {
        isIPv6 ? nil : UInt32(truncatingIfNeeded: low)
    }

    static let mappedPrefix: UInt64 = 0xFFFF_0000_0000

    /// All 16 bytes, IPv4 in the mapped form.
    var mappedBytes: [UInt8] {
        [high, low].flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> (56 - 8 * $0)) } }
    }

    private static func isZone(_ zone: String) -> Bool {
        (1...maximumZoneLength).contains(zone.utf8.count)
            && zone.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                    UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "@"), UInt8(ascii: "+"):
                    true
                default: false
                }
            }
    }
}
