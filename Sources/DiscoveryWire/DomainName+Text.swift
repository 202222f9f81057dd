extension DomainName: CustomStringConvertible {
    /// Reads the text form of RFC 1035 §5.1 and RFC 6763 §4.3: labels with dots between them, `\.` and `\\` for those
    /// characters inside of a label, `\DDD` for a byte in decimal. A dot at the end makes no difference.
    public init?(text: some StringProtocol) {
        var bytes = Array(text.utf8)[...]
        guard bytes.count <= 4 * Self.maximumLength else { return nil }
        var labels: [[UInt8]] = []
        var label: [UInt8] = []
        if bytes.elementsEqual([Self.dot]) { bytes = [] }
        while let byte = bytes.popFirst() {
            switch byte {
            case Self.dot:
                labels.append(label)
                label = []
            case Self.backslash:
                guard let escaped = Self.escaped(&bytes) else { return nil }
                label.append(escaped)
            default:
                label.append(byte)
            }
        }
        if !label.isEmpty { labels.append(label) }
        guard let name = try? DomainName(labels: labels) else { return nil }
        self = name
    }

    /// The text form, without a dot at the end; UTF-8 stays as it is, other bytes and control characters are escaped.
    public var description: String {
        let labels = labels
        return labels.isEmpty ? "." : labels.map(Self.text(of:)).joined(separator: ".")
    }

    private static let dot = UInt8(ascii: ".")
    private static let backslash = UInt8(ascii: "\\")
    private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")

    /// What follows a backslash: three digits, or one character that stands for itself.
    private static func escaped(_ bytes: inout ArraySlice<UInt8>) -> UInt8? {
        guard let first = bytes.popFirst() else { return nil }
        guard digits.contains(first) else { return first }
        let rest = bytes.prefix(2)
        guard rest.count == 2, rest.allSatisfy(digits.contains) else { return nil }
        bytes = bytes.dropFirst(2)
        let value = ([first] + rest).reduce(0) { $0 * 10 + Int($1 - digits.lowerBound) }
        return UInt8(exactly: value)
    }

    private static func text(of label: [UInt8]) -> String {
        let isText = String(validating: label, as: UTF8.self) != nil
        var escaped: [UInt8] = []
        for byte in label {
            switch byte {
            case dot, backslash:
                escaped += [backslash, byte]
            case 0x20..<0x7F:
                escaped.append(byte)
            case 0x80... where isText:
                escaped.append(byte)
            default:
                escaped.append(backslash)
                escaped += [byte / 100, byte / 10 % 10, byte % 10].map { digits.lowerBound + $0 }
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }
}
