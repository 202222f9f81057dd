import Metainfo
import PeerWire

/// What discovery tells.
public enum DiscoveryEvent: Sendable, Equatable {
    /// A service is there and resolved: host, port, addresses and TXT record are known.
    case found(FoundService)
    /// Something of it has changed.
    case changed(FoundService)
    case lost(instance: String, type: String)
    /// An own service's name was taken; it is offered under this one.
    case renamed(type: String, to: String)
    /// A peer of a torrent that was announced here (BEP 14).
    case peer(WireInfoHash, PeerAddress)
    /// Something does not work, in words for people; the rest goes on.
    case trouble(String)
}
