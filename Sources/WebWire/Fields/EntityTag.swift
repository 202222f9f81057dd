import Metainfo

/// An entity tag (RFC 9110 §8.8.3).
public struct EntityTag: Hashable, Sendable {
    /// What stands between the quotes.
    public let opaque: String
    public let isWeak: Bool

    /// Nil when `opaque` has a character that may not stand within the quotes.
    public init?(opaque: String, isWeak: Bool = false) {
        guard opaque.utf8.allSatisfy(Self.isTagByte) else { return nil }
        self.opaque = opaque
        self.isWeak = isWeak
    }

    /// The strong tag of content with this hash, the same on every host that has the same bytes.
    ///
    /// For a file that is its `pieces root` of BEP 52, for a folder's archive its torrent's v2 info-hash.
    public init(content hash: some HashBytes) {
        opaque = hash.hex
        isWeak = false
    }

    /// Both strong and the same (§8.8.3.2).
    public func stronglyMatches(_ other: EntityTag) -> Bool {
        !isWeak && !other.isWeak && opaque == other.opaque
    }

    /// The same, weak or not.
    public func weaklyMatches(_ other: EntityTag) -> Bool {
        opaque == other.opaque
    }

    private static func isTagByte(_ byte: UInt8) -> Bool {
        byte == 0x21 || (0x23...0x7E).contains(byte) || byte >= 0x80
    }
}

extension EntityTag: CustomStringConvertible {
    public var description: String { isWeak ? "W/\"\(opaque)\"" : "\"\(opaque)\"" }

    /// Reads exactly one tag.
    public init?(parsing text: some StringProtocol) {
        var scanner = FieldScanner(text)
        guard let tag = Self.scan(&scanner), scanner.isAtEnd else { return nil }
        self = tag
    }

    static func scan(_ scanner: inout FieldScanner) -> EntityTag? {
        let isWeak = scanner.takeText("W/")
        guard scanner.take("\"") else { return nil }
        let opaque = String(decoding: scanner.takeUntil { $0 == UInt8(ascii: "\"") }, as: UTF8.self)
        guard scanner.take("\"") else { return nil }
        return EntityTag(opaque: opaque, isWeak: isWeak)
    }
}

/// The value of `If-Match` and `If-None-Match`: `*` or tags.
public enum EntityTagCondition: Hashable, Sendable {
    case any
    case tags([EntityTag])

    /// The most tags that are read from one request.
    public static let maximumCount = 64

    /// Nil for what is neither.
    public init?(parsing text: some StringProtocol) {
        var scanner = FieldScanner(text)
        scanner.skipWhitespace()
        if scanner.take("*") {
            scanner.skipWhitespace()
            guard scanner.isAtEnd else { return nil }
            self = .any
            return
        }
        var tags: [EntityTag] = []
        if scanner.next == UInt8(ascii: ",") { _ = scanner.nextListItem() }
        repeat {
            guard tags.count < Self.maximumCount, let tag = EntityTag.scan(&scanner) else { return nil }
            tags.append(tag)
        } while scanner.nextListItem()
        guard scanner.isAtEnd else { return nil }
        self = .tags(tags)
    }
}
