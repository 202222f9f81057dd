/// How long an asker likes to wait for a whole answer: `Prefer: wait=30` (RFC 7240 §4.3).
public struct WaitPreference: Sendable, Equatable {
    public let seconds: Int64

    /// Nil when there is none that can be read. The first one counts (§2).
    public init?(_ fields: HeaderFields) {
        for value in fields.all("Prefer").prefix(8) {
            for item in value.split(separator: ",").prefix(16) {
                let preference = item.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }
                let pair = preference.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard pair.count == 2, pair[0].lowercased() == "wait" else { continue }
                guard (1...9).contains(pair[1].count), pair[1].allSatisfy({ ("0"..."9").contains($0) }),
                    let seconds = Int64(pair[1])
                else { return nil }
                self.seconds = seconds
                return
            }
        }
        return nil
    }

    public init(seconds: Int64) {
        self.seconds = seconds
    }

    public var field: (name: String, value: String) { ("Prefer", "wait=\(seconds)") }
}
