/// A value of a JSON text (RFC 8259), as far as the output of programs needs it.
enum JSONText: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONText])
    case object([String: JSONText])

    init(parsing text: String) throws(LookFailure) {
        var parser = Parser(bytes: Array(text.utf8))
        self = try parser.whole()
    }

    subscript(name: String) -> JSONText? {
        guard case .object(let members) = self else { return nil }
        return members[name]
    }

    var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    var integer: Int? {
        guard case .number(let value) = self else { return nil }
        return Int(exactly: value)
    }

    var array: [JSONText]? {
        guard case .array(let values) = self else { return nil }
        return values
    }

    /// The name and value of an object with one member, as statements of nftables are written.
    var single: (name: String, value: JSONText)? {
        guard case .object(let members) = self, members.count == 1, let member = members.first else { return nil }
        return (member.key, member.value)
    }
}

private struct Parser {
    let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func whole() throws(LookFailure) -> JSONText {
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw malformed }
        return value
    }

    private var malformed: LookFailure { LookFailure("the output is not JSON (at byte \(position))") }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard next == byte else { return false }
        position += 1
        return true
    }

    private mutating func value() throws(LookFailure) -> JSONText {
        skipSpace()
        depth += 1
        defer { depth -= 1 }
        // Real rulesets have about ten; the stack has room for many more.
        guard depth < 200 else { throw malformed }
        switch next {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func object() throws(LookFailure) -> JSONText {
        position += 1
        var members: [String: JSONText] = [:]
        if take(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw malformed }
            let name = try string()
            guard take(UInt8(ascii: ":")) else { throw malformed }
            members[name] = try value()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw malformed }
        return .object(members)
    }

    private mutating func array() throws(LookFailure) -> JSONText {
        position += 1
        var values: [JSONText] = []
        if take(UInt8(ascii: "]")) { return .array(values) }
        repeat { values.append(try value()) } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw malformed }
        return .array(values)
    }

    private mutating func word(_ text: StaticString, _ value: JSONText) throws(LookFailure) -> JSONText {
        let word = Array("\(text)".utf8)
        guard bytes[position...].starts(with: word) else { throw malformed }
        position += word.count
        return value
    }

    private mutating func number() throws(LookFailure) -> JSONText {
        let start = position
        while let byte = next, "+-.eE0123456789".utf8.contains(byte) { position += 1 }
        guard let value = Double(String(decoding: bytes[start..<position], as: UTF8.self)) else { throw malformed }
        return .number(value)
    }

    private mutating func string() throws(LookFailure) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = next {
            position += 1
            if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            guard let escape = next else { throw malformed }
            position += 1
            switch escape {
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "u"): text += try scalar()
            default: text.append(escape)
            }
        }
        throw malformed
    }

    /// Halves of a pair become the replacement character: no name of a rule needs them.
    private mutating func scalar() throws(LookFailure) -> [UInt8] {
        guard position + 4 <= bytes.count,
            let code = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
        else { throw malformed }
        position += 4
        return Array(String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
    }
}
