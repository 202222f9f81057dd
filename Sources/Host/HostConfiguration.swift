import Storage
import Transport

/// What a host is started with.
public struct HostConfiguration: Sendable {
    public var listen: ListenPreference
    public var state: StateDirectory
    /// Answers HTTP at the same port.
    public var web: (any HTTPService)?

    public init(listen: ListenPreference, state: StateDirectory, web: (any HTTPService)? = nil) {
        self.listen = listen
        self.state = state
        self.web = web
    }
}

/// Where a host takes connections.
public enum ListenPreference: Sendable, Equatable, CustomStringConvertible {
    /// All interfaces, at ``ListenPreference/usualPort`` or, if that is taken, at any free port.
    case automatic
    /// One address. Port 0 means any free one.
    case address(host: String, port: UInt16)

    /// Fixed, so that a firewall can be opened for it; not registered for anything.
    public static let usualPort: UInt16 = 27272

    public struct ParsingError: Error, Equatable, CustomStringConvertible {
        public let text: String
        public var description: String { "'\(text)' is not HOST:PORT, [IPV6]:PORT, *:PORT or :PORT" }
    }

    /// As it is written in settings.
    public var description: String {
        switch self {
        case .automatic: "*:\(Self.usualPort), or any free port"
        case .address(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }

    /// Reads `HOST:PORT`, `[IPV6]:PORT`, or `*:PORT` or `:PORT` (all interfaces).
    public init(parsing text: String) throws(ParsingError) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw ParsingError(text: text)
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            throw ParsingError(text: text)
        }
        self = .address(host: host.isEmpty || host == "*" ? "::" : host, port: port)
    }
}
