import Foundation

@testable import Doctor

/// What nft and iptables-save printed for real rules in a namespace.
enum Rulesets {
    static func text(_ name: String) throws -> String {
        let folder = Bundle.module.bundleURL.appendingPathComponent("Rulesets")
        return try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }

    static func nftables(_ name: String) throws -> PacketFilter {
        try NftablesRuleset(parsing: text(name + ".json")).filter
    }

    /// At a card with a usual address of a home.
    static func packet(
        _ service: FilterPacket.Service, port: UInt16? = nil, from source: String = "192.168.1.7/24",
        interface: String = "eth0"
    ) -> FilterPacket? {
        let usual: UInt16 =
            switch service {
            case .listening: 27272
            case .mdns: 5353
            case .localDiscovery: 6771
            }
        let link = NetworkLink(
            name: interface, kind: .wired, isUp: true, hasCarrier: true, canMulticast: true,
            addresses: [IPPrefix(source)].compactMap(\.self))
        return FilterPacket.all(of: service, port: port ?? usual, link: link).first
    }
}

extension PacketFilter {
    /// `open`, `conditional`, `closed`, and for the latter two what stops it.
    func word(_ packet: FilterPacket?) -> String {
        guard let packet else { return "no packet" }
        switch outcome(for: packet) {
        case .open: return "open"
        case .conditional(_, let conditions): return "conditional: " + conditions.joined(separator: "; ")
        case .closed(let barrier): return "closed: " + barrier.rule
        }
    }
}
