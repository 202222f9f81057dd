import Metainfo

extension ContentDisposition {
    /// The name under which an answer is to be saved (RFC 6266 §4.3): `filename*` before `filename`, and of a path only
    /// what stands behind its last slash of either kind. Bytes of UTF-8, not yet made safe; nil if there is none.
    public static func fileName(of text: String) -> [UInt8]? {
        guard text.utf8.count <= 4096 else { return nil }
        var scanner = FieldScanner(text)
        scanner.skipWhitespace()
        _ = scanner.token()
        scanner.skipWhitespace()
        var plain: [UInt8]?
        var extended: [UInt8]?
        while scanner.take(";") {
            scanner.skipWhitespace()
            guard let name = scanner.token()?.lowercased() else { continue }
            scanner.skipWhitespace()
            guard scanner.take("=") else { continue }
            scanner.skipWhitespace()
            // Unquoted names with spaces in them are against the rule and common.
            let value =
                scanner.quotedString()
                ?? String(decoding: scanner.takeUntil { $0 == UInt8(ascii: ";") }, as: UTF8.self)
            if name == "filename" { plain = plain ?? Array(value.utf8) }
            if name == "filename*" { extended = extended ?? decoded(extended: value) }
            scanner.skipWhitespace()
        }
        return (extended ?? plain).map { name in
            let isSeparator = { (byte: UInt8) in byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\") }
            return Array(name[((name.lastIndex(where: isSeparator) ?? -1) + 1)...])
        }
    }

    /// `charset'language'percent-encoded` (RFC 8187 §3.2).
    private static func decoded(extended text: String) -> [UInt8]? {
        let parts = text.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        let bytes = PercentCoding.decoded(parts[2].prefix { $0 != " " })
        switch parts[0].lowercased() {
        case "utf-8": return String(validating: bytes, as: UTF8.self) == nil ? nil : bytes
        case "iso-8859-1": return Array(String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) })).utf8)
        default: return nil
        }
    }
}
