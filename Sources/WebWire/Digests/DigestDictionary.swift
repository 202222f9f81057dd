/// A dictionary of byte sequences (RFC 9651 §3.2, §3.3.5): the form of `Repr-Digest` and `Content-Digest`.
struct DigestDictionary: Equatable {
    private(set) var entries: [(key: String, value: [UInt8])] = []

    subscript(_ key: String) -> [UInt8]? {
        // Of equal keys the last counts.
        entries.last { $0.key == key }?.value
    }

    /// Nil when the field is malformed; such a field is ignored whole. Members that are no byte sequence are left out.
    init?(parsing text: String) {
        guard text.utf8.count <= 4096 else { return nil }
        var scanner = FieldScanner(text)
        scanner.skipWhitespace()
        repeat {
            guard let key = scanner.token() else { return nil }
            guard scanner.take("=") else { return nil }
            if scanner.take(":") {
                let value = scanner.takeUntil { $0 == UInt8(ascii: ":") }
                guard scanner.take(":"),
                    let bytes = Base64.decode(String(decoding: value, as: UTF8.self))
                else { return nil }
                entries.append((key, bytes))
            }
            // Parameters, and values of other types.
            _ = scanner.takeUntil { $0 == UInt8(ascii: ",") }
        } while scanner.nextListItem()
        guard scanner.isAtEnd else { return nil }
    }

    static func == (left: DigestDictionary, right: DigestDictionary) -> Bool {
        left.entries.elementsEqual(right.entries) { $0 == $1 }
    }
}
