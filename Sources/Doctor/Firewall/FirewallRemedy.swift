/// The command that opens a port, by the program that the user's rules belong to.
enum FirewallRemedy {
    static func text(
        manager: FirewallFacts.Manager?, barriers: [PacketFilter.Barrier], service: FirewallService
    ) -> String {
        let (transport, port) = (service.transport.name, service.port)
        switch manager {
        case .ufw: return "sudo ufw allow \(port)/\(transport)"
        case .firewalld:
            let what = service.service == .mdns ? "--add-service=mdns" : "--add-port=\(port)/\(transport)"
            return "sudo firewall-cmd --permanent \(what) && sudo firewall-cmd --reload"
        case nil: break
        }
        var commands: [String] = []
        var isNftables = false
        for barrier in barriers {
            let command: String
            switch barrier.origin {
            case .nftables:
                isNftables = true
                command =
                    "sudo nft insert rule \(quoted(barrier.table)) \(quoted(barrier.entry)) \(transport) dport \(port) accept"
            case .iptables, .iptablesLegacy:
                let suffix = barrier.origin == .iptablesLegacy ? "-legacy" : ""
                let tool = (barrier.table.hasPrefix("ip6") ? "ip6tables" : "iptables") + suffix
                let table = barrier.table.split(separator: " ").last.map(String.init) ?? "filter"
                let place = table == "filter" ? "" : "-t \(table) "
                command = "sudo \(tool) \(place)-I \(barrier.entry) -p \(transport) --dport \(port) -j ACCEPT"
            }
            if !commands.contains(command) { commands.append(command) }
        }
        let keeping = isNftables ? "; to keep it, put the rule into /etc/nftables.conf too" : ""
        return commands.joined(separator: " && ") + keeping
    }

    /// Names of tables and chains end up in a shell.
    private static func quoted(_ name: String) -> String {
        let isPlain = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "_-. ".utf8.contains(byte)
        }
        return isPlain ? name : "'\(name.filter { $0 != "'" })'"
    }
}
