import PeerWire

/// A network interface that discovery uses.
public struct DiscoveryInterface: Hashable, Sendable {
    /// The number that the operating system gives it.
    public var index: Int
    public var name: String
    public var addresses: [InterfaceAddress]
    /// The families that it can send and receive multicast on.
    public var families: Set<AddressFamily>
    public var isLoopback: Bool

    public init(
        index: Int, name: String, addresses: [InterfaceAddress], families: Set<AddressFamily>, isLoopback: Bool = false
    ) {
        self.index = index
        self.name = name
        self.addresses = addresses
        self.families = families
        self.isLoopback = isLoopback
    }

    var links: [LinkID] {
        AddressFamily.allCases.filter(families.contains).map { LinkID(interface: index, family: $0) }
    }
}

/// An address of an interface, with the length of its network's prefix. Port and zone do not matter.
public struct InterfaceAddress: Hashable, Sendable {
    public var address: PeerAddress
    public var prefixLength: Int

    public init(address: PeerAddress, prefixLength: Int) {
        self.address = address.withPort(0).withZone(nil)
        self.prefixLength = prefixLength
    }

    /// Whether `other` is in the same network.
    public func isNeighbour(_ other: PeerAddress) -> Bool {
        let (mine, theirs) = (address.ipBytes, other.ipBytes)
        guard mine.count == theirs.count else { return false }
        for (position, (left, right)) in zip(mine, theirs).enumerated() {
            let bits = prefixLength - 8 * position
            guard bits > 0 else { break }
            let mask: UInt8 = bits >= 8 ? 0xFF : ~(0xFF >> UInt8(bits))
            guard left & mask == right & mask else { return false }
        }
        return true
    }
}

public enum AddressFamily: Hashable, Sendable, CaseIterable {
    case ipv4, ipv6
}

/// One family on one interface: what a socket sends to and hears.
public struct LinkID: Hashable, Sendable {
    public var interface: Int
    public var family: AddressFamily

    public init(interface: Int, family: AddressFamily) {
        self.interface = interface
        self.family = family
    }
}
