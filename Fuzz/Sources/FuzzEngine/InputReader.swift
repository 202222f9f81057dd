/// Numbers out of the fuzzer's bytes; zeros once they are used up.
struct InputReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position >= bytes.count }

    mutating func byte() -> UInt8 {
        guard position < bytes.count else { return 0 }
        defer { position += 1 }
        return bytes[position]
    }

    /// Below `limit`, which is at most 256.
    mutating func number(below limit: Int) -> Int {
        limit <= 1 ? 0 : Int(byte()) % limit
    }

    mutating func flag() -> Bool {
        byte() & 1 == 1
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in byte() }
    }

    /// Mostly small numbers, now and then one at an edge.
    mutating func wireNumber(around usual: Int) -> Int {
        switch byte() {
        case 255: Int(UInt32.max)
        case 254: Int(Int32.max)
        case 253: Int(Int32.max) + 1
        case 252: usual
        case let small: usual <= 1 ? Int(small) : Int(small) % usual
        }
    }
}
