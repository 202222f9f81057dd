import Bencode

/// Reads the tracker and web seed addresses of a torrent file: they are hints, so what makes no sense is left out.
enum AddressList {
    static let maximumCount = 1000
    static let maximumLength = 4096

    /// The tiers of `announce-list` (BEP 12), or `announce` alone.
    static func trackers(_ top: BencodeDictionary) -> [[String]] {
        var seen: Set<String> = []
        var tiers: [[String]] = []
        for tier in top["announce-list"]?.list ?? [] {
            let addresses = (tier.list ?? []).compactMap { address($0, unlessIn: &seen) }
            if !addresses.isEmpty { tiers.append(addresses) }
        }
        if tiers.isEmpty, let value = top["announce"], let only = address(value, unlessIn: &seen) { tiers = [[only]] }
        return tiers
    }

    /// `url-list`, which is one string or a list (BEP 19).
    static func webSeeds(_ top: BencodeDictionary) -> [String] {
        var seen: Set<String> = []
        switch top["url-list"] {
        case .list(let items): return items.compactMap { address($0, unlessIn: &seen) }
        case .string(let bytes): return [.string(bytes)].compactMap { address($0, unlessIn: &seen) }
        default: return []
        }
    }

    /// Text without spaces around it, nil if that is empty, too long, was there before or has control characters.
    static func address(_ value: BencodeValue, unlessIn seen: inout Set<String>) -> String? {
        guard seen.count < maximumCount, let text = value.text, text.utf8.count <= maximumLength else { return nil }
        let trimmed = trimmed(text)
        guard !trimmed.isEmpty, !trimmed.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }),
            seen.insert(trimmed).inserted
        else { return nil }
        return trimmed
    }

    static func trimmed(_ text: String) -> String {
        let start = text.drop(while: \.isWhitespace)
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }
}
