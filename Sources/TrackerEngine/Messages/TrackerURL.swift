/// Addresses of HTTP trackers.
public enum TrackerURL {
    /// The longest address that is asked.
    public static let maximumLength = 4096

    public static func isHTTP(_ url: String) -> Bool {
        let lowered = url.prefix(8).lowercased()
        return (lowered.hasPrefix("http://") || lowered.hasPrefix("https://")) && url.utf8.count <= maximumLength
            && url.utf8.allSatisfy { (0x21..<0x7F).contains($0) }
    }

    /// Where the same tracker answers scrapes (BEP 48): the last path component must begin with `announce`, for which
    /// `scrape` is put. Nil when it does not.
    public static func scrape(for announce: String) -> String? {
        guard isHTTP(announce) else { return nil }
        // The last slash of all, also one in the query: BEP 48 has that as an example of a tracker without scrapes.
        guard let slash = announce.lastIndex(of: "/") else { return nil }
        let component = announce[announce.index(after: slash)...]
        guard component.hasPrefix("announce") else { return nil }
        return announce[...slash] + "scrape" + component.dropFirst("announce".count)
    }

    /// Values must be percent-encoded already. A query that the address has stays in front.
    static func adding(_ fields: [(String, String)], to url: String) -> String {
        let base = url.prefix { $0 != "#" }
        let query = fields.map { "\($0)=\($1)" }.joined(separator: "&")
        return base + (base.contains("?") ? "&" : "?") + query
    }
}
