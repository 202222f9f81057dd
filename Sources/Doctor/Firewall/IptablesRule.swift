/// Reads one rule as `iptables-save` prints it, behind `-A CHAIN`.
struct IptablesRule: Sendable {
    private(set) var rule: PacketFilter.Rule
    private var isNegated = false

    init(words: ArraySlice<String>) {
        rule = PacketFilter.Rule(conditions: [], action: .proceed, text: words.joined(separator: " "))
        var rest = words
        while let option = rest.popFirst() {
            if option == "!" {
                isNegated = true
                continue
            }
            var values: [String] = []
            while let value = rest.first, !value.hasPrefix("-"), value != "!" {
                values.append(value)
                rest.removeFirst()
            }
            let isTarget = option == "-j" || option == "-g"
            read(option, values)
            isNegated = false
            // What follows is about the target.
            if isTarget { break }
        }
    }

    /// Splits at spaces, except within quotes.
    static func words(_ line: Substring) -> [String] {
        var words: [String] = []
        var word = ""
        var isQuoted = false
        var isEscaped = false
        for character in line {
            if isEscaped {
                word.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                isQuoted.toggle()
                // An empty text in quotes is a word too, but none that matters here.
            } else if character == " ", !isQuoted {
                if !word.isEmpty { words.append(word) }
                word = ""
            } else {
                word.append(character)
            }
        }
        return word.isEmpty ? words : words + [word]
    }

    private mutating func read(_ option: String, _ values: [String]) {
        let list = (values.first ?? "").split(separator: ",").map(String.init)
        switch option {
        case "-j", "-g": rule.action = Self.action(values.first ?? "", isGoto: option == "-g")
        case "-m", "--match", "--comment": break
        case "-p": ask(Self.transport(values.first ?? ""))
        case "-i": ask(.interface(Self.pattern(values.first ?? "")))
        // Packets that come in have no interface to go out by.
        case "-o": ask(.either([]))
        case "-s": ask(.either(list.map { [IPPrefix($0).map(FilterCondition.source) ?? .unknown(option)] }))
        case "-d": ask(.either(list.map { [IPPrefix($0).map(FilterCondition.destination) ?? .unknown(option)] }))
        case "--dport", "--dports":
            ask(.either(list.map { [Self.ports($0).map(FilterCondition.destinationPort) ?? .unknown(option)] }))
        case "--sport", "--sports":
            ask(.either(list.map { [Self.ports($0).map(FilterCondition.sourcePort) ?? .unknown(option)] }))
        case "--state", "--ctstate": ask(.either(list.map { [.state($0.lowercased())] }))
        case "--dst-type": ask(.either(list.map { [.destinationType($0.lowercased())] }))
        case "--pkt-type": ask(.either(list.map { [.destinationType($0.lowercased())] }))
        case "-f": ask(.either([]))
        default: rule.conditions.append(.unknown(([option] + values).joined(separator: " ")))
        }
    }

    private mutating func ask(_ condition: FilterCondition) {
        rule.conditions.append(isNegated ? .not(condition) : condition)
    }

    private static func action(_ target: String, isGoto: Bool) -> PacketFilter.Action {
        if isGoto { return .goto(target) }
        switch target {
        case "ACCEPT": return .verdict(.accept)
        case "DROP", "REJECT": return .verdict(.drop)
        case "RETURN": return .leave
        default: return .jump(target)
        }
    }

    private static func transport(_ name: String) -> FilterCondition {
        switch name {
        case "all", "0": .either([[]])
        case "tcp": .transport(6...6)
        case "udp": .transport(17...17)
        default: UInt8(name).map { .transport($0...$0) } ?? .either([])
        }
    }

    private static func pattern(_ name: String) -> String { name.hasSuffix("+") ? name.dropLast() + "*" : name }

    /// `5353`, `6881:6889`, `1024:` or `:1023`.
    private static func ports(_ text: String) -> ClosedRange<UInt16>? {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first else { return nil }
        guard parts.count == 2 else { return UInt16(first).map { $0...$0 } }
        let low: UInt16? = first.isEmpty ? 0 : UInt16(first)
        let high: UInt16? = parts[1].isEmpty ? .max : UInt16(parts[1])
        guard let low, let high, low <= high else { return nil }
        return low...high
    }
}
