import DiscoveryWire

/// Names below `.local` (RFC 6762 §3, RFC 6763 §4), and the next name to try when one is taken.
enum LocalName {
    static let domain = known("local")
    /// What lists all types of services (RFC 6763 §9).
    static let typeList = known("_services._dns-sd._udp.local")

    /// The name of a type like `_duplex._tcp`; nil unless it is well formed (RFC 6763 §7).
    static func type(_ text: String) -> DomainName? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let service = parts.first, ["_tcp", "_udp"].contains(parts[1].lowercased()),
            service.hasPrefix("_"), (2...16).contains(service.utf8.count),
            service.utf8.dropFirst().allSatisfy({ $0 == UInt8(ascii: "-") || isAlphanumeric($0) })
        else { return nil }
        return DomainName(text: text + ".local")
    }

    /// `_duplex._tcp` from the name of a type.
    static func text(ofType name: DomainName) -> String {
        name.labels.dropLast().map { String(decoding: $0, as: UTF8.self) }.joined(separator: ".")
    }

    static func host(_ label: String) -> DomainName {
        (try? domain.prepending(clipped(label))) ?? domain
    }

    static func instance(_ label: String, of type: DomainName) -> DomainName {
        (try? type.prepending(clipped(label))) ?? type
    }

    static func subtype(_ label: String, of type: DomainName) -> DomainName? {
        (try? type.prepending("_sub")).flatMap { try? $0.prepending(clipped(label)) }
    }

    /// `Name (2)` after `Name`, `Name (3)` after that (RFC 6763 appendix D).
    static func nextInstance(after label: String) -> String {
        if label.hasSuffix(")"), let open = label.lastIndex(of: "("), open > label.startIndex,
            label[label.index(before: open)] == " ",
            let number = Int(label[label.index(after: open)...].dropLast()), number > 1, number < 1_000_000
        {
            return clipped(String(label[..<label.index(before: open)]), suffix: " (\(number + 1))")
        }
        return clipped(label, suffix: " (2)")
    }

    /// `name-2` after `name`, `name-3` after that. What follows the last hyphen of the original is not taken for such a
    /// number.
    static func nextHost(original: String, attempt: Int) -> String {
        clipped(original, suffix: "-\(attempt + 1)")
    }

    /// Cut to the length of a label, between characters; never empty.
    static func clipped(_ label: String, suffix: String = "") -> String {
        var kept = label.isEmpty ? "host" : label
        while kept.utf8.count + suffix.utf8.count > DomainName.maximumLabelLength { kept.removeLast() }
        return kept + suffix
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    private static func known(_ text: String) -> DomainName {
        DomainName(text: text) ?? .root
    }
}
