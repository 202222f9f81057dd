/// What ordinary users can find out of the rules.
extension FirewallReader {
    /// The services that a manager lets in, and nil where it does not say.
    func unprivileged(_ manager: FirewallFacts.Manager?, port: UInt16) -> [FilterPacket.Service: Bool] {
        switch manager {
        case .ufw: ufw(port: port)
        case .firewalld: firewalld(port: port)
        case nil: [:]
        }
    }

    /// From the file of its rules, where that is readable.
    private func ufw(port: UInt16) -> [FilterPacket.Service: Bool] {
        guard let rules = try? system.text(system.etc + "/ufw/user.rules"),
            let defaults = try? system.text(system.etc + "/default/ufw")
        else { return [:] }
        let drops = !defaults.uppercased().contains("DEFAULT_INPUT_POLICY=\"ACCEPT\"")
        let text =
            "*filter\n:INPUT \(drops ? "DROP" : "ACCEPT") [0:0]\n"
            + rules.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("-A ufw-user-input ") }
            .map { "-A INPUT" + $0.dropFirst("-A ufw-user-input".count) }.joined(separator: "\n")
        let filter = IptablesRuleset(parsing: text, family: .ipv4).filter
        guard let anywhere = IPPrefix("0.0.0.0/0"), let link = try? NetworkLink.all(system).first(where: \.isUsable)
        else {
            return [:]
        }
        var result: [FilterPacket.Service: Bool] = [:]
        // What it lets in for mDNS stands elsewhere, so only the other two can be told.
        for (service, number) in [(FilterPacket.Service.listening, port), (.localDiscovery, 6771)] {
            let packet = FilterPacket(
                interface: link.name, transport: service.transport,
                source: link.addresses.first { !$0.isIPv6 } ?? anywhere, destination: anywhere, sourcePort: nil,
                destinationPort: number, isMulticast: service != .listening)
            result[service] = filter.outcome(for: packet) == .open
        }
        return result
    }

    private func firewalld(port: UInt16) -> [FilterPacket.Service: Bool] {
        guard let result = try? system.run("firewall-cmd", ["--list-all"]), result.succeeded else { return [:] }
        return FirewalldZone(parsing: result.output).services(port: port)
    }
}

/// Reads `firewall-cmd --list-all`, about the zone that most interfaces are in.
struct FirewalldZone: Sendable {
    private var lists: [String: [String]] = [:]

    init(parsing text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let name = parts[0].drop { $0 == " " }
            lists[String(name)] = parts[1].split(separator: " ").map(String.init)
        }
    }

    func services(port: UInt16) -> [FilterPacket.Service: Bool] {
        let isOpen = lists["target"] == ["ACCEPT"]
        let hasMDNS = lists["services"]?.contains("mdns") == true
        return [
            .listening: isOpen || contains(port, "tcp"),
            .mdns: isOpen || hasMDNS || contains(5353, "udp"),
            .localDiscovery: isOpen || contains(6771, "udp"),
        ]
    }

    private func contains(_ port: UInt16, _ transport: String) -> Bool {
        (lists["ports"] ?? []).contains { entry in
            let parts = entry.split(separator: "/")
            guard parts.count == 2, parts[1] == transport else { return false }
            let bounds = parts[0].split(separator: "-").compactMap { UInt16($0) }
            guard let low = bounds.first, let high = bounds.last, low <= high else { return false }
            return (low...high).contains(port)
        }
    }
}
