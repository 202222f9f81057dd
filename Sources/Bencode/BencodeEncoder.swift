extension BencodeValue {
    /// The bencoding of this value (BEP 3).
    ///
    /// Dictionaries are written in the order they have: canonical unless they came out of the lenient decoder unsorted.
    public func encoded() -> [UInt8] {
        var output: [UInt8] = []
        encode(into: &output)
        return output
    }

    /// Appends the bencoding of this value to `output`.
    public func encode(into output: inout [UInt8]) {
        switch self {
        case .integer(let value):
            output.append(UInt8(ascii: "i"))
            output.append(contentsOf: String(value).utf8)
            output.append(UInt8(ascii: "e"))
        case .string(let bytes):
            Self.encode(bytes, into: &output)
        case .list(let items):
            output.append(UInt8(ascii: "l"))
            for item in items { item.encode(into: &output) }
            output.append(UInt8(ascii: "e"))
        case .dictionary(let dictionary):
            output.append(UInt8(ascii: "d"))
            for entry in dictionary.entries {
                Self.encode(entry.key, into: &output)
                entry.value.encode(into: &output)
            }
            output.append(UInt8(ascii: "e"))
        }
    }

    /// Appends the bencoding of one byte string, such as a dictionary key.
    public static func encode(_ bytes: [UInt8], into output: inout [UInt8]) {
        output.append(contentsOf: String(bytes.count).utf8)
        output.append(UInt8(ascii: ":"))
        output.append(contentsOf: bytes)
    }
}
