/// A service in words.
struct FirewallService: Sendable {
    let service: FilterPacket.Service
    let listenPort: UInt16

    var id: String {
        switch service {
        case .listening: "firewall.port"
        case .mdns: "firewall.mdns"
        case .localDiscovery: "firewall.local-discovery"
        }
    }

    var port: UInt16 {
        switch service {
        case .listening: listenPort
        case .mdns: 5353
        case .localDiscovery: 6771
        }
    }

    var transport: FilterPacket.Transport { service.transport }

    var name: String { "\(service.transport.name.uppercased()) port \(port)" }

    /// Hosts find each other by mDNS; what comes in at the third port is only a second way.
    var severity: Finding.Severity { service == .localDiscovery ? .warning : .problem }

    var meaning: String {
        switch service {
        case .listening: "Other computers cannot connect to this one, so nobody can fetch from it."
        case .mdns: "This computer does not hear others on the network, so `duplex hosts` does not show them."
        case .localDiscovery:
            "BitTorrent programs on the network that look for others of their kind are not heard (BEP 14)."
        }
    }
}
