/// Statements in the words of nft's own language, near enough for people to find the rule.
enum NftablesText {
    static func match(_ value: JSONText) -> String {
        comparison(value["left"] ?? .null, value["op"]?.string ?? "==", value["right"] ?? .null)
    }

    static func comparison(_ left: JSONText, _ sign: String, _ right: JSONText) -> String {
        let sign = sign == "==" || sign == "in" ? "" : sign + " "
        return "\(field(left)) \(sign)\(text(right))"
    }

    static func action(_ kind: String, _ value: JSONText) -> String {
        value["target"]?.string.map { "\(kind) \($0)" } ?? kind
    }

    private static func field(_ left: JSONText) -> String {
        guard let (kind, value) = left.single else { return text(left) }
        switch kind {
        case "payload": return "\(value["protocol"]?.string ?? "") \(value["field"]?.string ?? "")"
        case "meta", "ct":
            let key = value["key"]?.string ?? ""
            return key.hasPrefix("iif") ? key : "\(kind) \(key)"
        case "concat": return (value.array ?? []).map(field).joined(separator: " . ")
        case "fib": return "fib daddr type"
        case "&": return (value.array ?? []).map(field).joined(separator: " & ")
        default: return kind
        }
    }

    private static func text(_ value: JSONText) -> String {
        switch value {
        case .null: return ""
        case .bool(let flag): return flag ? "true" : "false"
        case .number(let number): return Int(exactly: number).map(String.init) ?? "\(number)"
        case .string(let text): return text
        case .array(let values): return list(values)
        case .object:
            if let values = value["set"]?.array { return list(values) }
            if let values = value["concat"]?.array { return values.map(text).joined(separator: " . ") }
            if let bounds = value["range"]?.array { return bounds.map(text).joined(separator: "-") }
            if let prefix = value["prefix"] {
                return "\(text(prefix["addr"] ?? .null))/\(text(prefix["len"] ?? .null))"
            }
            if let element = value["elem"]?["val"] { return text(element) }
            return value.single.map { $0.name } ?? "…"
        }
    }

    private static func list(_ values: [JSONText]) -> String {
        let shown = values.prefix(6).map(text) + (values.count > 6 ? ["…"] : [])
        return "{ " + shown.joined(separator: ", ") + " }"
    }
}
