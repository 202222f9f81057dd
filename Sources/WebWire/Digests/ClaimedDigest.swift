/// What a server says that the bytes of a whole file hash to (RFC 9530, RFC 3230).
public struct ClaimedDigest: Sendable, Equatable {
    /// Those that prove something. Others, such as MD5, are not looked at.
    public enum Algorithm: String, Sendable {
        case sha256 = "sha-256"
        case sha512 = "sha-512"

        public var length: Int { self == .sha256 ? 32 : 64 }
    }

    public let algorithm: Algorithm
    public let bytes: [UInt8]

    /// Nil unless the bytes are as many as the algorithm gives.
    public init?(_ algorithm: Algorithm, _ bytes: [UInt8]) {
        guard bytes.count == algorithm.length else { return nil }
        self.algorithm = algorithm
        self.bytes = bytes
    }
}

extension DigestFields {
    /// What an answer claims for the whole file: SHA-256, or SHA-512 where only that is said. Nil also when its fields
    /// contradict each other.
    public static func claim(of fields: HeaderFields) -> ClaimedDigest? {
        if let sha256 = representation(of: fields) { return ClaimedDigest(.sha256, sha256) }
        let newer = fields.list("Repr-Digest").flatMap { DigestDictionary(parsing: $0)?["sha-512"] }
        let older = fields.list("Digest").flatMap { legacy($0, "sha-512") }
        guard let first = newer ?? older, older == nil || newer == nil || newer == older else { return nil }
        return ClaimedDigest(.sha512, first)
    }

    /// How an asker says which digests it can use.
    public static let wanted: [(name: String, value: String)] = [
        ("Want-Repr-Digest", "sha-256=10, sha-512=5"), ("Want-Digest", "SHA-256, SHA-512;q=0.5"),
    ]
}
