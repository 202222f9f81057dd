extension PeerAddress {
    public var isIPv6: Bool {
        high != 0 || low >> 32 != 0xFFFF
    }

    /// fe80::/10 or 169.254/16.
    public var isLinkLocal: Bool {
        ipv4.map { $0 >> 16 == 0xA9FE } ?? Self.isLinkLocal(high)
    }

    /// ::1 or 127/8.
    public var isLoopback: Bool {
        ipv4.map { $0 >> 24 == 127 } ?? (high == 0 && low == 1)
    }

    /// RFC 1918, 100.64/10 (RFC 6598) or fc00::/7 (RFC 4193).
    public var isPrivate: Bool {
        ipv4.map { $0 >> 24 == 10 || $0 >> 20 == 0xAC1 || $0 >> 16 == 0xC0A8 || $0 >> 22 == 0x64_40 >> 6 }
            ?? (high >> 57 == 0x7E)
    }

    /// 0.0.0.0 or ::
    public var isUnspecified: Bool {
        ipv4.map { $0 == 0 } ?? (high == 0 && low == 0)
    }

    /// 224/4 or ff00::/8.
    public var isMulticast: Bool {
        ipv4.map { $0 >> 28 == 0xE } ?? (high >> 56 == 0xFF)
    }

    /// Whether a peer can be there at all: a port, and an address of one host.
    public var isUsablePeer: Bool {
        port != 0 && !isUnspecified && !isMulticast && ipv4 != .max && ipv4.map { $0 >> 24 } != 0
    }

    static func isLinkLocal(_ high: UInt64) -> Bool {
        high >> 54 == 0x3FA
    }
}
