import PeerWire
import Transport
import WebPages

/// The address by which a client reaches this host: what leads back here begins with it.
struct WebOrigin: Sendable, Equatable {
    /// `http://HOST:PORT`
    let root: String
    /// `HOST:PORT` of this host as a peer; nil if it takes no connections of peers.
    let peer: String?

    /// From the `Host` of the request, so that it works by name, through a forwarded port and from everywhere else.
    ///
    /// - Parameter peerPort: where this host takes connections of peers; 0 for none.
    init(_ request: HTTPRequest, peerPort: UInt16) {
        let local = request.local.map { $0.withZone(nil).description }
        let named = request.header("host").flatMap { Self.isAuthority($0) ? $0 : nil }
        let authority = named ?? local ?? "localhost"
        root = "http://" + authority
        peer = peerPort == 0 ? nil : "\(Self.host(of: authority)):\(peerPort)"
    }

    init(address: PeerAddress) {
        root = "http://\(address.withZone(nil))"
        peer = nil
    }

    /// Without the port. The colons of an IPv6 address stand in brackets.
    private static func host(of authority: String) -> Substring {
        guard let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") else {
            return authority[...]
        }
        return authority[..<colon]
    }

    func url(_ route: WebRoute) -> String { root + route.url.text }

    /// Nothing but a name or an address and a port.
    static func isAuthority(_ text: String) -> Bool {
        (1...262).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
                    true
                default: false
                }
            }
    }
}

/// Another host on the network that has pages.
struct WebNeighbour: Sendable, Equatable {
    var name: String
    var origin: WebOrigin?
    var isDedicated: Bool
    /// Its shares by name; each with its info-hashes.
    var shares: [String: [String]]
}
