#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A network interface: a card, or something that looks like one.
struct NetworkLink: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case loopback, wired, wireless, tunnel
        /// Bridges of containers and virtual machines, and other things without a cable.
        case virtual
    }

    var name: String
    var kind: Kind
    /// Switched on by the administrator.
    var isUp: Bool
    /// A cable with something at its other end, or a wireless network; nil if not known.
    var hasCarrier: Bool?
    var canMulticast: Bool
    var addresses: [IPPrefix]
    var index: UInt32 = 0

    /// Other hosts may be behind it.
    var isUsable: Bool { kind != .loopback && isUp && hasCarrier != false && !addresses.isEmpty }

    /// All of the computer's, sorted by name.
    static func all(_ system: SystemAccess) throws(LookFailure) -> [NetworkLink] {
        let addresses = try system.addresses()
        var names = Set(addresses.keys)
        if let listed = try? FileReading.names(system.sys + "/class/net") {
            // Files such as `bonding_masters` are in there too.
            names.formUnion(listed.filter { FileReading.exists(system.sys + "/class/net/\($0)/flags") })
        }
        return names.sorted().map { link($0, addresses[$0], system) }
    }

    private static func link(_ name: String, _ known: InterfaceAddresses?, _ system: SystemAccess) -> NetworkLink {
        let folder = system.sys + "/class/net/\(name)"
        let flags = known?.flags ?? hexadecimal(system.line(folder + "/flags")) ?? 0
        // Reading it fails while the interface is switched off.
        var carrier = system.number(folder + "/carrier").map { $0 == 1 }
        if carrier == nil, flags & UInt32(IFF_UP) != 0 { carrier = flags & runningFlag != 0 }
        return NetworkLink(
            name: name, kind: kind(name, flags: flags, folder: folder, system), isUp: flags & UInt32(IFF_UP) != 0,
            hasCarrier: carrier, canMulticast: flags & multicastFlag != 0,
            addresses: known?.addresses ?? [], index: known?.index ?? 0)
    }

    private static func kind(_ name: String, flags: UInt32, folder: String, _ system: SystemAccess) -> Kind {
        if flags & UInt32(IFF_LOOPBACK) != 0 { return .loopback }
        if isTunnel(name, type: system.number(folder + "/type"), isTun: FileReading.exists(folder + "/tun_flags")) {
            return .tunnel
        }
        if FileReading.exists(folder + "/wireless") || FileReading.exists(folder + "/phy80211") { return .wireless }
        let isWired = FileReading.exists(folder + "/device") || ["eth", "en"].contains { name.hasPrefix($0) }
        return isWired ? .wired : .virtual
    }

    /// By what the kernel says it is, and by the names that VPN programs give.
    private static func isTunnel(_ name: String, type: Int?, isTun: Bool) -> Bool {
        // Types of <linux/if_arp.h>: PPP, and none at all, as WireGuard's and tun's links are. A tap is an Ethernet
        // card to the kernel, and virtual machines use those too.
        if type == 512 || type == 65534 { return true }
        let beginnings = ["tun", "utun", "wg", "ppp", "tailscale", "ipsec", "nordlynx", "proton", "vpn"]
        return (isTun && !name.hasPrefix("vnet")) && name.hasPrefix("tap") || beginnings.contains { name.hasPrefix($0) }
    }

    private static func hexadecimal(_ text: String?) -> UInt32? {
        guard let text, text.hasPrefix("0x") else { return nil }
        return UInt32(text.dropFirst(2), radix: 16)
    }

    private static let runningFlag = UInt32(IFF_RUNNING)
    private static let multicastFlag = UInt32(IFF_MULTICAST)
}
