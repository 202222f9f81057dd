import Metainfo

/// Where a request points: the decoded components of its path, each safe to look up in a folder, and the query.
///
/// It takes the origin form alone (RFC 9112 §3.2.1). A path is decoded exactly once, must be UTF-8, and whatever could
/// climb out of a folder is refused in every spelling, also the doubly escaped, which another program on the way might
/// decode again.
public struct RequestPath: Sendable, Equatable {
    /// The longest target in bytes.
    public static let maximumLength = 8192
    /// The most components.
    public static let maximumDepth = 128
    /// The longest component in bytes: what file systems allow.
    public static let maximumComponentLength = 255

    /// Decoded, none empty, none `.` or `..`, none with a slash, backslash or control character.
    public let components: [String]
    /// Whether the path ends with a slash, as the root does.
    public let isFolder: Bool
    /// What follows the first `?`, undecoded; nil when there is none.
    public let query: String?

    public init(target: String) throws(RequestPathError) {
        let bytes = Array(target.utf8)
        guard bytes.count <= Self.maximumLength else { throw .tooLong }
        guard bytes.first == UInt8(ascii: "/") else { throw .notOriginForm }
        // A space would have split the request line; a fragment never leaves a client.
        guard !bytes.contains(where: { $0 <= 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "#") }) else {
            throw .forbiddenCharacter
        }
        let parts = bytes.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        query = parts.count == 2 ? String(decoding: parts[1], as: UTF8.self) : nil

        var raw = parts[0].dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        isFolder = raw.last?.isEmpty ?? true
        if isFolder { raw = raw.dropLast() }
        guard raw.count <= Self.maximumDepth else { throw .tooLong }
        var components: [String] = []
        for part in raw { components.append(try Self.component(part)) }
        self.components = components
    }

    /// The fields of the query.
    public var parameters: QueryParameters { QueryParameters(parsing: query ?? "") }

    private static func component(_ raw: ArraySlice<UInt8>) throws(RequestPathError) -> String {
        guard !raw.isEmpty else { throw .emptyComponent }
        guard let decoded = PercentCoding.strictlyDecoded(bytes: raw) else { throw .invalidEscape }
        guard decoded.count <= maximumComponentLength else { throw .tooLong }
        guard let text = String(validating: decoded, as: UTF8.self) else { throw .notUTF8 }
        guard !climbs(decoded) else { throw .traversal }
        guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) }),
            !decoded.contains(UInt8(ascii: "/")), !decoded.contains(UInt8(ascii: "\\"))
        else { throw .forbiddenCharacter }
        try refuseNested(text)
        return text
    }

    /// A name such as `50%2Foff` is a name; one that becomes a way up when it is decoded again is an attack.
    private static func refuseNested(_ text: String) throws(RequestPathError) {
        var current = text
        for _ in 0..<4 where current.utf8.contains(UInt8(ascii: "%")) {
            let again = PercentCoding.decoded(current[...])
            guard !climbs(again), !again.contains(0) else { throw .traversal }
            current = String(decoding: again, as: UTF8.self)
        }
    }

    /// Whether any part between slashes of either kind is `.` or `..`.
    private static func climbs(_ bytes: [UInt8]) -> Bool {
        bytes.split(whereSeparator: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") })
            .contains { $0.count <= 2 && $0.allSatisfy { $0 == UInt8(ascii: ".") } }
    }
}

/// Why a request target is refused. All of them are answered with 400, or 414 for ``tooLong``.
public enum RequestPathError: Error, Equatable, Sendable {
    case tooLong
    /// Absolute form, authority form or `*`.
    case notOriginForm
    case emptyComponent
    case invalidEscape
    case notUTF8
    case forbiddenCharacter
    case traversal
}
