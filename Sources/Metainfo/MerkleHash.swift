import Crypto

/// A node of a BEP 52 hash tree: a leaf, an inner node or a `pieces root`. 32 bytes of SHA-256, stored inline.
public struct MerkleHash: HashBytes {
    public static let byteCount = 32
    /// The leaf that stands for a block past the end of a file.
    public static let zero = MerkleHash(words: .zero)

    private let words: HashWords32

    private init(words: HashWords32) {
        self.words = words
    }

    public init(copying source: UnsafeRawPointer) {
        words = HashWords32(copying: source)
    }

    init(digest: SHA256Digest) {
        words = HashWords32(digest: digest)
    }

    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try words.withUnsafeBytes(body)
    }
}
