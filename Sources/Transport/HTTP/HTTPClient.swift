import NIOCore
import NIOHTTP1
import NIOPosix
import PeerWire

/// Asks a server one thing over a connection of its own.
///
/// For what hosts and commands ask each other; no redirects, no TLS, no cookies.
public struct HTTPClient: Sendable {
    public enum Server: Sendable, Equatable {
        case socket(path: String)
        case address(PeerAddress)
    }

    public let server: Server
    private let eventLoop: any EventLoop

    public init(_ server: Server, on eventLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.any()) {
        self.server = server
        self.eventLoop = eventLoop
    }

    /// Sends a request and waits for all of the answer.
    ///
    /// - Parameters:
    ///   - limit: bytes of the body that are taken; more is an error.
    ///   - timeout: for everything together.
    /// - Throws: ``HTTPClientError``, or the system's error if nobody answers there.
    public func send(
        _ method: String, _ target: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        limit: Int = 16 << 20, timeout: TimeAmount = .seconds(10)
    ) async throws -> HTTPAnswer {
        // No promise: one that is made when the event loop ends could never be kept.
        let (results, continuation) = AsyncStream.makeStream(of: Result<HTTPAnswer, any Error>.self)
        let channel = try await connect(timeout: timeout) {
            HTTPAnswerCollector(continuation: continuation, limit: limit, timeout: timeout)
        }
        write(method, target, headers, body, to: channel)
        return try await withTaskCancellationHandler {
            for await result in results { return try result.get() }
            throw HTTPClientError.closedEarly
        } onCancel: {
            channel.close(promise: nil)
        }
    }

    /// Sends a request whose answer comes bit by bit, such as a stream of events. It ends with the connection, or
    /// when the reader stops listening.
    ///
    /// - Throws: ``HTTPClientError/status(_:body:)`` unless the status is 200.
    public func stream(
        _ method: String, _ target: String, headers: [(name: String, value: String)] = [], body: [UInt8] = []
    ) async throws -> AsyncStream<ByteBuffer> {
        let (starts, started) = AsyncStream.makeStream(of: Result<Void, any Error>.self)
        let (stream, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        let channel = try await connect(timeout: .seconds(10)) {
            HTTPAnswerStream(started: started, continuation: continuation)
        }
        continuation.onTermination = { _ in channel.close(promise: nil) }
        write(method, target, headers, body, to: channel)
        for await result in starts {
            try result.get()
            return stream
        }
        throw HTTPClientError.closedEarly
    }

    private func connect<Handler: ChannelInboundHandler>(
        timeout: TimeAmount, _ handler: @escaping @Sendable () -> Handler
    ) async throws -> any Channel {
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(timeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(handler())
                }
            }
        switch server {
        case .socket(let path):
            return try await bootstrap.connect(unixDomainSocketPath: path).get()
        case .address(let address):
            guard let socket = address.socketAddress() else { throw HTTPClientError.noSuchInterface }
            return try await bootstrap.connect(to: socket).get()
        }
    }

    private func write(
        _ method: String, _ target: String, _ headers: [(name: String, value: String)], _ body: [UInt8],
        to channel: any Channel
    ) {
        var fields = HTTPHeaders(headers.map { ($0.name, $0.value) })
        fields.replaceOrAdd(name: "host", value: authority)
        fields.replaceOrAdd(name: "connection", value: "close")
        if !body.isEmpty || method != "GET" { fields.replaceOrAdd(name: "content-length", value: String(body.count)) }
        let head = HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: method), uri: target, headers: fields)
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        if !body.isEmpty {
            channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: body))), promise: nil)
        }
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    }

    private var authority: String {
        switch server {
        case .socket: "localhost"
        // A zone means nothing to the other side (RFC 6874).
        case .address(let address): address.withZone(nil).description
        }
    }
}

/// Why an answer cannot be used.
public enum HTTPClientError: Error, Sendable, Equatable, CustomStringConvertible {
    case closedEarly
    case tooLong
    case timedOut
    case noSuchInterface
    case status(Int, body: [UInt8])

    public var description: String {
        switch self {
        case .closedEarly: "the connection ended before the answer did"
        case .tooLong: "the answer is longer than it may be"
        case .timedOut: "it did not answer in time"
        case .noSuchInterface: "its address names a network interface that is not here"
        case .status(let status, _): "it answered with the status \(status)"
        }
    }
}
