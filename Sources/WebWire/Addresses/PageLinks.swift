/// Finds what a web page says to be another form of itself: `<link rel=alternate type=… href=…>` (HTML, §4.2.4).
///
/// Looks at `link` elements and at nothing else; it reads any bytes, and needs no well-formed page.
public enum PageLinks {
    /// The most of a page that is looked at, in bytes: links stand in its head.
    public static let maximumLength = 256 << 10

    /// The first address of this media type, as it stands there with its entities resolved.
    public static func first(ofType type: String, in page: some Sequence<UInt8>) -> String? {
        let bytes = Array(page.prefix(maximumLength))
        var position = 0
        while let start = find("<link", in: bytes, from: position) {
            position = start + 5
            let end = bytes[position...].firstIndex(of: UInt8(ascii: ">")) ?? bytes.endIndex
            let attributes = attributes(of: bytes[position..<end])
            position = end
            guard attributes["rel"]?.lowercased().split(separator: " ").contains("alternate") == true,
                attributes["type"]?.lowercased() == type, let address = attributes["href"], !address.isEmpty
            else { continue }
            return address
        }
        return nil
    }

    private static func find(_ text: StaticString, in bytes: [UInt8], from start: Int) -> Int? {
        let wanted = text.withUTF8Buffer { Array($0) }
        guard bytes.count >= wanted.count else { return nil }
        var index = start
        while index <= bytes.count - wanted.count {
            if wanted.indices.allSatisfy({ lowered(bytes[index + $0]) == wanted[$0] }) { return index }
            index += 1
        }
        return nil
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    private static func attributes(of bytes: ArraySlice<UInt8>) -> [String: String] {
        var attributes: [String: String] = [:]
        var rest = bytes
        let isSpace = { (byte: UInt8) in byte <= 0x20 || byte == UInt8(ascii: "/") }
        while attributes.count < 32 {
            rest = rest.drop(while: isSpace)
            guard !rest.isEmpty else { break }
            let name = rest.prefix { $0 > 0x20 && $0 != UInt8(ascii: "=") }
            rest = rest.dropFirst(name.count).drop { $0 <= 0x20 }
            var value: ArraySlice<UInt8> = []
            if rest.first == UInt8(ascii: "=") {
                rest = rest.dropFirst().drop { $0 <= 0x20 }
                if let quote = rest.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
                    rest = rest.dropFirst()
                    value = rest.prefix { $0 != quote }
                    rest = rest.dropFirst(value.count + 1)
                } else {
                    value = rest.prefix { $0 > 0x20 }
                    rest = rest.dropFirst(value.count)
                }
            } else if name.isEmpty {
                rest = rest.dropFirst()
            }
            let key = String(decoding: name, as: UTF8.self).lowercased()
            if attributes[key] == nil { attributes[key] = unescaped(String(decoding: value, as: UTF8.self)) }
        }
        return attributes
    }

    /// Those that addresses have in them.
    private static func unescaped(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "&")) else { return text }
        var output = ""
        var rest = text[...]
        while let start = rest.firstIndex(of: "&") {
            output += rest[..<start]
            rest = rest[start...]
            let entities = [
                ("&amp;", "&"), ("&#38;", "&"), ("&#x26;", "&"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"),
            ]
            if let (entity, meaning) = entities.first(where: { rest.hasPrefix($0.0) }) {
                output += meaning
                rest = rest.dropFirst(entity.count)
            } else {
                output += "&"
                rest = rest.dropFirst()
            }
        }
        return output + rest
    }
}
