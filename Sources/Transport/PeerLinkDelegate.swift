import Metainfo
import PeerWire

/// Who is told what happens on peer connections. All calls come on the event loop of the connections.
public protocol PeerLinkDelegate: AnyObject {
    /// A peer opened a connection and has not said anything yet; the place to limit how many of those there are.
    func arrived(_ link: PeerLink)
    /// A peer opened a connection and named a torrent.
    ///
    /// - Returns: the handshake to answer with, or nil if this host does not take part in such a torrent.
    func reply(to infoHash: WireInfoHash, reserved: ReservedBits, on link: PeerLink) -> Handshake?
    /// Both handshakes are through.
    func opened(_ link: PeerLink, handshake: Handshake)
    /// Everything that one turn of reading brought, in order.
    func received(_ items: [WireItem], on link: PeerLink)
    /// Payload bytes given to ``PeerLink/send(blocks:payload:)`` are with the operating system.
    func sent(payload: Int, on link: PeerLink)
    /// The connection is over; called once, also for one that never opened.
    func closed(_ link: PeerLink, reason: LinkEnd)
}

/// Why a connection ended.
public enum LinkEnd: Sendable, CustomStringConvertible {
    /// Either side closed it.
    case closed
    /// The peer did not speak the protocol.
    case violation(PeerWireError)
    case handshakeTimedOut
    /// The peer names a torrent that was not asked for, or that this host does not have.
    case otherTorrent
    /// It speaks HTTP, and the connection goes on as that.
    case otherProtocol
    case failed(String)

    public var description: String {
        switch self {
        case .closed: "closed"
        case .violation(let error): "\(error)"
        case .handshakeTimedOut: "no handshake in time"
        case .otherTorrent: "another torrent"
        case .otherProtocol: "another protocol"
        case .failed(let what): what
        }
    }
}
