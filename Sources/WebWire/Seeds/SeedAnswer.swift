/// What a web seed's answer to a range request means (RFC 9110 §15).
public enum SeedAnswer: Sendable, Equatable {
    /// Bytes of the file from here on; where they end is unknown if the server does not say.
    case bytes(from: Int64, upTo: Int64?)
    case redirect(String)
    /// The file is not there, or is another one.
    case missing(String)
    /// The server may have it later.
    case busy(String, retryAfter: Int64?)

    /// - Parameters:
    ///   - range: what was asked for.
    ///   - length: of the file, as the torrent says.
    public init(status: Int, fields: HeaderFields, range: Range<Int64>, length: Int64, now: HTTPDate) {
        switch status {
        case 200, 206:
            if let coding = fields.list("Content-Encoding"), coding.lowercased() != "identity" {
                self = .missing("the server sends it compressed")
            } else if status == 206 {
                self = Self.part(fields, range, length)
            } else {
                self = Self.whole(fields, length)
            }
        case 301, 302, 303, 307, 308:
            self = fields.single("Location").map(Self.redirect) ?? .missing("the server leads elsewhere, and not where")
        case 408, 425, 429, 500...:
            let wait = fields.single("Retry-After").flatMap { RetryAfter(parsing: $0, now: now) }
            self = .busy("the server answers \(status)", retryAfter: wait?.delay(now: now, limit: Self.longestWait))
        case 416:
            self = .missing("the file is shorter there")
        default:
            self = .missing("the server answers \(status)")
        }
    }

    /// Seconds.
    private static let longestWait: Int64 = 3600

    private static func part(_ fields: HeaderFields, _ range: Range<Int64>, _ length: Int64) -> SeedAnswer {
        guard case .range(let sent, let total) = fields.single("Content-Range").flatMap({ ContentRange(parsing: $0) }),
            sent.contains(range.lowerBound)
        else { return .missing("the server sends another part than was asked for") }
        if let total, total != length { return otherLength(total, length) }
        guard sent.upperBound <= length else { return otherLength(sent.upperBound, length) }
        return .bytes(from: sent.lowerBound, upTo: sent.upperBound)
    }

    private static func whole(_ fields: HeaderFields, _ length: Int64) -> SeedAnswer {
        guard let total = fields.single("Content-Length").flatMap({ Int64($0) }) else {
            return .bytes(from: 0, upTo: nil)
        }
        return total == length ? .bytes(from: 0, upTo: length) : otherLength(total, length)
    }

    private static func otherLength(_ there: Int64, _ here: Int64) -> SeedAnswer {
        .missing("the file has \(there) bytes there and \(here) in the torrent")
    }
}
