import Metainfo
import PeerWire

/// What happens to a ``DiscoveryEngine``.
public enum DiscoveryInput: Sendable {
    /// All services that this host offers from now on.
    case services([ServiceRegistration])
    /// All types of services to look for from now on, like `_duplex._tcp`.
    case browse([String])
    /// All torrents to announce from now on (BEP 14), and the port that peers are taken at.
    case announce([WireInfoHash], port: UInt16)
    /// This service does not answer: is it still there? (RFC 6762 §10.4)
    case reconfirm(instance: String, type: String)
    /// All interfaces that are usable from now on.
    case interfaces([DiscoveryInterface])
    case received(ReceivedDatagram)
    /// Time has passed.
    case tick
    /// Say goodbye; nothing is sent after that.
    case stop
}

/// Which of the two protocols a datagram belongs to.
public enum DiscoveryProtocol: Hashable, Sendable, CaseIterable {
    /// Multicast DNS, port 5353.
    case multicastDNS
    /// BEP 14, port 6771.
    case localSearch
}

/// A datagram from the network.
public struct ReceivedDatagram: Sendable, Equatable {
    public var proto: DiscoveryProtocol
    public var bytes: [UInt8]
    public var source: PeerAddress
    /// Where it arrived.
    public var link: LinkID
    /// Whether it was sent to the group and not to this host.
    public var isMulticast: Bool

    public init(
        proto: DiscoveryProtocol, bytes: [UInt8], source: PeerAddress, link: LinkID, isMulticast: Bool = true
    ) {
        self.proto = proto
        self.bytes = bytes
        self.source = source
        self.link = link
        self.isMulticast = isMulticast
    }
}

/// What whoever drives a ``DiscoveryEngine`` has to do.
public enum DiscoveryAction: Sendable, Equatable {
    /// Send from the protocol's port on this link, to the group if there is no address.
    case send(DiscoveryProtocol, [UInt8], on: LinkID, to: PeerAddress?)
    case tell(DiscoveryEvent)
}
