/// The value of a `Range` field in bytes (RFC 9110 §14.1.2, §14.2).
public struct RangeRequest: Sendable, Equatable {
    /// One of the ranges asked for.
    public enum Spec: Sendable, Equatable {
        /// `a-b` or, without a last byte, `a-`.
        case from(Int64, through: Int64?)
        /// `-n`: the last n bytes.
        case suffix(Int64)
    }

    /// The most ranges in one request; a request with more is answered as if it had none.
    public static let maximumCount = 16

    public let specs: [Spec]

    public init(_ specs: [Spec]) {
        self.specs = specs
    }

    /// Nil for everything that must be ignored: another unit, wrong syntax, too many ranges.
    public init?(parsing text: some StringProtocol) {
        guard text.utf8.count <= 1024 else { return nil }
        var scanner = FieldScanner(text)
        guard scanner.token()?.lowercased() == "bytes", scanner.take("=") else { return nil }
        var specs: [Spec] = []
        scanner.skipWhitespace()
        if scanner.next == UInt8(ascii: ",") { _ = scanner.nextListItem() }
        repeat {
            guard specs.count < Self.maximumCount, let spec = Self.scan(&scanner) else { return nil }
            specs.append(spec)
        } while scanner.nextListItem()
        guard scanner.isAtEnd else { return nil }
        self.specs = specs
    }

    private static func scan(_ scanner: inout FieldScanner) -> Spec? {
        let first = scanner.number()
        guard scanner.take("-") else { return nil }
        let last = scanner.number()
        switch (first, last) {
        case (let first?, let last?): return last < first ? nil : .from(first, through: last)
        case (let first?, nil): return .from(first, through: nil)
        case (nil, let count?): return .suffix(count)
        case (nil, nil): return nil
        }
    }
}

extension RangeRequest: CustomStringConvertible {
    /// The field as a client sends it.
    public var description: String {
        let parts = specs.map { spec in
            switch spec {
            case .from(let first, let last): "\(first)-\(last.map { String($0) } ?? "")"
            case .suffix(let count): "-\(count)"
            }
        }
        return "bytes=" + parts.joined(separator: ",")
    }
}

/// Which bytes answer a ``RangeRequest``.
public enum RangeSelection: Sendable, Equatable {
    /// All of them, as if nothing had been asked: status 200.
    case whole
    case single(Range<Int64>)
    /// Two or more, none overlapping another.
    case several([Range<Int64>])
    /// None of the ranges lies within the content: status 416.
    case unsatisfiable
}

extension RangeRequest {
    /// The bytes of content of this length. What is asked for twice is sent once: ranges that overlap are joined.
    public func resolve(length: Int64) -> RangeSelection {
        // An empty file has no byte to name in a Content-Range; a suffix of it is all of it.
        if length <= 0 { return specs.contains { $0.isSatisfiableSuffix } ? .whole : .unsatisfiable }
        let ranges = specs.compactMap { $0.range(length: length) }
        let disjoint = Self.joined(ranges)
        switch disjoint.count {
        case 0: return .unsatisfiable
        case 1: return .single(disjoint[0])
        default: return .several(disjoint)
        }
    }

    /// In the order that was asked for, unless some overlap; then ascending.
    private static func joined(_ ranges: [Range<Int64>]) -> [Range<Int64>] {
        let sorted = ranges.sorted { $0.lowerBound < $1.lowerBound }
        let merged = sorted.reduce(into: [Range<Int64>]()) { merged, range in
            if let last = merged.last, range.lowerBound < last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged.count == ranges.count ? ranges : merged
    }
}

extension RangeRequest.Spec {
    fileprivate var isSatisfiableSuffix: Bool {
        if case .suffix(let count) = self { count > 0 } else { false }
    }

    fileprivate func range(length: Int64) -> Range<Int64>? {
        switch self {
        case .from(let first, let last):
            guard first < length else { return nil }
            return first..<min(length - 1, last ?? .max) + 1
        case .suffix(let count):
            guard count > 0 else { return nil }
            return max(0, length - count)..<length
        }
    }
}
