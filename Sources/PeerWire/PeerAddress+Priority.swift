extension PeerAddress {
    /// How much two peers should prefer each other as neighbours, the same at both ends (BEP 40). Higher is better.
    ///
    /// `other` is usually our own address as the peer sees it. Where the families differ, which BEP 40 leaves open, the
    /// IPv4 address counts in its mapped form.
    public func canonicalPriority(with other: PeerAddress) -> UInt32 {
        if high == other.high, low == other.low {
            let ports = [port, other.port].sorted()
            return CRC32C.checksum(ports.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] })
        }
        let bothIPv4 = !isIPv6 && !other.isIPv6
        let mine = bothIPv4 ? ipBytes : mappedBytes
        let theirs = bothIPv4 ? other.ipBytes : other.mappedBytes
        let common = zip(mine, theirs).prefix { $0 == $1 }.count
        // Whole bytes that count: /16 or /48 at first, one byte beyond the common network when they share it.
        let least = bothIPv4 ? 2 : 6
        let kept = common < least ? least : common + 1
        let masked = [mine, theirs].map { bytes in
            bytes.enumerated().map { $0.offset < kept ? $0.element : $0.element & 0x55 }
        }
        let ascending = masked.sorted { $0.lexicographicallyPrecedes($1) }
        return CRC32C.checksum(ascending.joined())
    }
}

/// CRC-32C (Castagnoli), reflected: the checksum of BEP 40 and BEP 42.
enum CRC32C {
    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var crc = UInt32.max
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 {
                crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1
            }
        }
        return ~crc
    }
}
