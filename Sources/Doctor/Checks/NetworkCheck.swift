/// Whether there is a network at all: interfaces, cables, addresses.
struct NetworkCheck: HealthCheck {
    let id = "network"
    let subject = "the network interfaces"
    let system: SystemAccess

    func findings() throws -> [Finding] {
        Self.judge(try NetworkLink.all(system))
    }

    static func judge(_ links: [NetworkLink]) -> [Finding] {
        let usable = links.filter(\.isUsable)
        let cards = links.filter { $0.kind == .wired || $0.kind == .wireless }
        var findings: [Finding] = []
        for link in cards where link.isUp {
            if link.hasCarrier == false {
                findings.append(noCarrier(link, isOnly: usable.isEmpty))
            } else if link.addresses.isEmpty {
                findings.append(noAddress(link, isOnly: usable.isEmpty))
            }
        }
        for link in usable where !link.canMulticast && link.kind != .tunnel {
            findings.append(noMulticast(link))
        }
        if usable.isEmpty, !findings.contains(where: { $0.severity == .problem }) {
            findings.append(nothing(links.filter { !$0.isUp && $0.kind != .loopback && $0.kind != .virtual }))
        }
        if !usable.isEmpty {
            let names = usable.map { "\($0.name): " + $0.addresses.map(\.address).joined(separator: ", ") }
            findings.insert(
                Finding(
                    id: "network.connected", severity: .ok, title: "This computer is on a network", evidence: names),
                at: 0)
        }
        return findings
    }

    private static func noCarrier(_ link: NetworkLink, isOnly: Bool) -> Finding {
        let isWireless = link.kind == .wireless
        return Finding(
            id: "network.carrier", severity: isOnly ? .problem : .note,
            title: isWireless
                ? "\(link.name) is connected to no wireless network"
                : "No cable, or nothing at its other end, at \(link.name)",
            explanation: "No computer can be reached by way of \(link.name).",
            remedy: isWireless
                ? "join a wireless network in the system's settings"
                : "push the cable in at both ends until it clicks, and see that what is at the other end is on",
            evidence: ["\(link.name) is switched on and has no carrier"])
    }

    private static func noAddress(_ link: NetworkLink, isOnly: Bool) -> Finding {
        Finding(
            id: "network.address", severity: isOnly ? .problem : .warning, title: "\(link.name) has no address",
            explanation: "There is a connection, but this computer has no address on it, so nobody can reach it there. "
                + "Nothing hands out addresses, or nobody asked.",
            remedy: "switch the connection on in the system's network settings (automatic, or link-local only for two "
                + "computers and a cable)",
            evidence: ["\(link.name) has a carrier and no IP address"])
    }

    private static func noMulticast(_ link: NetworkLink) -> Finding {
        Finding(
            id: "network.multicast-flag", severity: .warning,
            title: "\(link.name) sends nothing to groups of computers (multicast is off)",
            explanation: "Hosts on this network are not found by themselves; those given by their address work.",
            remedy: "sudo ip link set dev \(link.name) multicast on",
            evidence: ["\(link.name) lacks the flag MULTICAST"])
    }

    private static func nothing(_ off: [NetworkLink]) -> Finding {
        Finding(
            id: "network.none", severity: .problem, title: "This computer is on no network",
            explanation: "It reaches only itself, so no other computer can be found or fetch anything.",
            remedy: off.first.map { "sudo ip link set dev \($0.name) up" }
                ?? "plug in a cable or join a wireless network",
            evidence: off.isEmpty ? ["only loopback is there"] : off.map { "\($0.name) is switched off" })
    }
}
