/// Reads the output of `iptables-save` or `ip6tables-save` (iptables(8), iptables-extensions(8)).
struct IptablesRuleset: Sendable {
    let filter: PacketFilter

    /// - Parameter family: that of the program which printed the text.
    init(parsing text: String, family: FilterFamily, origin: PacketFilter.Table.Origin = .iptables) {
        var tables: [PacketFilter.Table] = []
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("*") {
                let name = (family == .ipv4 ? "ip " : "ip6 ") + line.dropFirst()
                tables.append(PacketFilter.Table(name: name, origin: origin))
            } else if let table = tables.indices.last {
                Self.read(line, into: &tables[table], family: family)
            }
        }
        // The other tables change packets and let all of them through.
        filter = PacketFilter(tables: tables.filter { !$0.name.hasSuffix(" nat") })
    }

    private static func read(_ line: Substring, into table: inout PacketFilter.Table, family: FilterFamily) {
        if line.hasPrefix(":") {
            let words = line.dropFirst().split(separator: " ")
            guard words.count >= 2 else { return }
            let chain = String(words[0])
            if table.chains[chain] == nil { table.chains[chain] = [] }
            guard chain == "INPUT" || chain == "PREROUTING" else { return }
            table.entryPoints.append(
                PacketFilter.EntryPoint(
                    chain: chain, policy: words[1] == "DROP" ? .drop : .accept, families: [family]))
        } else if line.hasPrefix("-A ") {
            let words = IptablesRule.words(line)
            guard words.count >= 2 else { return }
            table.chains[words[1], default: []].append(IptablesRule(words: words[2...]).rule)
        }
    }
}
