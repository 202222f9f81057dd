/// Reads the statements of one rule. A rule that decides by a map becomes several.
struct NftablesRule: Sendable {
    let table: String
    /// Elements of named sets and maps, by table and name.
    let sets: [String: [JSONText]]

    func rules(_ statements: [JSONText]) -> [PacketFilter.Rule] {
        var conditions: [FilterCondition] = []
        var words: [String] = []
        for statement in statements {
            guard let (kind, value) = statement.single else { continue }
            switch kind {
            case "match":
                conditions += match(value)
                words.append(NftablesText.match(value))
            case "vmap":
                return byMap(value, conditions: conditions, words: words)
            case "limit", "quota", "ct count", "connlimit", "meter", "socket", "osf", "last":
                conditions.append(.unknown(kind))
                words.append(kind)
            case "xt":
                if value["type"]?.string == "target" {
                    return [foreignTarget(value["name"]?.string ?? "", conditions, words)]
                }
                conditions.append(.unknown(value["name"]?.string ?? "xt"))
                words.append(value["name"]?.string ?? "xt")
            case "queue":
                // A program decides.
                conditions.append(.unknown(kind))
                return [rule(conditions, .verdict(.accept), words + [kind])]
            default:
                guard let action = Self.action(kind, value) else { continue }
                return [rule(conditions, action, words + [NftablesText.action(kind, value)])]
            }
        }
        return [rule(conditions, .proceed, words)]
    }

    static func action(_ kind: String, _ value: JSONText) -> PacketFilter.Action? {
        switch kind {
        case "accept": .verdict(.accept)
        case "drop", "reject": .verdict(.drop)
        case "jump": .jump(value["target"]?.string ?? "")
        case "goto": .goto(value["target"]?.string ?? "")
        case "return": .leave
        default: nil
        }
    }

    private func rule(
        _ conditions: [FilterCondition], _ action: PacketFilter.Action, _ words: [String]
    ) -> PacketFilter.Rule {
        PacketFilter.Rule(conditions: conditions, action: action, text: words.joined(separator: " "))
    }

    private func foreignTarget(
        _ name: String, _ conditions: [FilterCondition], _ words: [String]
    ) -> PacketFilter.Rule {
        rule(conditions, name == "REJECT" || name == "DROP" ? .verdict(.drop) : .proceed, words + [name])
    }

    private func byMap(_ value: JSONText, conditions: [FilterCondition], words: [String]) -> [PacketFilter.Rule] {
        guard let key = value["key"] else { return [] }
        return elements(value["data"]).compactMap { element in
            guard let pair = element.array, pair.count == 2, let (kind, target) = pair[1].single,
                let action = Self.action(kind, target)
            else { return nil }
            let text = NftablesText.comparison(key, "==", pair[0]) + " " + NftablesText.action(kind, target)
            return rule(conditions + equal(key, Self.plain(pair[0])), action, words + [text])
        }
    }

    // MARK: Conditions

    private func match(_ value: JSONText) -> [FilterCondition] {
        guard let left = value["left"], let right = value["right"] else { return [.unknown("match")] }
        let asked = equal(left, right)
        switch value["op"]?.string {
        case "==", "in": return asked
        case "!=":
            // A rule about TCP's ports concerns TCP alone, even if it says which port it does not mean.
            let needed = NftablesField(left)?.precondition ?? []
            guard asked.starts(with: needed), asked.count == needed.count + 1, let last = asked.last else {
                return needed + [.unknown("!=")]
            }
            return needed + [.not(last)]
        case "<", "<=", ">", ">=": return ordered(left, value["op"]?.string ?? "", right)
        default: return [.unknown("match")]
        }
    }

    /// Conditions of which all must hold.
    private func equal(_ left: JSONText, _ right: JSONText) -> [FilterCondition] {
        if let fields = left["concat"]?.array { return [concatenation(fields, right)] }
        guard let field = NftablesField(left) else { return [.unknown("match")] }
        let isSet = right["set"] != nil || right.array != nil || right.string?.hasPrefix("@") == true
        guard isSet else { return field.precondition + [field.condition(right)] }
        return field.precondition + [.either(elements(right).map { [field.condition($0)] })]
    }

    private func concatenation(_ fields: [JSONText], _ right: JSONText) -> FilterCondition {
        let isSet = right["set"] != nil || right.string?.hasPrefix("@") == true
        let values = isSet ? elements(right) : [right]
        let choices = values.map { value -> [FilterCondition] in
            guard let parts = value["concat"]?.array, parts.count == fields.count else { return [.unknown("concat")] }
            return zip(fields, parts).flatMap { equal($0, $1) }
        }
        return .either(choices)
    }

    private func ordered(_ left: JSONText, _ sign: String, _ right: JSONText) -> [FilterCondition] {
        guard let field = NftablesField(left) else { return [.unknown("match")] }
        guard let value = right.integer.flatMap({ UInt16(exactly: $0) }) else {
            return field.precondition + [.unknown("match")]
        }
        let below: ClosedRange<UInt16>? =
            sign == "<=" || sign == ">" ? 0...value : value > 0 ? 0...(value - 1) : nil
        guard let below else {
            // Nothing is below 0, everything is at least 0.
            return sign == "<" ? field.precondition + [.either([])] : field.precondition
        }
        let condition = field.condition(ports: below)
        return field.precondition + [sign.hasPrefix(">") ? .not(condition) : condition]
    }

    /// Of `{"set": […]}`, a list, or the name of a set.
    private func elements(_ value: JSONText?) -> [JSONText] {
        guard let value else { return [] }
        if let name = value.string, name.hasPrefix("@") {
            return (sets["\(table)/\(name.dropFirst())"] ?? []).map(Self.plain)
        }
        if let list = value["set"]?.array ?? value.array { return list.map(Self.plain) }
        return [value["set"] ?? value].map(Self.plain)
    }

    /// Elements with a comment or an end of their time are wrapped.
    private static func plain(_ element: JSONText) -> JSONText { element["elem"]?["val"] ?? element }
}
