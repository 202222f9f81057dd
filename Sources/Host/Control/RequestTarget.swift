import Metainfo

/// The path and the query of a request, decoded.
struct RequestTarget: Sendable, Equatable {
    /// Components; none of them is empty, `.` or `..`.
    let path: [String]
    let query: [String: String]

    /// Nil for a target that no client of ours sends: not in origin form, or with escapes that are no UTF-8.
    init?(_ target: String) {
        guard target.hasPrefix("/"), target.utf8.count <= 16_384 else { return nil }
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var path: [String] = []
        for component in parts[0].split(separator: "/") {
            guard let decoded = PercentText.decode(component), decoded != ".", decoded != ".." else { return nil }
            path.append(decoded)
        }
        var query: [String: String] = [:]
        for pair in parts.count > 1 ? parts[1].split(separator: "&") : [] {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentText.decode(sides[0]),
                let value = PercentText.decode(sides.count > 1 ? sides[1] : "")
            else { return nil }
            query[name] = query[name] ?? value
        }
        self.path = path
        self.query = query
    }
}

/// Percent-encoding (RFC 3986 §2.1) of text.
public enum PercentText {
    /// Nil if an escape is broken or the bytes are no UTF-8.
    static func decode(_ text: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Everything but the unreserved characters becomes an escape, `/` too: for one component of a path or a value of a
    /// query.
    public static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return text.utf8.reduce(into: "") { output, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                output.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                output += "%"
                output.append(digits[Int(byte >> 4)])
                output.append(digits[Int(byte & 15)])
            }
        }
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
