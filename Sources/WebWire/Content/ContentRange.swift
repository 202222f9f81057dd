/// The value of `Content-Range` in bytes (RFC 9110 §14.4).
public enum ContentRange: Sendable, Equatable {
    /// `a-b/length`; the length may be unknown to the sender.
    case range(Range<Int64>, length: Int64?)
    /// `*/length`, in a 416.
    case unsatisfied(length: Int64)

    /// Nil for another unit, wrong syntax, an empty range or one beyond the length.
    public init?(parsing text: some StringProtocol) {
        var scanner = FieldScanner(text)
        guard scanner.token()?.lowercased() == "bytes", scanner.take(" ") else { return nil }
        if scanner.takeText("*/") {
            guard let length = scanner.number(), scanner.isAtEnd else { return nil }
            self = .unsatisfied(length: length)
            return
        }
        guard let first = scanner.number(), scanner.take("-"), let last = scanner.number(),
            last >= first, last < .max, scanner.take("/")
        else { return nil }
        if scanner.take("*") {
            self = .range(first..<last + 1, length: nil)
        } else {
            guard let length = scanner.number(), last < length else { return nil }
            self = .range(first..<last + 1, length: length)
        }
        guard scanner.isAtEnd else { return nil }
    }
}

extension ContentRange: CustomStringConvertible {
    public var description: String {
        switch self {
        case .range(let range, let length):
            "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(length.map { String($0) } ?? "*")"
        case .unsatisfied(let length): "bytes */\(length)"
        }
    }
}
