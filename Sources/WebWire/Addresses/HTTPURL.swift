import Metainfo

/// An `http` or `https` address (RFC 3986, RFC 9110 §4.2) as a client needs it: whom to call, and what to ask for.
///
/// What may not stand in a request (spaces, text that is not ASCII, controls) is percent-encoded; what follows a `#` is
/// dropped; an address with a user's name in it is refused, since it would be told to others.
public struct HTTPURL: Sendable, Hashable {
    public enum Scheme: String, Sendable {
        case http, https

        public var usualPort: UInt16 { self == .http ? 80 : 443 }
    }

    /// The longest address that is read, in bytes.
    public static let maximumLength = 8192

    public let scheme: Scheme
    /// In lower case: a name, an IPv4 address, or an IPv6 address without its brackets but with its zone.
    public let host: String
    public let port: UInt16
    /// Begins with a slash; percent-encoded.
    public let path: String
    /// What follows the `?`, percent-encoded.
    public let query: String?

    init(scheme: Scheme, host: String, port: UInt16, path: String, query: String?) {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.path = path
        self.query = query
    }

    public init(parsing text: String) throws(HTTPURLError) {
        let parts = try URLParts(text)
        guard let scheme = parts.scheme else { throw .malformed }
        guard let known = Scheme(rawValue: scheme) else { throw .otherScheme(scheme) }
        guard let authority = parts.authority else { throw .malformed }
        let (host, port) = try Self.split(authority)
        self.init(
            scheme: known, host: host, port: port ?? known.usualPort,
            path: DotSegments.removed(from: parts.path.isEmpty ? "/" : parts.path), query: parts.query)
    }

    /// What an address means that stands in an answer from here, such as in `Location` (RFC 3986 §5.2).
    public func resolving(_ reference: String) throws(HTTPURLError) -> HTTPURL {
        let parts = try URLParts(reference)
        if parts.scheme != nil { return try HTTPURL(parsing: reference) }
        if parts.authority != nil { return try HTTPURL(parsing: scheme.rawValue + ":" + reference) }
        if parts.path.isEmpty { return with(path: path, query: parts.query ?? query) }
        if parts.path.hasPrefix("/") { return with(path: DotSegments.removed(from: parts.path), query: parts.query) }
        let folder = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
        return with(path: DotSegments.removed(from: folder + "/" + parts.path), query: parts.query)
    }

    /// The address of something below this one, whatever characters its name has.
    public func appending(_ components: [String]) -> HTTPURL {
        let base = path.hasSuffix("/") ? path : path + "/"
        return with(path: base + components.map { PercentCoding.encoded($0) }.joined(separator: "/"), query: query)
    }

    private func with(path: String, query: String?) -> HTTPURL {
        HTTPURL(scheme: scheme, host: host, port: port, path: path, query: query)
    }

    /// What is asked for: path and query.
    public var target: String { query.map { "\(path)?\($0)" } ?? path }

    /// What `Host` says; a zone means nothing to the other side (RFC 6874).
    public var authority: String {
        let name = host.prefix { $0 != "%" }
        let bare = host.contains(":") ? "[\(name)]" : String(name)
        return port == scheme.usualPort ? bare : "\(bare):\(port)"
    }

    /// Whether it is a folder's address.
    public var isFolder: Bool { path.hasSuffix("/") }

    /// The last part of the path, decoded; empty for a folder.
    public var lastComponent: [UInt8] {
        PercentCoding.decoded(path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...])
    }

    private static func split(_ authority: String) throws(HTTPURLError) -> (host: String, port: UInt16?) {
        guard !authority.contains("@") else { throw .namesUser }
        var host = authority[...]
        var port: UInt16?
        let end = host.lastIndex(of: "]") ?? host.startIndex
        if let colon = host[end...].lastIndex(of: ":") {
            let digits = host[host.index(after: colon)...]
            if !digits.isEmpty {
                guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt16(digits), number > 0
                else { throw .malformed }
                port = number
            }
            host = host[..<colon]
        }
        if host.hasPrefix("[") {
            guard host.hasSuffix("]"), host.contains(":") else { throw .malformed }
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw .malformed
        }
        guard (1...255).contains(host.utf8.count), host.utf8.allSatisfy(isHostByte) else { throw .malformed }
        return (host.lowercased(), port)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: ":"), UInt8(ascii: "%"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}

extension HTTPURL: CustomStringConvertible {
    public var description: String {
        let bare = host.contains(":") ? "[\(host)]" : host
        return "\(scheme.rawValue)://\(bare)\(port == scheme.usualPort ? "" : ":\(port)")\(target)"
    }
}

/// Why an address cannot be used.
public enum HTTPURLError: Error, Sendable, Equatable, CustomStringConvertible {
    case malformed
    case tooLong
    /// Neither `http` nor `https`.
    case otherScheme(String)
    /// `user@host`: what it says would go into messages and to other hosts.
    case namesUser

    public var description: String {
        switch self {
        case .malformed: "it is no web address"
        case .tooLong: "the address is too long"
        case .otherScheme(let scheme): "it begins with \(scheme): and not with http:"
        case .namesUser: "it has a user's name in it"
        }
    }
}
