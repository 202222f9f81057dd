/// What a TXT record says (RFC 6763 §6): `key=value`, `key=`, or a bare `key`.
///
/// Keys are printable ASCII without `=` and compare without regard to case; of several entries with the same key the
/// first counts. Values are any bytes. The entries stay as they came, also those that mean nothing.
public struct TextRecord: Hashable, Sendable {
    /// Most bytes of a record; RFC 6763 §6.2 advises fewer than 1300.
    public static let maximumLength = 1300

    /// The strings of the record, none of them empty or longer than 255 bytes.
    public private(set) var entries: [[UInt8]] = []

    public init() {}

    /// Leaves out what no record can hold: bad keys, entries of more than 255 bytes, what goes beyond
    /// ``maximumLength``.
    public init(_ pairs: KeyValuePairs<String, String>) {
        for (key, value) in pairs { set(key, Array(value.utf8)) }
    }

    init(entries: [[UInt8]]) {
        self.entries = entries
    }

    /// Sets a key; a nil value makes it a bare key.
    ///
    /// - Returns: false, and nothing is changed, if the record cannot hold it.
    @discardableResult
    public mutating func set(_ key: String, _ value: [UInt8]? = nil) -> Bool {
        let name = Array(key.utf8)
        let entry = value.map { name + [Self.equals] + $0 } ?? name
        guard !name.isEmpty, name.allSatisfy({ (0x20...0x7E).contains($0) && $0 != Self.equals }),
            entry.count <= 255
        else { return false }
        var changed = entries
        changed.removeAll { Self.key(of: $0) == Self.folded(name) }
        changed.append(entry)
        guard changed.reduce(0, { $0 + 1 + $1.count }) <= Self.maximumLength else { return false }
        entries = changed
        return true
    }

    /// The value of a key: nil if it is not there or is a bare key.
    public subscript(key: String) -> [UInt8]? {
        guard let entry = entry(of: key), let equals = entry.firstIndex(of: Self.equals) else { return nil }
        return Array(entry[(equals + 1)...])
    }

    /// The value of a key as text; nil also if it is not UTF-8.
    public func text(_ key: String) -> String? {
        self[key].flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// Whether the key is there, with or without a value.
    public func contains(_ key: String) -> Bool {
        entry(of: key) != nil
    }

    /// The data of the record. One with no entries is a single zero byte, never nothing (RFC 6763 §6.1).
    public var encoded: [UInt8] {
        entries.isEmpty ? [0] : entries.flatMap { [UInt8($0.count)] + $0 }
    }

    /// Nil when a string reaches beyond the end. Empty strings are left out.
    init?(encoded bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while let length = rest.popFirst() {
            guard rest.count >= Int(length) else { return nil }
            if length > 0 { entries.append(Array(rest.prefix(Int(length)))) }
            rest = rest.dropFirst(Int(length))
        }
    }

    private static let equals = UInt8(ascii: "=")

    private func entry(of key: String) -> [UInt8]? {
        let wanted = Self.folded(Array(key.utf8))
        return wanted.isEmpty ? nil : entries.first { Self.key(of: $0) == wanted }
    }

    private static func key(of entry: [UInt8]) -> [UInt8] {
        folded(Array(entry.prefix { $0 != equals }))
    }

    private static func folded(_ key: [UInt8]) -> [UInt8] {
        key.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }
}
