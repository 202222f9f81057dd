/// Whether what this computer sends to all on the network comes back to it, and whether others are heard.
struct MulticastCheck: HealthCheck {
    let id = "multicast"
    let subject = "whether hosts can find each other"
    let input: DoctorInput
    let system: SystemAccess

    func findings() throws -> [Finding] {
        let known = (input.hostFacts?.knownHosts ?? []).count
        let found = input.hostFacts?.foundHosts ?? []
        if let facts = input.hostFacts?.multicast { return Self.judge(facts, knownHosts: known, foundHosts: found) }
        let links = try NetworkLink.all(system).filter { $0.isUsable && $0.canMulticast }
        guard !links.isEmpty else { throw LookFailure("there is no network to try it on") }
        return Self.judge(try MulticastProbe.run(links, system), knownHosts: known, foundHosts: found)
    }

    static func judge(_ facts: MulticastFacts, knownHosts: Int, foundHosts: [String] = []) -> [Finding] {
        var findings: [Finding] = []
        if let failure = facts.listeningFailure {
            findings.append(
                Finding(
                    id: "multicast.port", severity: .problem,
                    title: "Nobody can listen for other hosts (UDP port 5353)",
                    explanation: "Another program keeps the port for itself, so Duplex does not hear others.",
                    remedy: "see who it is with: sudo ss -lunp 'sport = :5353'; then end it, or let it share the port",
                    evidence: [failure]))
            return findings
        }
        for interface in facts.interfaces {
            if let failure = interface.sendingFailure, interface.sent == 0 {
                findings.append(
                    Finding(
                        id: "multicast.send", severity: .problem,
                        title: "Nothing can be sent to the other computers at \(interface.name)",
                        explanation:
                            "Others do not find this computer there. Most often a firewall stops what goes out, or "
                            + "there is no route for it.",
                        remedy: "look at the findings on the firewall and the VPN; or add the route: "
                            + "sudo ip route add 224.0.0.0/4 dev \(interface.name)",
                        evidence: ["\(interface.name): \(failure)"]))
            } else if interface.sent > 0, !interface.hearsItself {
                findings.append(
                    Finding(
                        id: "multicast.loopback", severity: .problem,
                        title: "This computer does not hear even itself at \(interface.name)",
                        explanation:
                            "What it sends to all computers there must come back to it and does not. Then it hears "
                            + "no other host either. Most often a firewall stops it.",
                        remedy: "let UDP port 5353 through the firewall (see the finding firewall.mdns)",
                        evidence: ["\(interface.name): \(interface.sent) sent, \(interface.heard) heard"]))
            }
        }
        guard findings.isEmpty else { return findings }
        let counts = facts.interfaces.map { "\($0.name): \($0.sent) sent, \($0.heard) heard" }
        let hosts = facts.otherHosts
        guard hosts == 0 else {
            return [
                Finding(
                    id: "multicast.heard", severity: .ok,
                    title: "Other computers are heard (\(hosts))", evidence: counts)
            ]
        }
        guard foundHosts.isEmpty else {
            // They need not say anything in the moment in which it was listened.
            return [
                Finding(
                    id: "multicast.heard", severity: .ok, title: "Other hosts were found (\(foundHosts.count))",
                    evidence: foundHosts.prefix(8) + counts)
            ]
        }
        let isExpected = knownHosts > 0
        return [
            Finding(
                id: "multicast.heard", severity: isExpected ? .warning : .note,
                title: "No other computer was heard",
                explanation: (isExpected
                    ? "Others are known by their address, but what they send to all does not arrive. A switch, an access "
                        + "point or their firewall may stop it."
                    : "There may be none that says anything. If there is one, a switch, an access point or its own firewall "
                        + "may stop what it sends to all."),
                remedy: "run duplex doctor on the other computer too; hosts given by their address work in any case",
                evidence: counts)
        ]
    }
}
