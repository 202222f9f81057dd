/// Bits in the order of a `bitfield` message (BEP 3): the most significant bit of the first byte is number 0.
struct Bitfield: Sendable, Equatable {
    private(set) var bytes: [UInt8]
    let count: Int

    init(count: Int) {
        self.count = max(0, count)
        bytes = [UInt8](repeating: 0, count: (self.count + 7) / 8)
    }

    /// Bytes that are missing count as zeros; what is too much, spare bits included, is dropped.
    init(bytes given: [UInt8], count: Int) {
        self.init(count: count)
        for (index, byte) in given.prefix(bytes.count).enumerated() { bytes[index] = byte }
        let spare = bytes.count * 8 - self.count
        if spare > 0 { bytes[bytes.count - 1] &= 0xFF << UInt8(spare) }
    }

    /// Whether the bytes are exactly such a field: right length, no spare bit set.
    static func isValid(_ bytes: [UInt8], count: Int) -> Bool {
        Bitfield(bytes: bytes, count: count).bytes == bytes
    }

    mutating func insert(_ index: Int) {
        guard index >= 0, index < count else { return }
        bytes[index / 8] |= 0x80 >> UInt8(index % 8)
    }

    func contains(_ index: Int) -> Bool {
        index >= 0 && index < count && bytes[index / 8] & 0x80 >> UInt8(index % 8) != 0
    }

    mutating func subtract(_ other: Bitfield) {
        for index in bytes.indices where index < other.bytes.count { bytes[index] &= ~other.bytes[index] }
    }

    /// Ascending.
    var members: [Int] {
        (0..<count).filter(contains)
    }
}
