import DiscoveryWire
import PeerWire

/// A service of another host, as that host describes it. Nothing of it is proven.
public struct FoundService: Sendable, Equatable {
    public var instance: String
    /// For example `_duplex._tcp`.
    public var type: String
    /// For example `duplex-1a2b3c4d.local`.
    public var hostName: String
    public var port: UInt16
    /// With the port. Those that work beyond the link come first; link-local IPv6 addresses have their zone.
    public var addresses: [PeerAddress]
    public var txt: TextRecord

    public init(
        instance: String, type: String, hostName: String, port: UInt16, addresses: [PeerAddress], txt: TextRecord
    ) {
        self.instance = instance
        self.type = type
        self.hostName = hostName
        self.port = port
        self.addresses = addresses
        self.txt = txt
    }
}
