/// The first packet that another host would send to this one; a firewall is asked what becomes of it.
struct FilterPacket: Sendable, Equatable {
    enum Transport: UInt8, Sendable {
        case tcp = 6
        case udp = 17

        var name: String { self == .tcp ? "tcp" : "udp" }
    }

    /// Where it comes in.
    var interface: String
    var transport: Transport
    /// Where the other host is: somewhere in this network.
    var source: IPPrefix
    var destination: IPPrefix
    /// nil if it may be any.
    var sourcePort: UInt16?
    var destinationPort: UInt16
    /// It is for a whole group of hosts.
    var isMulticast: Bool
}

extension FilterPacket {
    /// What other hosts want of this one.
    enum Service: Sendable, Hashable, CaseIterable {
        case listening, mdns, localDiscovery

        var transport: Transport { self == .listening ? .tcp : .udp }
    }

    /// Each kind of packet of a service, for each network that the link is in.
    static func all(of service: Service, port: UInt16, link: NetworkLink) -> [FilterPacket] {
        link.addresses.map { address in
            let group = group(of: service, isIPv6: address.isIPv6)
            return FilterPacket(
                interface: link.name, transport: service.transport, source: address,
                destination: group ?? IPPrefix(bytes: address.bytes, length: address.bytes.count * 8),
                sourcePort: group == nil ? nil : port, destinationPort: port, isMulticast: group != nil)
        }
    }

    /// RFC 6762 section 3 and BEP 14.
    private static func group(of service: Service, isIPv6: Bool) -> IPPrefix? {
        switch service {
        case .listening: nil
        case .mdns: IPPrefix(isIPv6 ? "ff02::fb" : "224.0.0.251")
        case .localDiscovery: IPPrefix(isIPv6 ? "ff15::efc0:988f" : "239.192.152.143")
        }
    }
}
