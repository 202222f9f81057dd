import Bencode

extension MagnetLink {
    /// Reads a link. Keys may carry a number (`tr.1`) and are taken in any case; unknown ones are ignored.
    public init(parsing text: String) throws(MagnetError) {
        guard text.utf8.count <= Self.maximumLength else { throw .tooLong }
        let trimmed = AddressList.trimmed(text)
        let scheme = "magnet:?"
        guard trimmed.utf8.count >= scheme.utf8.count, trimmed.prefix(scheme.count).lowercased() == scheme else {
            throw .notMagnet
        }
        var parameters = Parameters()
        for parameter in trimmed.dropFirst(scheme.count).split(separator: "&") {
            let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            try parameters.take(key: Self.key(parts[0]), value: parts[1])
        }
        guard let hashes = InfoHashes(v1: parameters.v1, v2: parameters.v2) else { throw .missingHash }
        self.init(
            hashes: hashes, name: parameters.name, trackers: parameters.trackers, webSeeds: parameters.webSeeds,
            peers: parameters.peers, selectedFiles: parameters.selection)
    }

    /// The key in lower case without its number: `tr.1` is `tr`, `x.pe` stays.
    private static func key(_ text: Substring) -> String {
        let key = text.lowercased()
        guard let dot = key.lastIndex(of: "."), key[dot...].dropFirst().utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
        else { return key }
        return String(key[..<dot])
    }

    private struct Parameters {
        var v1: InfoHashV1?
        var v2: InfoHashV2?
        var name: String?
        var trackers: [String] = []
        var webSeeds: [String] = []
        var peers: [String] = []
        var selection: [ClosedRange<Int>]?
        private var seen: [String: Set<String>] = [:]

        mutating func take(key: String, value: Substring) throws(MagnetError) {
            switch key {
            case "xt": try takeTopic(PercentCoding.decodedText(value))
            case "dn" where name == nil:
                name = PathSafety.safeComponent(PercentCoding.decoded(value, plusIsSpace: true))
            case "tr": add(value, key: key, to: \.trackers)
            case "ws": add(value, key: key, to: \.webSeeds)
            case "x.pe": add(value, key: key, to: \.peers)
            case "so": selection = try FileSelection.parse(PercentCoding.decodedText(value))
            default: break
            }
        }

        private mutating func takeTopic(_ topic: String) throws(MagnetError) {
            let lowered = topic.lowercased()
            if lowered.hasPrefix("urn:btih:") {
                let digits = topic.dropFirst("urn:btih:".count)
                guard let hash = InfoHashV1(hex: digits) ?? Base32.decode(digits).flatMap({ InfoHashV1($0) }) else {
                    throw .invalidHash(String(digits.prefix(100)))
                }
                guard v1 == nil || v1 == hash else { throw .conflictingHashes }
                v1 = hash
            } else if lowered.hasPrefix("urn:btmh:") {
                // A multihash: 0x12 for SHA-256, 0x20 for its 32 bytes.
                let digits = lowered.dropFirst("urn:btmh:".count)
                guard digits.hasPrefix("1220"), let hash = InfoHashV2(hex: digits.dropFirst(4)) else {
                    throw .invalidHash(String(digits.prefix(100)))
                }
                guard v2 == nil || v2 == hash else { throw .conflictingHashes }
                v2 = hash
            }
        }

        private mutating func add(_ value: Substring, key: String, to list: WritableKeyPath<Parameters, [String]>) {
            guard self[keyPath: list].count < MagnetLink.maximumAddressCount,
                let text = AddressList.address(
                    .string(PercentCoding.decoded(value)), unlessIn: &seen[key, default: []])
            else { return }
            self[keyPath: list].append(text)
        }
    }
}

/// The value of `so` (BEP 53): file numbers and inclusive ranges.
enum FileSelection {
    static let maximumIndex = TorrentInfo.maximumFileCount

    /// Ranges in ascending order, merged where they touch.
    static func parse(_ text: String) throws(MagnetError) -> [ClosedRange<Int>] {
        var ranges: [ClosedRange<Int>] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let bounds = part.split(separator: "-", omittingEmptySubsequences: false).map { number($0) }
            guard bounds.count <= 2, let first = bounds[0], let last = bounds[bounds.count - 1], first <= last else {
                throw .invalidSelection(String(text.prefix(100)))
            }
            ranges.append(first...last)
        }
        return ranges.sorted { $0.lowerBound < $1.lowerBound }.reduce(into: []) { merged, range in
            if let last = merged.last, range.lowerBound <= last.upperBound + 1 {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
    }

    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let number = Int(text),
            number <= maximumIndex
        else { return nil }
        return number
    }
}
