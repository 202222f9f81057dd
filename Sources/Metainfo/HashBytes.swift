/// A hash of fixed size that is stored inline, without a heap allocation.
///
/// ``InfoHashV1``, ``InfoHashV2``, ``WireInfoHash`` and ``MerkleHash`` are distinct types so that none of them can be
/// taken for another.
public protocol HashBytes: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The size in bytes.
    static var byteCount: Int { get }

    /// Copies ``byteCount`` bytes from memory that holds at least that many, at any alignment.
    init(copying source: UnsafeRawPointer)

    /// Gives the bytes, exactly ``byteCount`` of them, for the time of the call.
    func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result
}

extension HashBytes {
    /// The hash made of `bytes`; nil unless there are exactly ``byteCount``.
    public init?(_ bytes: some Collection<UInt8>) {
        let size = Self.byteCount
        guard bytes.count == size else { return nil }
        let direct = bytes.withContiguousStorageIfAvailable { buffer -> Self? in
            guard buffer.count == size, let base = buffer.baseAddress else { return nil }
            return Self(copying: base)
        }
        if let direct {
            guard let direct else { return nil }
            self = direct
            return
        }
        guard let copied = Self(Array(bytes)) else { return nil }
        self = copied
    }

    /// The hash written as hexadecimal digits of either case; nil unless there are exactly twice ``byteCount``.
    public init?(hex: some StringProtocol) {
        guard let bytes = Hexadecimal.decode(hex), let hash = Self(bytes) else { return nil }
        self = hash
    }

    /// The bytes of the hash.
    public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    /// The hash in lower-case hexadecimal.
    public var hex: String { withUnsafeBytes { Hexadecimal.encode($0) } }

    public var description: String { hex }

    /// Writes the ``byteCount`` bytes to `destination`, which must have room for them.
    public func copyBytes(to destination: UnsafeMutableRawPointer) {
        withUnsafeBytes { source in
            if let base = source.baseAddress { destination.copyMemory(from: base, byteCount: source.count) }
        }
    }

    /// Raw byte order, the order of bencoded dictionary keys.
    public static func < (first: Self, second: Self) -> Bool {
        first.withUnsafeBytes { left in
            second.withUnsafeBytes { right in left.lexicographicallyPrecedes(right) }
        }
    }
}
