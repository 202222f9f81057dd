/// Whether a VPN takes the packets that should go to the computers nearby.
struct RouteCheck: HealthCheck {
    struct Facts: Sendable, Equatable {
        var routes: [Route]
        var links: [NetworkLink]
        /// What rules beside the usual ones send by a tunnel: a sentence each.
        var policies: [String]
    }

    let id = "vpn"
    let subject = "the routes"
    let system: SystemAccess

    func findings() throws -> [Finding] {
        var routes = RouteTable.ipv4(try system.text(system.proc + "/net/route"))
        // Absent where IPv6 is off.
        if let text = try? system.text(system.proc + "/net/ipv6_route") { routes += RouteTable.ipv6(text) }
        let links = try NetworkLink.all(system)
        let tunnels = Set(links.filter { $0.kind == .tunnel }.map(\.name))
        return Self.judge(Facts(routes: routes, links: links, policies: policies(tunnels)))
    }

    /// Many VPN programs leave the usual routes alone and add rules (`ip rule`) that come before them.
    private func policies(_ tunnels: Set<String>) -> [String] {
        guard !tunnels.isEmpty, let rules = try? system.run("ip", ["rule"]), rules.succeeded else { return [] }
        var tables: [String] = []
        for line in rules.output.split(whereSeparator: \.isNewline) {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard let lookup = words.firstIndex(of: "lookup"), lookup + 1 < words.endIndex else { continue }
            let table = String(words[lookup + 1])
            if !["local", "main", "default"].contains(table), !tables.contains(table) { tables.append(table) }
        }
        return tables.prefix(8).flatMap { table -> [String] in
            guard let routes = try? system.run("ip", ["route", "show", "table", table]), routes.succeeded else {
                return []
            }
            return Self.throughTunnels(routes.output, table: table, tunnels: tunnels)
        }
    }

    static func throughTunnels(_ routes: String, table: String, tunnels: Set<String>) -> [String] {
        routes.split(whereSeparator: \.isNewline).compactMap { line in
            let words = line.split(separator: " ")
            guard let device = words.firstIndex(of: "dev"), device + 1 < words.endIndex,
                tunnels.contains(String(words[device + 1])), ["default", "0.0.0.0/1", "128.0.0.0/1"].contains(words[0])
            else { return nil }
            return "by a rule (table \(table)), \(words[0] == "default" ? "everything" : String(words[0])) goes by "
                + words[device + 1]
        }
    }

    static func judge(_ facts: Facts) -> [Finding] {
        let tunnels = Set(facts.links.filter { $0.kind == .tunnel }.map(\.name))
        let mine = facts.routes.filter { tunnels.contains($0.interface) }
        let captured = mine.filter { route in takesNeighbours(route, facts) }
        if !captured.isEmpty {
            return [
                Finding(
                    id: "vpn.neighbours", severity: .problem,
                    title: "A VPN (\(names(captured))) takes what is meant for computers nearby",
                    explanation:
                        "Packets to the own network leave by the VPN, so hosts there are neither found nor reached.",
                    remedy:
                        "allow the local network in the VPN program's settings, or switch the VPN off while sharing",
                    evidence: captured.map(\.text))
            ]
        }
        let defaults = mine.filter(\.isDefault)
        if !defaults.isEmpty || !facts.policies.isEmpty {
            return [
                Finding(
                    id: "vpn.route", severity: .warning, title: "A VPN takes what goes beyond the own network",
                    explanation:
                        "Computers nearby should still be reached. Many VPN programs block them all the same, and "
                        + "an address of this computer that a link holds may not be reachable for others.",
                    remedy:
                        "if others are not found: allow the local network in the VPN program's settings, or switch the "
                        + "VPN off while sharing",
                    evidence: defaults.map(\.text) + facts.policies)
            ]
        }
        return [
            Finding(
                id: "vpn.route", severity: .ok, title: "No VPN takes packets away",
                evidence: tunnels.sorted().map { "\($0) is there, but not for everything" })
        ]
    }

    /// The groups by which hosts find each other, or a network that a card is in.
    private static func takesNeighbours(_ route: Route, _ facts: Facts) -> Bool {
        let target = route.destination
        // ff00::/8 is on each link.
        let isMulticast = !target.isIPv6 && target.length >= 4 && target.bytes[0] >> 4 == 14
        if isMulticast { return true }
        let cards = facts.links.filter { $0.isUsable && $0.kind != .tunnel && $0.kind != .virtual }
        let networks = cards.flatMap(\.addresses).filter { !($0.isIPv6 && $0.isLinkLocal) }
        return !route.isDefault
            && networks.contains { network in
                // A single address of ours there is the VPN's own.
                network.length < network.bytes.count * 8 && target.length > network.length && network.contains(target)
                    && target.length < target.bytes.count * 8
            }
    }

    private static func names(_ routes: [Route]) -> String {
        Set(routes.map(\.interface)).sorted().joined(separator: ", ")
    }
}
