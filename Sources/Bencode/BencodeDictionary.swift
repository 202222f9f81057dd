/// A bencoded dictionary: byte-string keys in raw byte order, each with the place of its value in the input.
///
/// The place is what an info-hash needs: BEP 3 hashes the bytes as they came, never a re-encoding.
public struct BencodeDictionary: Sendable {
    /// A key with its value.
    public struct Entry: Sendable {
        /// The key as it is in the input, not necessarily UTF-8.
        public let key: [UInt8]
        /// The value under the key.
        public let value: BencodeValue
        /// The bytes of the encoded value within the decoded input; empty for entries that were set in memory.
        public let valueRange: Range<Int>
    }

    /// The entries, in ascending key order if ``isSorted``.
    public private(set) var entries: [Entry]
    /// Whether the keys ascend strictly. Only the lenient decoder makes dictionaries for which this is false.
    public private(set) var isSorted: Bool

    /// An empty dictionary.
    public init() {
        entries = []
        isSorted = true
    }

    init(entries: [Entry], isSorted: Bool) {
        self.entries = entries
        self.isSorted = isSorted
    }

    /// The number of entries.
    public var count: Int { entries.count }

    /// Whether there are no entries.
    public var isEmpty: Bool { entries.isEmpty }

    /// The value under `key`; the first one where a lenient input repeats the key.
    public subscript(_ key: String) -> BencodeValue? {
        index(of: Array(key.utf8)).map { entries[$0].value }
    }

    /// The value under a key of raw bytes; the first one where a lenient input repeats the key.
    public subscript(bytes key: [UInt8]) -> BencodeValue? {
        index(of: key).map { entries[$0].value }
    }

    /// Where the encoded value of `key` lies in the input that was decoded.
    public func sourceRange(of key: String) -> Range<Int>? {
        index(of: Array(key.utf8)).map { entries[$0].valueRange }
    }

    /// Sets or replaces the value of `key`, keeping raw byte order.
    public mutating func set(_ key: String, _ value: BencodeValue) {
        set(Array(key.utf8), value)
    }

    /// Sets or replaces the value of `key`, keeping raw byte order.
    public mutating func set(_ key: [UInt8], _ value: BencodeValue) {
        let entry = Entry(key: key, value: value, valueRange: 0..<0)
        if let index = index(of: key) {
            entries[index] = entry
        } else if isSorted {
            entries.insert(entry, at: lowerBound(of: key))
        } else {
            entries.append(entry)
        }
    }

    /// Whether `first` comes before `second` in the order of dictionary keys: raw unsigned bytes.
    public static func precedes(_ first: [UInt8], _ second: [UInt8]) -> Bool {
        first.lexicographicallyPrecedes(second)
    }

    private func index(of key: [UInt8]) -> Int? {
        guard isSorted else { return entries.firstIndex { $0.key == key } }
        let index = lowerBound(of: key)
        return index < entries.count && entries[index].key == key ? index : nil
    }

    private func lowerBound(of key: [UInt8]) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = low + (high - low) / 2
            if Self.precedes(entries[middle].key, key) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension BencodeDictionary: Equatable {
    /// Compares keys and values; where they stood in an input does not matter.
    public static func == (first: BencodeDictionary, second: BencodeDictionary) -> Bool {
        first.entries.elementsEqual(second.entries) { $0.key == $1.key && $0.value == $1.value }
    }
}
