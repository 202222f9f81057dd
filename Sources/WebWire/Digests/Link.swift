import Metainfo

/// A link in a header field (RFC 8288), with what Metalink/HTTP (RFC 6249) adds to it.
public struct Link: Sendable, Equatable {
    /// An address, or a path on this host; percent-encoded already.
    public var target: String
    /// `rel`, such as `duplicate` for a mirror and `describedby` for a description.
    public var relation: String
    /// `type`
    public var mediaType: String?
    /// `pri`: from 1, which is tried first, to 999999.
    public var priority: Int?
    /// `geo`: a country's two letters.
    public var location: String?
    /// `pref`: a mirror that gives the same entity tags as this host.
    public var isPreferred: Bool

    public init(
        target: String, relation: String, mediaType: String? = nil, priority: Int? = nil, location: String? = nil,
        isPreferred: Bool = false
    ) {
        self.target = target
        self.relation = relation
        self.mediaType = mediaType
        self.priority = priority
        self.location = location
        self.isPreferred = isPreferred
    }

    /// Another host's copy of the same bytes.
    public static func mirror(_ url: String, priority: Int? = nil, isPreferred: Bool = false) -> Link {
        Link(target: url, relation: "duplicate", priority: priority, isPreferred: isPreferred)
    }

    /// The Metalink document, torrent or other description of the file.
    public static func description(_ url: String, mediaType: String) -> Link {
        Link(target: url, relation: "describedby", mediaType: mediaType)
    }
}

extension Link: CustomStringConvertible {
    /// The value of one `Link` field; send one field for each link, since aria2 reads no more. `rel` and numbers stand
    /// without quotes for the same reason; a media type has a slash and needs them.
    public var description: String {
        var text = "<\(Self.safe(target))>; rel=\(Self.parameter(relation))"
        if let mediaType { text += "; type=\(Self.parameter(mediaType))" }
        if let priority { text += "; pri=\(min(max(priority, 1), 999_999))" }
        if let location { text += "; geo=\(Self.parameter(location))" }
        if isPreferred { text += "; pref" }
        return text
    }

    /// What would end the address, or the field, is escaped.
    private static func safe(_ target: String) -> String {
        PercentCoding.encoded(target, keeping: "%:/?#[]@!$&'()*+,;=")
    }

    private static func parameter(_ text: String) -> String {
        if !text.isEmpty, text.utf8.allSatisfy(FieldScanner.isTokenByte) { return text }
        let clean = text.filter { $0 != "\"" && $0 != "\\" && $0.isASCII && $0 >= " " }
        return "\"\(clean)\""
    }
}

extension Link {
    /// The most links that are read from one answer.
    public static let maximumCount = 64

    /// Reads a `Link` field with any number of links; those that are malformed end the reading.
    public static func list(parsing text: String) -> [Link] {
        var links: [Link] = []
        var scanner = FieldScanner(text)
        repeat {
            scanner.skipWhitespace()
            guard links.count < maximumCount, let link = scan(&scanner) else { return links }
            links.append(link)
        } while scanner.nextListItem()
        return links
    }

    private static func scan(_ scanner: inout FieldScanner) -> Link? {
        guard scanner.take("<") else { return nil }
        let target = String(decoding: scanner.takeUntil { $0 == UInt8(ascii: ">") }, as: UTF8.self)
        guard scanner.take(">") else { return nil }
        var link = Link(target: target, relation: "")
        scanner.skipWhitespace()
        while scanner.take(";") {
            scanner.skipWhitespace()
            guard let name = scanner.token()?.lowercased() else { continue }
            var value = ""
            scanner.skipWhitespace()
            if scanner.take("=") {
                scanner.skipWhitespace()
                // Unquoted media types are no tokens, and common.
                value = scanner.quotedString() ?? String(decoding: scanner.takeUntil(Self.endsValue), as: UTF8.self)
            }
            link.set(name, value)
            scanner.skipWhitespace()
        }
        return link
    }

    private static func endsValue(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ";") || byte == UInt8(ascii: ",") || byte <= 0x20
    }

    private mutating func set(_ name: String, _ value: String) {
        switch name {
        // The first counts (RFC 8288 §3.3).
        case "rel": relation = relation.isEmpty ? value.lowercased() : relation
        case "type": mediaType = mediaType ?? value
        case "pri": priority = priority ?? Int(value).flatMap { (1...999_999).contains($0) ? $0 : nil }
        case "geo": location = location ?? value
        case "pref": isPreferred = true
        default: break
        }
    }
}
