/// A name that is compared as people expect, without case and with numbers by value: cut into numbers and what is
/// between them.
public struct NaturalName: Comparable {
    private enum Part: Equatable {
        /// Digits without leading zeros: a longer number is greater.
        case number(Substring)
        case text(Substring)
    }

    private let original: String
    private let folded: String
    private let parts: [Part]

    public init(_ name: String) {
        original = name
        let folded = name.lowercased()
        self.folded = folded
        var parts: [Part] = []
        var rest = folded[...]
        while let first = rest.first {
            let isNumber = Self.isDigit(first)
            let run = rest.prefix { Self.isDigit($0) == isNumber }
            parts.append(isNumber ? .number(run.drop { $0 == "0" }) : .text(run))
            rest = rest[run.endIndex...]
        }
        self.parts = parts
    }

    public static func < (left: NaturalName, right: NaturalName) -> Bool {
        for (first, second) in zip(left.parts, right.parts) where first != second {
            switch (first, second) {
            case (.number(let one), .number(let two)):
                return one.utf8.count == two.utf8.count ? one < two : one.utf8.count < two.utf8.count
            case (.text(let one), .text(let two)): return one < two
            case (.number, .text): return true
            case (.text, .number): return false
            }
        }
        if left.parts.count != right.parts.count { return left.parts.count < right.parts.count }
        return left.original < right.original
    }

    public static func == (left: NaturalName, right: NaturalName) -> Bool { left.original == right.original }

    private static func isDigit(_ character: Character) -> Bool {
        ("0"..."9").contains(character) && character.utf8.count == 1
    }
}

extension Sequence {
    /// Sorted by a name as people expect.
    public func sorted(byName name: (Element) -> String) -> [Element] {
        // Places are sorted, since elements may be large.
        let elements = Array(self)
        let names = elements.map { NaturalName(name($0)) }
        return names.indices.sorted { names[$0] < names[$1] }.map { elements[$0] }
    }
}
