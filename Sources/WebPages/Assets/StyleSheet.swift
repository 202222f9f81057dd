import Crypto
import WebWire

/// A style sheet that stands in the page itself, so that the first paint needs one round trip; the content policy allows it by
/// its hash.
struct StyleSheet: Sendable {
    let text: String
    /// For `style-src`: `'sha256-…'`.
    let source: String

    /// Leaves out indentation, line breaks and comments.
    init(_ bytes: [UInt8]) {
        var lines: [Substring] = []
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let trimmed = line.drop { $0 == " " }
            if !trimmed.hasPrefix("/*") { lines.append(trimmed) }
        }
        text = lines.joined()
        source = "'sha256-\(Base64.encode(Array(SHA256.hash(data: Array(text.utf8)))))'"
    }

    static let main = StyleSheet(WebAsset.style.bytes)
}
