extension RecordData {
    /// The data with names written out: what simultaneous probes are compared by (RFC 6762 §8.2).
    public var uncompressed: [UInt8] {
        switch self {
        case .a(let address): Self.bytes(UInt64(address), count: 4)
        case .aaaa(let high, let low): Self.bytes(high, count: 8) + Self.bytes(low, count: 8)
        case .pointer(let target): target.wire
        case .service(let location):
            [location.priority, location.weight, location.port].flatMap { Self.bytes(UInt64($0), count: 2) }
                + location.target.wire
        case .text(let text): text.encoded
        case .noneBut(let next, let types): next.wire + Self.bitmap(types)
        case .unknown(_, let bytes): bytes
        }
    }

    /// The bitmap of RFC 4034 §4.1.2, windows without a type left out.
    static func bitmap(_ types: [RecordType]) -> [UInt8] {
        var windows: [UInt16: [UInt8]] = [:]
        for type in types {
            let low = Int(type.rawValue & 0xFF)
            windows[type.rawValue >> 8, default: [UInt8](repeating: 0, count: 32)][low / 8] |= 0x80 >> UInt8(low % 8)
        }
        return windows.sorted { $0.key < $1.key }.flatMap { window, bits in
            let length = (bits.lastIndex { $0 != 0 } ?? 0) + 1
            return [UInt8(truncatingIfNeeded: window), UInt8(length)] + bits.prefix(length)
        }
    }

    private static func bytes(_ value: UInt64, count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (count - 1 - $0))) }
    }
}
