/// What is known of the firewall.
struct FirewallFacts: Sendable, Equatable {
    enum Manager: String, Sendable {
        case ufw, firewalld
    }

    /// All rules, as far as the reader could see them; nil if it may not.
    var filter: PacketFilter?
    /// Why not, or what is missing.
    var trouble: String?
    /// The program by which the user's rules should be changed.
    var manager: Manager?
    /// What is known without the rules.
    var signs: [String] = []
    var links: [NetworkLink] = []
}

/// Reads the rules with the programs that there are.
struct FirewallReader: Sendable {
    let system: SystemAccess

    func read() throws(LookFailure) -> FirewallFacts {
        var facts = FirewallFacts()
        facts.links = try NetworkLink.all(system).filter(\.isUsable)
        facts.manager = manager(&facts.signs)
        guard system.isRoot else {
            facts.trouble = "only the administrator may read its rules"
            return facts
        }
        try readRules(&facts)
        if facts.manager == nil { facts.manager = facts.filter.flatMap(Self.manager) }
        return facts
    }

    private func readRules(_ facts: inout FirewallFacts) throws(LookFailure) {
        var filter: PacketFilter?
        if let result = try system.run("nft", ["-j", "list", "ruleset"]) {
            guard result.succeeded else { throw LookFailure("nft says: \(result.complaint)") }
            let ruleset = try NftablesRuleset(parsing: result.output)
            filter = try replaceForeign(ruleset)
        } else {
            let both = [try saved("iptables-save", .ipv4, .iptables), try saved("ip6tables-save", .ipv6, .iptables)]
            let found = both.compactMap(\.self)
            if !found.isEmpty { filter = PacketFilter(tables: found.flatMap(\.tables)) }
        }
        // The older iptables has tables of its own in the kernel, beside those that nft shows. Its program would make
        // empty ones, so it is asked only if there are some.
        for (file, tool, family) in [
            ("ip_tables_names", "iptables-legacy-save", FilterFamily.ipv4),
            ("ip6_tables_names", "ip6tables-legacy-save", .ipv6),
        ] where system.line(system.proc + "/net/\(file)").map({ !$0.isEmpty }) == true {
            if let legacy = try saved(tool, family, .iptablesLegacy) {
                filter = PacketFilter(tables: (filter?.tables ?? []) + legacy.tables)
            } else {
                facts.signs.append("there are rules of the older iptables, and no \(tool) to read them")
            }
        }
        facts.filter = filter
        if filter == nil { facts.trouble = "neither nft nor iptables is installed" }
    }

    /// Tables that were written by iptables, in the words of iptables: nft shows only the names of its conditions.
    private func replaceForeign(_ ruleset: NftablesRuleset) throws(LookFailure) -> PacketFilter {
        var tables = ruleset.filter.tables
        for (name, tool, family) in [("ip", "iptables-save", FilterFamily.ipv4), ("ip6", "ip6tables-save", .ipv6)] {
            guard ruleset.iptablesFamilies.contains(name), let own = try saved(tool, family, .iptables) else {
                continue
            }
            let replaced = Set(own.tables.map(\.name))
            tables = tables.filter { !replaced.contains($0.name) } + own.tables
        }
        return PacketFilter(tables: tables)
    }

    private func saved(
        _ tool: String, _ family: FilterFamily, _ origin: PacketFilter.Table.Origin
    ) throws(LookFailure) -> PacketFilter? {
        guard let result = try system.run(tool, []) else { return nil }
        guard result.succeeded else { throw LookFailure("\(tool) says: \(result.complaint)") }
        return IptablesRuleset(parsing: result.output, family: family, origin: origin).filter
    }

    // MARK: Who writes the rules

    private func manager(_ signs: inout [String]) -> FirewallFacts.Manager? {
        let lines = (try? system.text(system.etc + "/ufw/ufw.conf"))?.split(whereSeparator: \.isNewline) ?? []
        if lines.contains(where: { $0.lowercased().filter { $0 != " " && $0 != "\"" } == "enabled=yes" }) {
            signs.append("ufw is on (\(system.etc)/ufw/ufw.conf)")
            return .ufw
        }
        if (try? system.run("firewall-cmd", ["--state"]))??.succeeded == true {
            signs.append("firewalld is running")
            return .firewalld
        }
        return nil
    }

    private static func manager(_ filter: PacketFilter) -> FirewallFacts.Manager? {
        if filter.tables.contains(where: { $0.name.hasSuffix(" firewalld") }) { return .firewalld }
        let chains = filter.tables.flatMap(\.chains.keys)
        return chains.contains { $0.hasPrefix("ufw-") || $0.hasPrefix("ufw6-") } ? .ufw : nil
    }
}
