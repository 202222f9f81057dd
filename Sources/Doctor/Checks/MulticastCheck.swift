/// Whether what this computer sends to all on the network comes back to it, and whether others are heard: by a question of
/// the doctor's own, and by what a running host sent and heard.
struct MulticastCheck: HealthCheck {
    struct Facts: Sendable, Equatable {
        /// By the doctor's own question.
        var probe: MulticastFacts
        /// nil if no host is running.
        var host: HostFacts?
    }

    let id = "multicast"
    let subject = "whether hosts can find each other"
    let input: DoctorInput
    let system: SystemAccess

    func findings() throws -> [Finding] {
        let links = try NetworkLink.all(system).filter { $0.isUsable && $0.canMulticast }
        guard !links.isEmpty else { throw LookFailure("there is no network to try it on") }
        return Self.judge(Facts(probe: try MulticastProbe.run(links, system), host: input.hostFacts))
    }

    static func judge(_ facts: Facts) -> [Finding] {
        if let failure = facts.probe.listeningFailure { return [portTaken(failure)] }
        var findings = facts.probe.interfaces.compactMap { trouble($0, isHost: false) }
        let troubled = facts.probe.interfaces.filter { trouble($0, isHost: false) != nil }.map(\.name)
        let ofHost = facts.host?.multicast?.interfaces ?? []
        // Once for each interface, whoever met it.
        findings += ofHost.filter { !troubled.contains($0.name) }.compactMap { trouble($0, isHost: true) }
        if findings.isEmpty { findings = [heard(facts)] }
        if facts.host != nil, facts.host?.multicast == nil { findings.append(isOff) }
        return findings
    }

    // MARK: What does not work

    private static func portTaken(_ failure: String) -> Finding {
        Finding(
            id: "multicast.port", severity: .problem,
            title: "Nobody can listen for other hosts (UDP port 5353)",
            explanation: "Another program keeps the port for itself, so Duplex does not hear others.",
            remedy: "see who it is with: sudo ss -lunp 'sport = :5353'; then end it, or let it share the port",
            evidence: [failure])
    }

    private static let isOff = Finding(
        id: "multicast.off", severity: .note, title: "The running Duplex does not look for other computers",
        explanation:
            "Discovery is off in its settings. It knows those that are named by their address, and those that these "
            + "tell it of.",
        remedy: "start it with --discovery on to find all others")

    private static func trouble(_ interface: MulticastFacts.Interface, isHost: Bool) -> Finding? {
        if isHost, interface.groups.isEmpty {
            return Finding(
                id: "multicast.host", severity: .problem,
                title: "The running Duplex does not listen at \(interface.name)",
                explanation: "It does not hear other hosts there, and they do not hear it.",
                remedy: "see who has the port: sudo ss -lunp 'sport = :5353'; end what does not share it, and start "
                    + "Duplex anew",
                evidence: ["\(interface.name): no group is joined"])
        }
        if let failure = interface.sendingFailure, interface.sent == 0 {
            return Finding(
                id: "multicast.send", severity: .problem,
                title: "Nothing can be sent to the other computers at \(interface.name)",
                explanation:
                    "Others do not find this computer there. Most often a firewall stops what goes out, or "
                    + "there is no route for it.",
                remedy: "look at the findings on the firewall and the VPN; or add the route: "
                    + "sudo ip route add 224.0.0.0/4 dev \(interface.name)",
                evidence: ["\(interface.name): \(failure)"])
        }
        guard interface.heardOwn == 0, interface.sent >= (isHost ? certainCount : 1) else { return nil }
        return Finding(
            id: "multicast.loopback", severity: .problem,
            title: "This computer does not hear even itself at \(interface.name)",
            explanation:
                "What it sends to all computers there must come back to it and does not. Then it hears "
                + "no other host either. Most often a firewall stops it.",
            remedy: "let UDP port 5353 through the firewall (see the finding firewall.mdns)",
            evidence: [seen(interface, isHost: isHost)])
    }

    /// Of so many packets of a host, the first have come back if they ever do.
    private static let certainCount = 6

    // MARK: Who is heard

    private static func heard(_ facts: Facts) -> Finding {
        let found = facts.host?.foundHosts ?? []
        let ofHost = facts.host?.multicast
        let seen =
            facts.probe.interfaces.map { Self.seen($0, isHost: false) }
            + (ofHost?.interfaces ?? []).map { Self.seen($0, isHost: true) }
        let hosts = max(facts.probe.otherHosts, ofHost?.otherHosts ?? 0)
        if hosts > 0 {
            return Finding(
                id: "multicast.heard", severity: .ok, title: "Other computers are heard (\(hosts))", evidence: seen)
        }
        if !found.isEmpty {
            // They need not say anything in the moment in which it was listened.
            return Finding(
                id: "multicast.heard", severity: .ok, title: "Other hosts were found (\(found.count))",
                evidence: found.prefix(8) + seen)
        }
        let isExpected = facts.host?.knownHosts.isEmpty == false
        let wereHeard = ofHost?.interfaces.contains { $0.lastHeard != nil } ?? false
        return Finding(
            id: "multicast.heard", severity: isExpected || wereHeard ? .warning : .note,
            title: wereHeard ? "No other computer is heard any more" : "No other computer was heard",
            explanation: (isExpected
                ? "Others are known by their address, but what they send to all does not arrive. A switch, an access "
                    + "point or their firewall may stop it."
                : "There may be none that says anything. If there is one, a switch, an access point or its own firewall "
                    + "may stop what it sends to all."),
            remedy: "run duplex doctor on the other computer too; hosts given by their address work in any case",
            evidence: seen)
    }

    private static func seen(_ interface: MulticastFacts.Interface, isHost: Bool) -> String {
        let place = interface.name + (isHost ? ", since Duplex started" : "")
        let last = interface.lastHeard.map { ", the last \(Int(max(0, min($0, 1e15)))) s ago" } ?? ""
        return "\(place): \(interface.sent) sent; heard \(interface.heardOwn) from this computer and "
            + "\(interface.heard) from others\(last)"
    }
}
