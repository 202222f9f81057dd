/// Reads bencoding (BEP 3) from untrusted bytes.
///
/// It keeps its own stack, so nesting costs no call stack, and checks every length against what is left of the input
/// before allocating. Integers and string lengths must be in their only valid form in both modes.
public struct BencodeDecoder: Sendable {
    /// What to do about dictionary keys that are out of order or repeated.
    public enum Mode: Sendable {
        /// Refuse them: for what is hashed or signed.
        case strict
        /// Accept them: for replies that are read once and never encoded again. The first of equal keys counts.
        case lenient
    }

    /// How much one input may ask for.
    public struct Limits: Sendable, Equatable {
        /// The most containers inside each other.
        public var maximumDepth: Int
        /// The most values, keys not counted.
        public var maximumNodes: Int
        /// The most input bytes.
        public var maximumBytes: Int

        public init(maximumDepth: Int, maximumNodes: Int, maximumBytes: Int) {
            self.maximumDepth = maximumDepth
            self.maximumNodes = maximumNodes
            self.maximumBytes = maximumBytes
        }

        /// For messages from peers, trackers and other strangers: 64 levels, 100,000 values, 4 MiB.
        public static let network = Limits(maximumDepth: 64, maximumNodes: 100_000, maximumBytes: 4 << 20)
        /// For torrent files and info dictionaries: 100 levels, 3,000,000 values, 128 MiB.
        public static let file = Limits(maximumDepth: 100, maximumNodes: 3_000_000, maximumBytes: 128 << 20)
    }

    /// How dictionary order is treated.
    public let mode: Mode
    /// How large an input may be.
    public let limits: Limits

    public init(mode: Mode, limits: Limits = .network) {
        self.mode = mode
        self.limits = limits
    }

    /// Reads one value that takes up the whole input.
    public func decode(_ bytes: [UInt8]) throws(BencodeError) -> BencodeValue {
        guard bytes.count <= limits.maximumBytes else { throw .tooLong(offset: limits.maximumBytes) }
        let (value, consumed) = try decodePrefix(bytes)
        guard consumed == bytes.count else { throw .trailingBytes(offset: consumed) }
        return value
    }

    /// Reads one value from the front of the input and tells how many bytes it took.
    ///
    /// `ut_metadata` data messages (BEP 9) put the block right after such a value.
    public func decodePrefix(_ bytes: [UInt8]) throws(BencodeError) -> (value: BencodeValue, consumed: Int) {
        let readable = min(bytes.count, limits.maximumBytes)
        return try bytes.withUnsafeBufferPointer { buffer throws(BencodeError) in
            var parser = BencodeParser(
                input: UnsafeBufferPointer(rebasing: buffer[0..<readable]), limits: limits, isStrict: mode == .strict)
            let value = try parser.parse()
            return (value, parser.position)
        }
    }
}
