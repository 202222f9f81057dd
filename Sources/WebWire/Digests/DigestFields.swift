/// Digests in header fields: `Repr-Digest` and `Content-Digest` (RFC 9530), and `Digest` (RFC 3230), which RFC 9530
/// replaced and aria2 still reads.
public enum DigestFields {
    /// Says that the whole file, whatever part of it is sent, has this SHA-256.
    public static func appendRepresentation(_ sha256: [UInt8], to fields: inout HeaderFields) {
        let text = Base64.encode(sha256)
        fields.append("Repr-Digest", "sha-256=:\(text):")
        fields.append("Digest", "SHA-256=\(text)")
    }

    /// Says that the body of this very message has this SHA-256.
    public static func appendContent(_ sha256: [UInt8], to fields: inout HeaderFields) {
        fields.append("Content-Digest", "sha-256=:\(Base64.encode(sha256)):")
    }

    /// The SHA-256 that an answer claims for the whole file, in the new form or the old one; 32 bytes.
    ///
    /// Nil when there is none, and when two of them disagree: such an answer proves nothing.
    public static func representation(of fields: HeaderFields) -> [UInt8]? {
        let newer = fields.list("Repr-Digest").flatMap { DigestDictionary(parsing: $0)?["sha-256"] }
        let older = fields.list("Digest").flatMap { legacy($0) }
        let found = [newer, older].compactMap { $0 }.filter { $0.count == 32 }
        guard let first = found.first, found.allSatisfy({ $0 == first }) else { return nil }
        return first
    }

    /// The SHA-256 that a message claims for its own body; 32 bytes.
    public static func content(of fields: HeaderFields) -> [UInt8]? {
        let found = fields.list("Content-Digest").flatMap { DigestDictionary(parsing: $0)?["sha-256"] }
        return found?.count == 32 ? found : nil
    }

    /// `SHA-256=base64,MD5=…`
    static func legacy(_ text: String, _ algorithm: String = "sha-256") -> [UInt8]? {
        for item in text.split(separator: ",").prefix(16) {
            let trimmed = item.drop { $0 == " " || $0 == "\t" }
            let pair = trimmed.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, pair[0].lowercased() == algorithm else { continue }
            var value = pair[1]
            while value.last == " " || value.last == "\t" { value.removeLast() }
            return Base64.decode(value)
        }
        return nil
    }
}

/// Which digests the asker would like, from `Want-Repr-Digest`, `Want-Content-Digest` and the older `Want-Digest`.
///
/// Without any of them the digest of the file is sent, since it costs nothing once it is known, and that of the message
/// is not.
public struct WantedDigests: Sendable, Equatable {
    public let representation: Bool
    public let content: Bool

    public init(_ fields: HeaderFields) {
        let new = fields.list("Want-Repr-Digest").flatMap { Self.weight($0) }
        let old = fields.list("Want-Digest").flatMap { Self.legacyWeight($0) }
        representation = new ?? old ?? true
        content = fields.list("Want-Content-Digest").flatMap { Self.weight($0) } ?? false
    }

    /// Whether sha-256 is wanted: a weight from 1 to 10. Nil when the field does not speak of it.
    private static func weight(_ text: String) -> Bool? {
        var found: Bool?
        var scanner = FieldScanner(text)
        repeat {
            guard let key = scanner.token() else { return nil }
            guard scanner.take("="), let weight = scanner.number(), weight <= 10 else { return nil }
            if key == "sha-256" { found = weight > 0 }
        } while scanner.nextListItem()
        return scanner.isAtEnd ? found : nil
    }

    /// `SHA-256;q=0.5, MD5;q=0`
    private static func legacyWeight(_ text: String) -> Bool? {
        for item in text.split(separator: ",").prefix(16) {
            let parts = item.filter { $0 != " " && $0 != "\t" }.lowercased().split(separator: ";")
            guard parts.first == "sha-256" else { continue }
            let isZero = { (text: Substring) in
                text.hasPrefix("q=") && text.dropFirst(2).allSatisfy { "0.".contains($0) }
            }
            return !parts.dropFirst().contains(where: isZero)
        }
        return nil
    }
}
