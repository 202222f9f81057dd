/// The value of `Retry-After` (RFC 9110 §10.2.3).
public enum RetryAfter: Hashable, Sendable {
    case seconds(Int64)
    case date(HTTPDate)

    public init?(parsing text: some StringProtocol, now: HTTPDate) {
        var scanner = FieldScanner(text)
        if let seconds = scanner.number(), scanner.isAtEnd {
            self = .seconds(seconds)
        } else if let date = HTTPDate(parsing: text, now: now) {
            self = .date(date)
        } else {
            return nil
        }
    }

    /// How long to wait from now on, at most `limit` seconds: a stranger does not decide to be forgotten.
    public func delay(now: HTTPDate, limit: Int64) -> Int64 {
        switch self {
        case .seconds(let seconds): min(seconds, limit)
        case .date(let date): min(max(0, date.secondsSinceEpoch - now.secondsSinceEpoch), limit)
        }
    }
}

extension RetryAfter: CustomStringConvertible {
    public var description: String {
        switch self {
        case .seconds(let seconds): String(seconds)
        case .date(let date): date.description
        }
    }
}
