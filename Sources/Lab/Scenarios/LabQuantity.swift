/// Sizes as they are written on the command line: `64MiB`, `1.5GiB`, `100MB`, `1048576`.
public enum ByteSize {
    private static let units: [(name: String, bytes: Int64)] = [
        ("b", 1), ("kb", 1000), ("mb", 1_000_000), ("gb", 1_000_000_000), ("tb", 1_000_000_000_000),
        ("kib", 1 << 10), ("mib", 1 << 20), ("gib", 1 << 30), ("tib", 1 << 40),
    ]

    /// Bytes; nil unless the text is a number above zero, with or without a unit, that comes to whole bytes below 2⁵³.
    public static func parse(_ text: String) -> Int64? {
        QuantityText.parse(text, units: units)
    }
}

/// Rates of links: `50Mbit`, `1Gbit`, `800kbit`, `50Mbit/s`, `1000000`.
public enum LinkRate {
    private static let units: [(name: String, bits: Int64)] = [
        ("bit", 1), ("kbit", 1000), ("mbit", 1_000_000), ("gbit", 1_000_000_000),
    ]

    /// Bits a second; nil unless the text is a number above zero, with or without a unit, that comes to whole bits.
    public static func parse(_ text: String) -> Int64? {
        let perSecond = text.lowercased().hasSuffix("bit/s")
        return QuantityText.parse(perSecond ? String(text.dropLast(2)) : text, units: units.map { ($0.name, $0.bits) })
    }

    /// For example `50 Mbit/s`, `1.5 Gbit/s`.
    public static func text(_ rate: Int64) -> String {
        let unit = units.last { $0.bits <= rate } ?? units[0]
        let names = ["bit": "bit/s", "kbit": "kbit/s", "mbit": "Mbit/s", "gbit": "Gbit/s"]
        let value = Double(rate) / Double(unit.bits)
        let number = value == value.rounded() ? String(Int64(value)) : String((value * 100).rounded() / 100)
        return "\(number) \(names[unit.name] ?? unit.name)"
    }
}

/// Counts of receivers: `1,2,4,8,16`.
public enum HostCounts {
    /// nil unless the text is a list of different whole numbers above zero, in any order; ascending.
    public static func parse(_ text: String) -> [Int]? {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let counts = parts.compactMap { part in
            part.utf8.allSatisfy { (48...57).contains($0) } ? Int(part) : nil
        }
        guard counts.count == parts.count, counts.allSatisfy({ $0 > 0 }), Set(counts).count == counts.count else {
            return nil
        }
        return counts.sorted()
    }
}

private enum QuantityText {
    static func parse(_ text: String, units: [(String, Int64)]) -> Int64? {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let rest = text.dropFirst(number.count)
        let unit = (rest.first == " " ? rest.dropFirst() : rest).lowercased()
        guard let scale = unit.isEmpty ? 1 : units.first(where: { $0.0 == unit })?.1,
            let first = number.first, first != ".", number.last != ".", let value = Double(number)
        else { return nil }
        let product = value * Double(scale)
        // Beyond this, doubles leave out whole numbers.
        guard product >= 1, product < 9_007_199_254_740_992, product == product.rounded() else { return nil }
        return Int64(product)
    }
}
