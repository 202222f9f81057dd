extension IPPrefix {
    /// The networks that together hold the addresses from one to another, as few as possible.
    static func covering(_ low: IPPrefix, _ high: IPPrefix) -> [IPPrefix]? {
        guard low.bytes.count == high.bytes.count else { return nil }
        let width = low.bytes.count * 8
        var start = value(low.bytes)
        let end = value(high.bytes)
        guard start <= end else { return nil }
        var networks: [IPPrefix] = []
        while start <= end {
            var free = start == 0 ? width : min(start.trailingZeroBitCount, width)
            // `end - start` does not overflow, as the network's last address might.
            while free > 0, UInt128.max >> UInt128(128 - free) > end - start { free -= 1 }
            networks.append(IPPrefix(bytes: bytes(start, count: width / 8), length: width - free))
            // All of IPv6.
            guard free < 128 else { break }
            let (next, overflow) = start.addingReportingOverflow(UInt128(1) << UInt128(free))
            if overflow { break }
            start = next
        }
        return networks
    }

    private static func value(_ bytes: [UInt8]) -> UInt128 {
        bytes.reduce(0) { $0 << 8 | UInt128($1) }
    }

    private static func bytes(_ value: UInt128, count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt128((count - 1 - $0) * 8)) }
    }
}
