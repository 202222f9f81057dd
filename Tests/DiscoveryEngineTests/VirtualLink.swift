import DiscoveryWire
import Metainfo
import PeerWire

@testable import DiscoveryEngine

/// Engines under virtual time on one or more links that deliver everything to everybody, the sender included.
final class VirtualLink {
    final class Host {
        let name: String
        var engine: DiscoveryEngine
        /// Interfaces by the number of the link that they are on.
        var interfaces: [Int: DiscoveryInterface]
        var events: [(at: Duration, event: DiscoveryEvent)] = []
        var isAlive = true
        /// A sleeping host hears nothing and does nothing.
        var isAsleep = false
        fileprivate(set) var deadline: Duration?

        init(name: String, engine: DiscoveryEngine, interfaces: [Int: DiscoveryInterface]) {
            self.name = name
            self.engine = engine
            self.interfaces = interfaces
        }

        var found: [FoundService] {
            events.compactMap { if case .found(let service) = $0.event { service } else { nil } }
        }

        var told: [DiscoveryEvent] { events.map(\.event) }
    }

    struct Sent {
        let at: Duration
        let host: String
        let proto: DiscoveryProtocol
        let bytes: [UInt8]
        let link: LinkID
        let to: PeerAddress?

        var message: DNSMessage? { try? DNSMessage(decoding: bytes) }
    }

    private struct Delivery {
        let at: Duration
        let host: Int
        let input: DiscoveryInput
    }

    private(set) var now = Duration.zero
    private(set) var hosts: [Host] = []
    private(set) var sent: [Sent] = []
    /// In order of time, since all take equally long.
    private var deliveries: [Delivery] = []
    private var delivered = 0
    /// Whether all links are one network, so that a host hears on each of its interfaces what is sent on any.
    var isBridged = false
    /// How long a datagram takes; to be set before anything is sent.
    var delay = Duration.milliseconds(1)
    /// Which datagrams get lost.
    var loses: (Sent) -> Bool = { _ in false }

    // MARK: Hosts

    @discardableResult
    func add(
        _ name: String, number: Int, seed: UInt64? = nil, families: Set<AddressFamily> = [.ipv4], links: [Int] = [0]
    ) -> Host {
        let engine = DiscoveryEngine(hostLabel: name, seed: seed ?? UInt64(number) * 977)
        let host = Host(name: name, engine: engine, interfaces: [:])
        for link in links { host.interfaces[link] = Self.interface(link, number: number, families: families) }
        hosts.append(host)
        hand(.interfaces(Array(host.interfaces.values)), to: host)
        return host
    }

    static func interface(_ link: Int, number: Int, families: Set<AddressFamily> = [.ipv4]) -> DiscoveryInterface {
        var addresses: [InterfaceAddress] = []
        if families.contains(.ipv4) {
            let ipv4 = UInt32(0x0A00_0000) | UInt32(link) << 16 | UInt32(number)
            addresses.append(InterfaceAddress(address: PeerAddress(ipv4: ipv4, port: 0), prefixLength: 16))
        }
        if families.contains(.ipv6) {
            let address = PeerAddress(ipv6High: 0xFE80 << 48, low: UInt64(number), port: 0)
            addresses.append(InterfaceAddress(address: address, prefixLength: 64))
        }
        return DiscoveryInterface(index: link + 1, name: "eth\(link)", addresses: addresses, families: families)
    }

    func hand(_ input: DiscoveryInput, to host: Host) {
        guard host.isAlive, !host.isAsleep else { return }
        for action in host.engine.handle(input, now: now) {
            switch action {
            case .tell(let event): host.events.append((now, event))
            case .send(let proto, let bytes, let link, let address): send(proto, bytes, link, address, from: host)
            }
        }
        host.deadline = host.engine.deadline
    }

    func offer(
        _ host: Host, _ instance: String = "Host", type: String = "_duplex._tcp", port: UInt16 = 6881,
        txt: TextRecord = TextRecord(["v": "1"])
    ) {
        hand(.services([ServiceRegistration(instance: instance, type: type, port: port, txt: txt)]), to: host)
    }

    // MARK: Time

    func run(for span: Duration) {
        run(until: now + span)
    }

    func run(until end: Duration) {
        while true {
            let delivery = deliveries.indices.contains(delivered) ? deliveries[delivered] : nil
            let timer = hosts.filter { $0.isAlive && !$0.isAsleep && $0.deadline != nil }.min {
                ($0.deadline ?? end) < ($1.deadline ?? end)
            }
            let due = max(timer?.deadline ?? end, now)
            if let delivery, delivery.at <= due, delivery.at <= end {
                delivered += 1
                now = max(now, delivery.at)
                hand(delivery.input, to: hosts[delivery.host])
            } else if let timer, due <= end {
                now = due
                hand(.tick, to: timer)
            } else {
                now = end
                deliveries.removeFirst(delivered)
                delivered = 0
                return
            }
        }
    }

    // MARK: The wire

    /// A datagram of somebody who is no host here.
    func inject(
        _ bytes: [UInt8], from source: PeerAddress, proto: DiscoveryProtocol = .multicastDNS, on link: Int = 0,
        isMulticast: Bool = true
    ) {
        for index in hosts.indices where hosts[index].interfaces[link] != nil {
            deliver(
                ReceivedDatagram(
                    proto: proto, bytes: bytes, source: source,
                    link: LinkID(interface: link + 1, family: source.isIPv6 ? .ipv6 : .ipv4), isMulticast: isMulticast),
                to: index)
        }
    }

    private func send(
        _ proto: DiscoveryProtocol, _ bytes: [UInt8], _ link: LinkID, _ address: PeerAddress?, from host: Host
    ) {
        let datagram = Sent(at: now, host: host.name, proto: proto, bytes: bytes, link: link, to: address)
        sent.append(datagram)
        guard !loses(datagram), let own = self.address(of: host, link) else { return }
        let source = own.withPort(proto == .multicastDNS ? 5353 : 6771)
        for (index, other) in hosts.enumerated() {
            for number in other.interfaces.keys.sorted() where isBridged || number == link.interface - 1 {
                let arrival = LinkID(interface: number + 1, family: link.family)
                guard let theirs = self.address(of: other, arrival) else { continue }
                if let address, address.withPort(0) != theirs { continue }
                deliver(
                    ReceivedDatagram(
                        proto: proto, bytes: bytes, source: source, link: arrival, isMulticast: address == nil),
                    to: index)
            }
        }
    }

    private func deliver(_ datagram: ReceivedDatagram, to index: Int) {
        deliveries.append(Delivery(at: now + delay, host: index, input: .received(datagram)))
    }

    private func address(of host: Host, _ link: LinkID) -> PeerAddress? {
        host.interfaces[link.interface - 1]?.addresses.map(\.address).first { $0.isIPv6 == (link.family == .ipv6) }
    }
}
