import Crypto

/// The SHA-1 of an info dictionary: what BEP 3 calls the info-hash. 20 bytes.
public struct InfoHashV1: HashBytes {
    public static let byteCount = 20
    private let words: HashWords20

    public init(copying source: UnsafeRawPointer) {
        words = HashWords20(copying: source)
    }

    /// Hashes the exact bytes of an info dictionary.
    public init(hashing info: [UInt8]) {
        var hash = Insecure.SHA1()
        info.withUnsafeBytes { hash.update(bufferPointer: $0) }
        words = HashWords20(digest: hash.finalize())
    }

    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try words.withUnsafeBytes(body)
    }

    /// The form that handshakes, trackers and discovery carry: for v1 all of it.
    public var wire: WireInfoHash { WireInfoHash(words: words) }
}

/// The SHA-256 of an info dictionary: the info-hash of BEP 52. 32 bytes.
public struct InfoHashV2: HashBytes {
    public static let byteCount = 32
    private let words: HashWords32

    public init(copying source: UnsafeRawPointer) {
        words = HashWords32(copying: source)
    }

    /// Hashes the exact bytes of an info dictionary.
    public init(hashing info: [UInt8]) {
        var hash = SHA256()
        info.withUnsafeBytes { hash.update(bufferPointer: $0) }
        words = HashWords32(digest: hash.finalize())
    }

    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try words.withUnsafeBytes(body)
    }

    /// The first 20 bytes, which handshakes, trackers and discovery carry.
    public var truncated: WireInfoHash { WireInfoHash(words: words.truncated) }
}

/// A torrent's name on the wire: the v1 info-hash or the first 20 bytes of the v2 info-hash (BEP 52).
public struct WireInfoHash: HashBytes {
    public static let byteCount = 20
    private let words: HashWords20

    fileprivate init(words: HashWords20) {
        self.words = words
    }

    public init(copying source: UnsafeRawPointer) {
        words = HashWords20(copying: source)
    }

    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try words.withUnsafeBytes(body)
    }
}
