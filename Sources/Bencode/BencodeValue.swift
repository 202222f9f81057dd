/// One bencoded value (BEP 3).
///
/// Strings are byte strings: bencoding knows no text. ``text`` gives a `String` only when the bytes are valid UTF-8.
public enum BencodeValue: Sendable, Equatable {
    case integer(Int64)
    case string([UInt8])
    case list([BencodeValue])
    case dictionary(BencodeDictionary)

    /// A byte string holding the UTF-8 form of `text`.
    public static func text(_ text: String) -> BencodeValue {
        .string(Array(text.utf8))
    }

    /// The number, if this is an integer.
    public var integer: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The bytes, if this is a string.
    public var bytes: [UInt8]? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The string as text, if this is a string of valid UTF-8.
    public var text: String? {
        if case .string(let value) = self { String(validating: value, as: UTF8.self) } else { nil }
    }

    /// The items, if this is a list.
    public var list: [BencodeValue]? {
        if case .list(let value) = self { value } else { nil }
    }

    /// The entries, if this is a dictionary.
    public var dictionary: BencodeDictionary? {
        if case .dictionary(let value) = self { value } else { nil }
    }

    /// Whether every dictionary in this value has strictly ascending keys, as BEP 3 demands.
    ///
    /// The lenient decoder accepts other orders; what is hashed after BEP 52 may not have them.
    public var isCanonical: Bool {
        switch self {
        case .integer, .string: true
        case .list(let items): items.allSatisfy(\.isCanonical)
        case .dictionary(let dictionary):
            dictionary.isSorted && dictionary.entries.allSatisfy(\.value.isCanonical)
        }
    }
}
