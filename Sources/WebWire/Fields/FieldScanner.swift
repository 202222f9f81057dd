/// Reads the pieces that field values are made of (RFC 9110 §5.6): tokens, quoted strings, numbers, white space.
///
/// Every method either takes what it says and moves on, or takes nothing and answers nil or false.
struct FieldScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: some StringProtocol) {
        bytes = Array(text.utf8)
    }

    var isAtEnd: Bool { position >= bytes.count }

    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipWhitespace() {
        while let next, next == 0x20 || next == 0x09 { position += 1 }
    }

    mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard let next, next == UInt8(ascii: byte) else { return false }
        position += 1
        return true
    }

    mutating func takeText(_ text: StaticString) -> Bool {
        let wanted = text.withUTF8Buffer { Array($0) }
        guard bytes[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    /// The bytes up to the first that `stops`, which stays.
    mutating func takeUntil(_ stops: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let start = position
        while let next, !stops(next) { position += 1 }
        return bytes[start..<position]
    }

    mutating func token() -> String? {
        let found = takeUntil { !Self.isTokenByte($0) }
        return found.isEmpty ? nil : String(decoding: found, as: UTF8.self)
    }

    /// The text within quotes, escapes resolved; nil, and nothing taken, when the closing quote is missing.
    mutating func quotedString() -> String? {
        let start = position
        guard take("\"") else { return nil }
        var text: [UInt8] = []
        while let byte = next {
            position += 1
            if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            guard let escaped = next else { break }
            text.append(escaped)
            position += 1
        }
        position = start
        return nil
    }

    /// A decimal number of any length; what does not fit becomes `Int64.max`, which is as good as endless here.
    mutating func number() -> Int64? {
        let digits = takeUntil { !(0x30...0x39).contains($0) }
        guard !digits.isEmpty else { return nil }
        var value: Int64 = 0
        for digit in digits {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowed) = product.addingReportingOverflow(Int64(digit - 0x30))
            if overflow || overflowed { return .max }
            value = sum
        }
        return value
    }

    /// Moves behind the next comma of a list, which must be the next thing but white space; false at the end.
    mutating func nextListItem() -> Bool {
        var moved = false
        skipWhitespace()
        // Empty items are allowed in lists that are read (RFC 9110 §5.6.1.2).
        while take(",") {
            moved = true
            skipWhitespace()
        }
        return moved && !isAtEnd
    }

    static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
