extension PeerAddress {
    /// Bytes of a compact IPv4 address (BEP 23).
    public static let compactIPv4Length = 6
    /// Bytes of a compact IPv6 address (BEP 7).
    public static let compactIPv6Length = 18

    /// 6 or 18 bytes: the address, then the port. A zone is not part of it.
    public var compact: [UInt8] {
        ipBytes + [UInt8(truncatingIfNeeded: port >> 8), UInt8(truncatingIfNeeded: port)]
    }

    /// Nil unless there are 6 or 18 bytes.
    public init?(compact bytes: some Collection<UInt8>) {
        guard bytes.count == Self.compactIPv4Length || bytes.count == Self.compactIPv6Length else { return nil }
        let port = bytes.suffix(2).reduce(UInt16(0)) { $0 << 8 | UInt16($1) }
        self.init(ipBytes: bytes.dropLast(2), port: port)
    }

    /// Addresses of one family behind each other; nil when the bytes are not a whole number of them.
    public static func decodeCompactList(_ bytes: [UInt8], ipv6: Bool) -> [PeerAddress]? {
        let length = ipv6 ? compactIPv6Length : compactIPv4Length
        guard bytes.count.isMultiple(of: length) else { return nil }
        return stride(from: 0, to: bytes.count, by: length).compactMap {
            PeerAddress(compact: bytes[$0..<($0 + length)])
        }
    }
}
