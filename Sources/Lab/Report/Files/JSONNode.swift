import Metainfo

/// JSON (RFC 8259) whose members keep the order in which they are given.
enum JSONNode {
    case null
    case string(String)
    case integer(Int64)
    case unsigned(UInt64)
    /// Six decimals at most; what is no finite number is `null`, since JSON has no word for it.
    case number(Double?)
    case array([JSONNode])
    case object([(String, JSONNode)])

    /// Objects and arrays of objects on lines of their own down to a host's, which is one line.
    func text() -> String {
        var text = ""
        append(to: &text, depth: 0)
        return text
    }

    /// A host is in `comparisons[]`, in a run, in `hosts[]`: what is deeper stays on its line.
    private static let deepest = 5

    private func append(to text: inout String, depth: Int) {
        switch self {
        case .null: text += "null"
        case .string(let string): text += JSONQuoting.quoted(string)
        case .integer(let integer): text += String(integer)
        case .unsigned(let integer): text += String(integer)
        case .number(let number):
            if let number, number.isFinite, number.magnitude < 9e12 {
                text += Quantity.short(number, decimals: 6)
            } else {
                text += "null"
            }
        case .array(let elements):
            let breaks = depth < Self.deepest && elements.contains { if case .object = $0 { true } else { false } }
            Self.append(elements.map { (nil, $0) }, between: "[", and: "]", to: &text, depth: depth, breaks: breaks)
        case .object(let members):
            let breaks = depth < Self.deepest
            Self.append(members.map { ($0, $1) }, between: "{", and: "}", to: &text, depth: depth, breaks: breaks)
        }
    }

    private static func append(
        _ parts: [(name: String?, value: JSONNode)], between open: String, and close: String, to text: inout String,
        depth: Int, breaks: Bool
    ) {
        text += open
        for (index, part) in parts.enumerated() {
            if index > 0 { text += breaks ? "," : ", " }
            if breaks { text += "\n" + String(repeating: "  ", count: depth + 1) }
            if let name = part.name { text += JSONQuoting.quoted(name) + ": " }
            part.value.append(to: &text, depth: depth + 1)
        }
        if breaks, !parts.isEmpty { text += "\n" + String(repeating: "  ", count: depth) }
        text += close
    }
}
