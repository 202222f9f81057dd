/// Reads the output of `nft -j list ruleset` (libnftables-json(5), schema version 1).
struct NftablesRuleset: Sendable {
    let filter: PacketFilter
    /// Families (`ip`, `ip6`) with tables whose rules nft cannot show in full: they were written by iptables, whose own
    /// program shows them.
    let iptablesFamilies: Set<String>

    init(parsing text: String) throws(LookFailure) {
        guard let objects = try JSONText(parsing: text)["nftables"]?.array else {
            throw LookFailure("nft printed something unknown")
        }
        var order: [String] = []
        var tables: [String: PacketFilter.Table] = [:]
        var sets: [String: [JSONText]] = [:]
        var foreign: Set<String> = []
        // Sets may stand behind the rules that use them.
        for object in objects {
            guard let (kind, value) = object.single, kind == "set" || kind == "map" else { continue }
            sets["\(Self.table(value))/\(value["name"]?.string ?? "")"] = value["elem"]?.array ?? []
        }
        for object in objects {
            guard let (kind, value) = object.single, ["table", "chain", "rule"].contains(kind) else { continue }
            let family = value["family"]?.string ?? ""
            guard ["ip", "ip6", "inet", "netdev"].contains(family) else { continue }
            let name = kind == "table" ? "\(family) \(value["name"]?.string ?? "")" : Self.table(value)
            if tables[name] == nil {
                order.append(name)
                tables[name] = PacketFilter.Table(name: name, origin: .nftables)
            }
            if kind == "chain" {
                let chain = value["name"]?.string ?? ""
                if tables[name]?.chains[chain] == nil { tables[name]?.chains[chain] = [] }
                if let entry = Self.entryPoint(value, family: family) { tables[name]?.entryPoints.append(entry) }
            } else if kind == "rule" {
                let statements = value["expr"]?.array ?? []
                if statements.contains(where: { $0["xt"] != nil }) { foreign.insert(family) }
                let reader = NftablesRule(table: name, sets: sets)
                tables[name]?.chains[value["chain"]?.string ?? "", default: []] += reader.rules(statements)
            }
        }
        filter = PacketFilter(tables: order.compactMap { tables[$0] })
        iptablesFamilies = foreign
    }

    private static func table(_ value: JSONText) -> String {
        "\(value["family"]?.string ?? "") \(value["table"]?.string ?? "")"
    }

    /// Chains that see packets for this computer. Those that translate addresses drop nothing.
    private static func entryPoint(_ chain: JSONText, family: String) -> PacketFilter.EntryPoint? {
        guard let name = chain["name"]?.string, let hook = chain["hook"]?.string, chain["type"]?.string == "filter",
            ["input", "prerouting", "ingress"].contains(hook)
        else { return nil }
        let families: Set<FilterFamily> =
            switch family {
            case "ip": [.ipv4]
            case "ip6": [.ipv6]
            default: [.ipv4, .ipv6]
            }
        return PacketFilter.EntryPoint(
            chain: name, policy: chain["policy"]?.string == "drop" ? .drop : .accept, families: families,
            // nft before 1.0.7 does not say of which interface.
            isPartial: hook == "ingress")
    }
}
