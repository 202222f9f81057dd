/// Whether the firewall lets in what other hosts send to Duplex.
struct FirewallCheck: HealthCheck {
    let id = "firewall"
    let subject = "the firewall's rules"
    let listenPort: UInt16
    let system: SystemAccess

    func findings() throws -> [Finding] {
        let reader = FirewallReader(system: system)
        let facts = try reader.read()
        let known = facts.filter == nil ? reader.unprivileged(facts.manager, port: listenPort) : [:]
        return Self.judge(facts, known: known, listenPort: listenPort)
    }

    /// - Parameter known: what is let in, as far as that is known without the rules.
    static func judge(
        _ facts: FirewallFacts, known: [FilterPacket.Service: Bool] = [:], listenPort: UInt16
    ) -> [Finding] {
        let services = FilterPacket.Service.allCases.map { FirewallService(service: $0, listenPort: listenPort) }
        guard let filter = facts.filter else { return unseen(facts, known, services) }
        return services.map { judge(filter, facts, $0) }
    }

    private static func judge(_ filter: PacketFilter, _ facts: FirewallFacts, _ service: FirewallService) -> Finding {
        var closed: [(barrier: PacketFilter.Barrier, link: String)] = []
        var conditional: [(barrier: PacketFilter.Barrier, link: String, rules: [String])] = []
        for link in facts.links {
            for packet in FilterPacket.all(of: service.service, port: service.port, link: link) {
                let place = "\(link.name), \(packet.source.isIPv6 ? "IPv6" : "IPv4")"
                switch filter.outcome(for: packet) {
                case .open: break
                case .closed(let barrier): closed.append((barrier, place))
                case .conditional(let barrier, let rules): conditional.append((barrier, place, rules))
                }
            }
        }
        if !closed.isEmpty {
            let barriers = distinct(closed.map(\.barrier))
            return Finding(
                id: service.id, severity: service.severity, title: "The firewall blocks \(service.name)",
                explanation: service.meaning, remedy: remedy(facts.manager, barriers, service),
                evidence: distinct(closed.map { "\($0.link): \(text($0.barrier))" }))
        }
        if !conditional.isEmpty {
            let barriers = distinct(conditional.map(\.barrier))
            return Finding(
                id: service.id, severity: .warning, title: "The firewall lets only a part of \(service.name) through",
                explanation:
                    "It depends on rules whose effect cannot be known beforehand. If others fail to reach this "
                    + "computer: \(service.meaning)",
                remedy: remedy(facts.manager, barriers, service),
                evidence: distinct(
                    conditional.flatMap { item in
                        item.rules.map { "\(item.link): may be let in by: \($0)" }
                            + ["\(item.link): otherwise \(text(item.barrier))"]
                    }))
        }
        let title =
            facts.links.isEmpty
            ? "No network on which the firewall could block \(service.name)"
            : "The firewall lets \(service.name) through"
        return Finding(id: service.id, severity: .ok, title: title, evidence: facts.signs)
    }

    private static func unseen(
        _ facts: FirewallFacts, _ known: [FilterPacket.Service: Bool], _ services: [FirewallService]
    ) -> [Finding] {
        var findings: [Finding] = []
        for service in services {
            guard let isOpen = known[service.service] else { continue }
            let manager = facts.manager?.rawValue ?? "the firewall"
            findings.append(
                Finding(
                    id: service.id, severity: isOpen ? .ok : service.severity,
                    title: isOpen
                        ? "The firewall lets \(service.name) through"
                        : "The firewall does not let \(service.name) through",
                    explanation: isOpen ? "" : service.meaning,
                    remedy: isOpen ? nil : remedy(facts.manager, [], service),
                    evidence: ["by what \(manager) says without the administrator's rights"]))
        }
        guard findings.count < services.count else { return findings }
        let mayLook = facts.trouble?.contains("administrator") == true
        var finding = Finding.notSeen(
            "firewall.unseen", "the firewall's rules", because: facts.trouble ?? "they cannot be read",
            remedy: mayLook ? "sudo duplex doctor" : nil)
        if !mayLook { finding.explanation = "Most likely there is no firewall on this computer." }
        finding.evidence = facts.signs
        findings.append(finding)
        return findings
    }

    private static func text(_ barrier: PacketFilter.Barrier) -> String {
        "table \(barrier.table), chain \(barrier.entry): \(barrier.rule)"
    }

    private static func remedy(
        _ manager: FirewallFacts.Manager?, _ barriers: [PacketFilter.Barrier], _ service: FirewallService
    ) -> String {
        FirewallRemedy.text(manager: manager, barriers: barriers, service: service)
    }

    private static func distinct<Element: Hashable>(_ elements: [Element]) -> [Element] {
        var seen: Set<Element> = []
        return elements.filter { seen.insert($0).inserted }
    }
}
