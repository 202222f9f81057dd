import Metainfo

/// An address that a page may lead to or load from: a path on this host, a magnet link, or the page of another host.
/// Never a scheme that runs something.
public struct WebURL: Sendable, Hashable {
    /// Percent-encoded, not yet escaped for HTML.
    public let text: String

    private init(text: String) {
        self.text = text
    }

    /// A path from this host's root.
    public static func path(_ components: [String], isFolder: Bool = false) -> WebURL {
        let encoded = components.map { PercentCoding.encoded($0, keeping: "!$&'()*+,;=:@") }
        return WebURL(text: "/" + encoded.joined(separator: "/") + (isFolder && !encoded.isEmpty ? "/" : ""))
    }

    /// The present page with another query.
    public static func query(_ fields: KeyValuePairs<String, String>) -> WebURL {
        let pairs = fields.map { "\(PercentCoding.encoded($0))=\(PercentCoding.encoded($1))" }
        return WebURL(text: "?" + pairs.joined(separator: "&"))
    }

    /// A place in the present page.
    public static func fragment(_ id: StaticString) -> WebURL { WebURL(text: "#\(id)") }

    public static func magnet(_ link: MagnetLink) -> WebURL { WebURL(text: link.description) }

    /// The page of another host; nil unless it is `http` or `https` and has a host.
    public static func page(_ url: String) -> WebURL? {
        let lowered = url.prefix(8).lowercased()
        let scheme = lowered.hasPrefix("http://") ? 7 : lowered.hasPrefix("https://") ? 8 : 0
        let rest = url.utf8.dropFirst(scheme)
        guard scheme > 0, url.utf8.count <= 2048, let first = rest.first, first != UInt8(ascii: "/"),
            url.utf8.allSatisfy({ (0x21..<0x7F).contains($0) })
        else { return nil }
        return WebURL(text: url)
    }
}
