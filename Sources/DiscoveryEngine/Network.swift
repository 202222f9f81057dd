import DiscoveryWire
import PeerWire

/// The interfaces as they are, and the addresses that were this host's until a moment ago.
struct Network: Sendable {
    /// How long a former address still counts as this host's: what was said with it may still be on its way.
    private static let memory = Duration.seconds(10)

    private(set) var interfaces: [Int: DiscoveryInterface] = [:]
    private var former: [PeerAddress: Duration] = [:]

    mutating func replace(_ list: [DiscoveryInterface], now: Duration) {
        former = former.filter { $0.value > now }
        for address in interfaces.values.flatMap(\.addresses) { former[address.address] = now + Self.memory }
        interfaces = Dictionary(list.map { ($0.index, $0) }) { first, _ in first }
    }

    var links: [LinkID] {
        interfaces.values.sorted { $0.index < $1.index }.flatMap(\.links)
    }

    func links(of interface: Int) -> [LinkID] {
        interfaces[interface]?.links ?? []
    }

    /// Whether a sender is in the network of an interface: link-local, or in the same subnet.
    func isNeighbour(_ source: PeerAddress, on interface: Int) -> Bool {
        guard let interface = interfaces[interface] else { return false }
        return source.isIPv6 && source.isLinkLocal || interface.addresses.contains { $0.isNeighbour(source) }
    }

    /// Whether a datagram was sent by this computer on another interface that leads to the same network. Whoever sent it,
    /// it is heard there.
    func hasCrossed(_ datagram: ReceivedDatagram) -> Bool {
        let bare = datagram.source.withPort(0).withZone(nil)
        func has(_ interface: DiscoveryInterface) -> Bool { interface.addresses.contains { $0.address == bare } }
        return interfaces.values.contains(where: has) && !(interfaces[datagram.link.interface].map(has) ?? false)
    }

    /// Whether an address is or was this host's, on any interface.
    func isOwn(_ address: PeerAddress, now: Duration) -> Bool {
        let bare = address.withPort(0).withZone(nil)
        return former[bare].map { $0 > now } ?? false
            || interfaces.values.contains { $0.addresses.contains { $0.address == bare } }
    }

    func isOwn(_ data: RecordData, now: Duration) -> Bool {
        switch data {
        case .a(let address): isOwn(PeerAddress(ipv4: address, port: 0), now: now)
        case .aaaa(let high, let low): isOwn(PeerAddress(ipv6High: high, low: low, port: 0), now: now)
        default: false
        }
    }
}
