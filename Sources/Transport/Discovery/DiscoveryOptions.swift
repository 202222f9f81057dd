import DiscoveryEngine

/// What of discovery is used, and where.
public struct DiscoveryOptions: Sendable {
    /// Names of the interfaces to use; nil for all that can do multicast.
    public var interfaces: Set<String>?
    /// Which protocols are spoken.
    public var protocols: Set<DiscoveryProtocol>

    public init(
        interfaces: Set<String>? = nil, protocols: Set<DiscoveryProtocol> = Set(DiscoveryProtocol.allCases)
    ) {
        self.interfaces = interfaces
        self.protocols = protocols
    }
}
