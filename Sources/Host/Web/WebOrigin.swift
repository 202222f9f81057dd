import PeerWire
import Transport
import WebPages

/// The address by which a client reaches this host: what leads back here begins with it.
struct WebOrigin: Sendable, Equatable {
    /// `http://HOST:PORT`
    let root: String

    /// From the `Host` of the request, so that it works by name, through a forwarded port and from everywhere else.
    init(_ request: HTTPRequest) {
        let local = request.local.map { $0.withZone(nil).description }
        let named = request.header("host").flatMap { Self.isAuthority($0) ? $0 : nil }
        root = "http://" + (named ?? local ?? "localhost")
    }

    init(address: PeerAddress) {
        root = "http://\(address.withZone(nil))"
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
