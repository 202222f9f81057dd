/// Header fields in the order in which they came or will be sent; names compare without case (RFC 9110 §5).
public struct HeaderFields: Sendable, Equatable {
    /// One field line.
    public struct Field: Sendable, Equatable {
        public let name: String
        public let value: String
    }

    public private(set) var fields: [Field] = []

    public init() {}

    /// Adds a line. Line breaks and other controls in the value become spaces, so that no value can become two fields.
    public mutating func append(_ name: String, _ value: String) {
        guard value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) else {
            fields.append(Field(name: name, value: value))
            return
        }
        let clean = value.utf8.map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: " ") : $0 }
        fields.append(Field(name: name, value: String(decoding: clean, as: UTF8.self)))
    }

    public mutating func append(contentsOf other: HeaderFields) {
        fields += other.fields
    }

    /// The values of all lines with this name.
    public func all(_ name: String) -> [String] {
        let wanted = name.lowercased()
        return fields.compactMap { $0.name.lowercased() == wanted ? $0.value : nil }
    }

    /// The value of a field that may stand there once; nil when it is missing or repeated.
    public func single(_ name: String) -> String? {
        let values = all(name)
        return values.count == 1 ? values[0] : nil
    }

    /// The lines of a list-valued field as one list; nil when there is none.
    public func list(_ name: String) -> String? {
        let values = all(name)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }
}

extension HeaderFields: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init()
        for (name, value) in elements { append(name, value) }
    }
}
