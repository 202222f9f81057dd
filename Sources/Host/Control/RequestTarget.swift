import Metainfo

/// The path and the query of a request, decoded.
struct RequestTarget: Sendable, Equatable {
    /// Components; none of them is empty, `.` or `..`.
    let path: [String]
    let query: [String: String]

    /// Nil for a target that no client of ours sends: not in origin form, or with escapes that are no UTF-8.
    init?(_ target: String) {
        guard target.hasPrefix("/"), target.utf8.count <= 16_384 else { return nil }
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var path: [String] = []
        for component in parts[0].split(separator: "/") {
            guard let decoded = Self.decoded(component), decoded != ".", decoded != ".." else { return nil }
            path.append(decoded)
        }
        var query: [String: String] = [:]
        for pair in parts.count > 1 ? parts[1].split(separator: "&") : [] {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(sides[0]),
                let value = Self.decoded(sides.count > 1 ? sides[1] : "")
            else { return nil }
            query[name] = query[name] ?? value
        }
        self.path = path
        self.query = query
    }

    private static func decoded(_ text: Substring) -> String? {
        PercentCoding.strictlyDecoded(bytes: text.utf8).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
