import NIOCore
import PeerWire

/// A request as a server's routes see it: read whole, within the server's limits.
public struct HTTPRequest: Sendable {
    public var method: String
    /// Path and query, as sent.
    public var target: String
    /// Names in lower case, in order of arrival.
    public var headers: [(name: String, value: String)]
    public var body: ByteBuffer
    /// Who asks; nil for somebody on this computer who came by a Unix-domain socket.
    public var remote: RequestOrigin
    /// By which address of this computer; nil for a Unix-domain socket.
    public var local: PeerAddress?

    public init(
        method: String, target: String, headers: [(name: String, value: String)] = [],
        body: ByteBuffer = ByteBuffer(), remote: RequestOrigin = .local, local: PeerAddress? = nil
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.remote = remote
        self.local = local
    }

    /// The first value of a header; the name in lower case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name == name }?.value
    }
}

/// Where a request came from.
public enum RequestOrigin: Sendable, Equatable {
    /// The user that runs this host, by a Unix-domain socket that nobody else may open.
    case local
    /// Anybody who reaches the host's port.
    case network(PeerAddress)
}

/// What a server's routes answer.
public struct HTTPReply: Sendable {
    public enum Body: Sendable {
        case bytes([UInt8])
        /// The same for what many ask for: all answers share its memory.
        case buffer(ByteBuffer)
        /// Sent as it comes, for as long as it lasts and the client listens; chunked (RFC 9112 §7.1).
        case stream(AsyncStream<[UInt8]>)
        /// Of the length that a `content-length` among the headers tells; parts are asked for as the client takes them.
        case source(any HTTPBodySource)
    }

    public var status: Int
    public var headers: [(name: String, value: String)]
    public var body: Body

    public init(status: Int, headers: [(name: String, value: String)] = [], body: Body = .bytes([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// What a client of this host got from a server.
public struct HTTPAnswer: Sendable {
    public var status: Int
    public var headers: [(name: String, value: String)]
    public var body: ByteBuffer

    /// The first value of a header; the name in lower case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name == name }?.value
    }
}
