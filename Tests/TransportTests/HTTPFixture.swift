import NIOCore
import NIOPosix
import PeerWire
import Synchronization
import Testing

@testable import Transport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Answers with what was asked, and remembers it.
final class EchoService: HTTPService {
    let requests = Mutex<[HTTPRequest]>([])
    /// What `/stream` sends.
    let parts: [[UInt8]]

    init(parts: [[UInt8]] = []) {
        self.parts = parts
    }

    func answer(_ request: HTTPRequest) async -> HTTPReply {
        requests.withLock { $0.append(request) }
        switch request.target {
        case "/stream":
            let parts = parts
            return HTTPReply(
                status: 200,
                body: .stream(
                    AsyncStream { continuation in
                        for part in parts { continuation.yield(part) }
                        continuation.finish()
                    }))
        case "/never":
            try? await Task.sleep(for: .seconds(3600))
            return HTTPReply(status: 500)
        case "/nothing": return HTTPReply(status: 204)
        case "/large": return HTTPReply(status: 200, body: .buffer(ByteBuffer(repeating: 7, count: 20 << 20)))
        default:
            let text = "\(request.method) \(request.target) \(request.body.readableBytes)"
            return HTTPReply(status: 200, headers: [("x-echo", "yes")], body: .bytes(Array(text.utf8)))
        }
    }

    var targets: [String] { requests.withLock { $0.map(\.target) } }
}

/// A connection that says what it is told to say, and keeps what it hears.
final class RawClient: Sendable {
    private struct State {
        var heard: [UInt8] = []
        var isClosed = false
    }

    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let client: RawClient

        init(_ client: RawClient) { self.client = client }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = Array(unwrapInboundIn(data).readableBytesView)
            client.state.withLock { $0.heard += bytes }
        }

        func channelInactive(context: ChannelHandlerContext) {
            client.state.withLock { $0.isClosed = true }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }

    private let state = Mutex(State())
    private let channel = Mutex<(any Channel)?>(nil)

    /// - Parameter source: the address to come from.
    static func connect(_ address: SocketAddress, from source: String? = nil) async throws -> RawClient {
        let client = RawClient()
        var bootstrap = ClientBootstrap(group: NIOSingletons.posixEventLoopGroup)
        if let source { bootstrap = bootstrap.bind(to: try SocketAddress(ipAddress: source, port: 0)) }
        let channel =
            try await bootstrap
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Reader(client))
                }
            }.connect(to: address).get()
        client.channel.withLock { $0 = channel }
        return client
    }

    func send(_ text: String) async {
        let channel = channel.withLock { $0 }
        try? await channel?.writeAndFlush(ByteBuffer(string: text))
    }

    func close() { channel.withLock { $0 }?.close(promise: nil) }

    /// Stops taking what the other side sends.
    func stopReading() async throws {
        let channel = channel.withLock { $0 }
        try await channel?.setOption(ChannelOptions.autoRead, value: false).get()
    }

    func resumeReading() async {
        let channel = channel.withLock { $0 }
        // The other side may have closed already.
        try? await channel?.setOption(ChannelOptions.autoRead, value: true).get()
        channel?.read()
    }

    var text: String { state.withLock { String(decoding: $0.heard, as: UTF8.self) } }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Waits until the other side has said so much.
    @discardableResult
    func heard(_ isEnough: (String) -> Bool) async throws -> String {
        while true {
            let (text, isClosed) = (text, isClosed)
            if isEnough(text) { return text }
            try #require(!isClosed, "closed after \(text)")
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Waits until the other side closes, and says what it has said.
    func ended() async throws -> String {
        while !isClosed { try await Task.sleep(for: .milliseconds(5)) }
        return text
    }
}

/// A server at a socket in a folder of its own.
func withServer(
    _ service: EchoService = EchoService(), limits: HTTPLimits = HTTPLimits(body: 1000),
    _ body: (SocketAddress, String) async throws -> Void
) async throws {
    let loop = NIOSingletons.posixEventLoopGroup.next()
    let path = "/tmp/duplex-http-\(UInt64.random(in: 0...UInt64.max)).sock"
    let server = try await HTTPServer.listen(atSocket: path, service: service, limits: limits, on: loop)
    do {
        try await body(SocketAddress(unixDomainSocketPath: path), path)
    } catch {
        try await server.close()
        throw error
    }
    try await server.close()
    unlink(path)
}
