extension PeerAddress: CustomStringConvertible {
    /// Reads `1.2.3.4:6881`, `[2001:db8::1]:6881` or `[fe80::1%eth0]:6881`. Nil for anything else, host names included.
    public init?(parsing text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count <= 64 + Self.maximumZoneLength, let colon = bytes.lastIndex(of: UInt8(ascii: ":")),
            let port = Self.parsePort(bytes[(colon + 1)...])
        else { return nil }
        let host = bytes[..<colon]
        guard host.first == UInt8(ascii: "["), host.last == UInt8(ascii: "]") else {
            guard let ipv4 = IPText.parseIPv4(host) else { return nil }
            self.init(ipv4: ipv4, port: port)
            return
        }
        self.init(ip: host.dropFirst().dropLast(), port: port)
    }

    /// Reads an address without brackets and port: `1.2.3.4`, `2001:db8::1`, `fe80::1%eth0`.
    public init?(ip text: some StringProtocol, port: UInt16) {
        let bytes = Array(text.utf8)
        if let ipv4 = IPText.parseIPv4(bytes[...]) {
            self.init(ipv4: ipv4, port: port)
        } else {
            self.init(ip: bytes[...], port: port)
        }
    }

    /// `1.2.3.4:6881` or `[fe80::1%eth0]:6881`, IPv6 as RFC 5952 says.
    public var description: String {
        isIPv6 ? "[\(ipText)]:\(port)" : "\(ipText):\(port)"
    }

    /// The address without brackets and port, with the zone.
    public var ipText: String {
        if let ipv4 { return IPText.printIPv4(ipv4) }
        let address = IPText.printIPv6(high: high, low: low)
        return zone.map { "\(address)%\($0)" } ?? address
    }

    private init?(ip bytes: ArraySlice<UInt8>, port: UInt16) {
        let parts = bytes.split(separator: UInt8(ascii: "%"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let (high, low) = IPText.parseIPv6(first) else { return nil }
        guard parts.count == 2 else {
            self.init(ipv6High: high, low: low, port: port)
            return
        }
        let zone = String(decoding: parts[1], as: UTF8.self)
        self.init(ipv6High: high, low: low, port: port, zone: zone)
        // A zone that was told and could not be kept would make it another address.
        guard self.zone == zone else { return nil }
    }

    private static func parsePort(_ digits: ArraySlice<UInt8>) -> UInt16? {
        guard (1...5).contains(digits.count) else { return nil }
        var value = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return UInt16(exactly: value)
    }
}
