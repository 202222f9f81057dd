/// Whether a wireless network keeps its computers apart from each other, as many for guests do.
///
/// That cannot be seen, only suspected: the access point answers, and nobody else does.
struct IsolationCheck: HealthCheck {
    struct Facts: Sendable, Equatable {
        /// Wireless, with an address.
        var links: [NetworkLink]
        var gateways: [Route]
        var neighbours: [Neighbour]
        /// nil if nobody has listened.
        var multicast: MulticastFacts?
        /// Added by the user.
        var knownHosts: [KnownHost]
    }

    let id = "isolation"
    let subject = "the computers nearby"
    let input: DoctorInput
    let system: SystemAccess

    func findings() throws -> [Finding] {
        let links = try NetworkLink.all(system).filter { $0.kind == .wireless && $0.isUsable }
        guard !links.isEmpty else { return [] }
        let routes = RouteTable.ipv4(try system.text(system.proc + "/net/route"))
        let arp = Neighbour.all(try system.text(system.proc + "/net/arp"))
        return Self.judge(
            Facts(
                links: links, gateways: routes.filter { $0.isDefault && $0.gateway != nil }, neighbours: arp,
                multicast: input.hostFacts?.multicast, knownHosts: input.hostFacts?.knownHosts ?? []))
    }

    static func judge(_ facts: Facts) -> [Finding] {
        facts.links.map { link in
            let gateways = facts.gateways.filter { $0.interface == link.name }.compactMap { $0.gateway?.address }
            let here = facts.neighbours.filter { $0.interface == link.name }
            let gatewayAnswers = here.contains { gateways.contains($0.address) && $0.answered }
            let others = here.filter { !gateways.contains($0.address) }
            let known = facts.knownHosts.filter { host in
                IPPrefix(host.address).map { address in link.addresses.contains { $0.contains(address) } } == true
            }
            let silent = known.filter { host in
                !host.answers || others.contains { $0.address == host.address && !$0.answered }
            }
            let heard = facts.multicast?.interfaces.first { $0.name == link.name }?.otherHosts
            let isQuiet = heard == 0 && !known.isEmpty
            guard gatewayAnswers, !others.contains(where: \.answered), !known.contains(where: \.answers),
                isQuiet || !silent.isEmpty
            else {
                return Finding(
                    id: "isolation.suspected", severity: .ok,
                    title: "Nothing speaks for a wireless network (\(link.name)) that keeps computers apart")
            }
            var evidence = ["\(link.name): the access point or router (\(gateways.joined(separator: ", "))) answers"]
            if isQuiet { evidence.append("no other host was heard, though \(known.count) were added by their address") }
            evidence += silent.map { host in
                let asked = others.contains { $0.address == host.address }
                return "\(host.address) does not answer" + (asked ? ", not even with its hardware address (ARP)" : "")
            }
            return Finding(
                id: "isolation.suspected", severity: .warning,
                title: "Perhaps the wireless network at \(link.name) keeps its computers apart",
                explanation:
                    "This is a suspicion: the hosts may also be off or elsewhere. Networks for guests often let "
                    + "each computer reach the internet but no other computer.",
                remedy: "connect the computers with a cable, use another wireless network, or switch off \"client "
                    + "isolation\" (\"AP isolation\", \"guest network\") in the access point",
                evidence: evidence)
        }
    }
}
