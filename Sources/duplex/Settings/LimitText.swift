import Host
import Lab

extension HostLimit.Unit {
    /// Reads what ``HostLimit/text(_:)`` writes, and more: `100`, `500MB`, `1.5GiB`, `90`, `90s`, `5min`, `24h`, `30d`.
    func parse(_ text: String) -> Int64? {
        switch self {
        case .count: Self.whole(text)
        case .bytes: text == "0" ? 0 : ByteSize.parse(text)
        case .seconds: Self.seconds(text)
        }
    }

    /// What it is, with its article.
    var word: String {
        switch self {
        case .count: "a whole number"
        case .bytes: "a size"
        case .seconds: "a time"
        }
    }

    /// What stands for its value in the help.
    var valueName: String {
        switch self {
        case .count: "number"
        case .bytes: "size"
        case .seconds: "time"
        }
    }

    private static func whole(_ text: some StringProtocol) -> Int64? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int64(text) : nil
    }

    private static func seconds(_ text: String) -> Int64? {
        let units: [(name: String, seconds: Int64)] = [("min", 60), ("s", 1), ("h", 3600), ("d", 86_400), ("", 1)]
        let text = text.lowercased()
        guard let unit = units.first(where: { text.hasSuffix($0.name) }),
            let count = whole(text.dropLast(unit.name.count).trimmingBlanks)
        else { return nil }
        let (seconds, overflow) = count.multipliedReportingOverflow(by: unit.seconds)
        return overflow ? nil : seconds
    }
}

extension Substring {
    fileprivate var trimmingBlanks: Substring {
        var text = self
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
