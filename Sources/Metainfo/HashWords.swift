import Crypto

/// Twenty bytes in the memory order they have on the wire.
struct HashWords20: Hashable, Sendable {
    let first: UInt64
    let second: UInt64
    let third: UInt32

    init(copying source: UnsafeRawPointer) {
        first = source.loadUnaligned(as: UInt64.self)
        second = source.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        third = source.loadUnaligned(fromByteOffset: 16, as: UInt32.self)
    }

    init(first: UInt64, second: UInt64, third: UInt32) {
        self.first = first
        self.second = second
        self.third = third
    }

    /// Takes the digest of a hash function that makes at least 20 bytes; shorter ones are filled up with zeros.
    init(digest: some Sequence<UInt8>) {
        let bytes = Array(digest.prefix(20)) + Array(repeating: 0, count: 20)
        self = bytes.withUnsafeBytes { buffer in
            HashWords20(
                first: buffer.loadUnaligned(as: UInt64.self),
                second: buffer.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
                third: buffer.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
        }
    }

    /// The size of the three fields is 20: no padding lies between them, and trailing padding does not count.
    func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try Swift.withUnsafeBytes(of: self) { buffer throws(Failure) in try body(buffer) }
    }
}

/// Thirty-two bytes in the memory order they have on the wire.
struct HashWords32: Hashable, Sendable {
    let first: UInt64
    let second: UInt64
    let third: UInt64
    let fourth: UInt64

    static let zero = HashWords32(first: 0, second: 0, third: 0, fourth: 0)

    init(first: UInt64, second: UInt64, third: UInt64, fourth: UInt64) {
        self.first = first
        self.second = second
        self.third = third
        self.fourth = fourth
    }

    init(copying source: UnsafeRawPointer) {
        first = source.loadUnaligned(as: UInt64.self)
        second = source.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        third = source.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
        fourth = source.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
    }

    /// Takes a SHA-256 digest without an allocation.
    init(digest: SHA256Digest) {
        self = digest.withUnsafeBytes { buffer in
            HashWords32(
                first: buffer.loadUnaligned(as: UInt64.self),
                second: buffer.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
                third: buffer.loadUnaligned(fromByteOffset: 16, as: UInt64.self),
                fourth: buffer.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
        }
    }

    var truncated: HashWords20 {
        withUnsafeBytes { buffer in
            HashWords20(
                first: buffer.loadUnaligned(as: UInt64.self),
                second: buffer.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
                third: buffer.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
        }
    }

    func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try Swift.withUnsafeBytes(of: self) { buffer throws(Failure) in try body(buffer) }
    }
}
