import PeerWire

/// Where a host answers browsers.
public enum WebPreference: Sendable, Equatable, CustomStringConvertible {
    case off
    /// Where the host listens, at ``usualPort`` or, if that is taken, at any free port.
    case automatic
    /// One address. Port 0 means any free one.
    case address(host: String, port: UInt16)

    /// Fixed, so that people can remember it; not registered for anything.
    public static let usualPort: UInt16 = 27280

    /// Reads `off`, `on`, or an address as ``ListenPreference`` does.
    public init(parsing text: String) throws(ListenPreference.ParsingError) {
        switch text.lowercased() {
        case "off", "no": self = .off
        case "on", "yes": self = .automatic
        default:
            guard case .address(let host, let port) = try ListenPreference(parsing: text) else {
                throw ListenPreference.ParsingError(text: text)
            }
            self = .address(host: host, port: port)
        }
    }

    /// As it is written in settings.
    public var description: String {
        switch self {
        case .off: "off"
        case .automatic: "*:\(Self.usualPort), or any free port"
        case .address(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }

    /// The port of the owner's page.
    public static let usualOwnerPort: UInt16 = 27281

    /// Whether it can be that of the owner's page: nobody else must reach that.
    public var isForOwner: Bool {
        guard case .address(let host, _) = self else { return true }
        return host == "127.0.0.1" || host == "localhost" || host == "::1"
    }

    /// As the owner's setting is written.
    public var ownerDescription: String {
        self == .automatic ? "127.0.0.1:\(Self.usualOwnerPort), or any free port" : description
    }

    var ownerCandidates: [(host: String, port: UInt16)] {
        switch self {
        case .off: []
        case .automatic: [("127.0.0.1", Self.usualOwnerPort), ("127.0.0.1", 0)]
        case .address(let host, let port): isForOwner ? [(host == "localhost" ? "127.0.0.1" : host, port)] : []
        }
    }

    /// What to try, one after the other.
    ///
    /// - Parameter earlier: the port of the last run that did not get the usual one: addresses that people have written
    ///   down stay right.
    func candidates(listen: ListenPreference, earlier: UInt16? = nil) -> [(host: String, port: UInt16)] {
        switch self {
        case .off: return []
        case .address("::", let port): return [("::", port), ("0.0.0.0", port)]
        case .address(let host, let port): return [(host, port)]
        case .automatic:
            // A host that was told to stay at one address does so with its pages too.
            var hosts = ["::", "0.0.0.0"]
            if case .address(let host, _) = listen, host != "::" { hosts = [host] }
            return ([Self.usualPort] + [earlier].compactMap(\.self) + [0]).flatMap { port in hosts.map { ($0, port) } }
        }
    }
}
