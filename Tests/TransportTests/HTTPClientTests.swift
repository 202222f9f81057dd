import NIOCore
import NIOPosix
import PeerWire
import Synchronization
import Testing

@testable import Transport

@Suite("A client of HTTP", .timeLimit(.minutes(1)))
struct HTTPClientTests {
    @Test("Method, target, headers and body arrive as they were given")
    func sends() async throws {
        let service = EchoService()
        try await withServer(service) { _, path in
            let client = HTTPClient(.socket(path: path))
            let answer = try await client.send("POST", "/a?b=c", headers: [("X-Some", "thing")], body: [1, 2, 3])
            #expect(answer.status == 200)
            #expect(answer.header("x-echo") == "yes")
            #expect(String(buffer: answer.body) == "POST /a?b=c 3")
            #expect(try await client.send("DELETE", "/nothing").status == 204)
        }
        let request = try #require(service.requests.withLock { $0.first })
        #expect(request.header("x-some") == "thing")
        #expect(request.header("host") == "localhost")
        #expect(request.header("content-length") == "3")
    }

    @Test("An answer that is longer than wanted is an error, as is one that is not 200 for a stream")
    func limits() async throws {
        try await withServer { _, path in
            let client = HTTPClient(.socket(path: path))
            await #expect(throws: HTTPClientError.tooLong) { try await client.send("GET", "/large", limit: 1000) }
            await #expect(throws: HTTPClientError.timedOut) {
                try await client.send("GET", "/never", timeout: .milliseconds(50))
            }
            await #expect(throws: HTTPClientError.status(204, body: [])) {
                _ = try await client.stream("GET", "/nothing")
            }
        }
    }

    @Test("Where nobody listens, the system's error comes at once and nothing is left behind")
    func nobody() async throws {
        await #expect(throws: (any Error).self) {
            try await HTTPClient(.socket(path: "/tmp/duplex-no-such-socket")).send("GET", "/")
        }
        await #expect(throws: (any Error).self) {
            _ = try await HTTPClient(.socket(path: "/tmp/duplex-no-such-socket")).stream("GET", "/")
        }
        let closed = try #require(PeerAddress(parsing: "127.0.0.1:1"))
        await #expect(throws: (any Error).self) { try await HTTPClient(.address(closed)).send("GET", "/") }
        let elsewhere = try #require(PeerAddress(parsing: "[fe80::1%none-such]:6881"))
        await #expect(throws: HTTPClientError.noSuchInterface) {
            try await HTTPClient(.address(elsewhere)).send("GET", "/")
        }
    }

    @Test(
        "A server that answers nonsense, or half, is an error",
        arguments: [
            "", "nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
            "HTTP/1.1 100 Continue\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab",
            "HTTP/1.1 200 OK\r\n" + String(repeating: "a: b\r\n", count: 5000),
        ])
    func nonsense(_ text: String) async throws {
        try await withNonsense(text) { address in
            let client = HTTPClient(.address(address))
            await #expect(throws: (any Error).self) { try await client.send("GET", "/") }
            if !text.hasPrefix("HTTP/1.1 200") {
                await #expect(throws: (any Error).self) { _ = try await client.stream("GET", "/") }
            }
        }
    }

    @Test("Who no longer waits closes the connection")
    func cancelled() async throws {
        let service = EchoService()
        try await withServer(service) { _, path in
            let task = Task { try await HTTPClient(.socket(path: path)).send("GET", "/never", timeout: .minutes(5)) }
            let other = Task { _ = try await HTTPClient(.socket(path: path)).stream("GET", "/never") }
            while service.targets.count < 2 { try await Task.sleep(for: .milliseconds(5)) }
            task.cancel()
            other.cancel()
            await #expect(throws: HTTPClientError.closedEarly) { try await task.value }
            await #expect(throws: HTTPClientError.closedEarly) { try await other.value }
        }
    }

    /// A server that says the same to everybody and closes.
    private func withNonsense(_ text: String, _ body: (PeerAddress) async throws -> Void) async throws {
        let server = try await ServerBootstrap(group: NIOSingletons.posixEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Parrot(text))
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        let address = try #require(server.localAddress.flatMap { PeerAddress($0) })
        try await body(address)
        try await server.close()
    }

    private final class Parrot: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let text: String

        init(_ text: String) { self.text = text }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text))).whenComplete { _ in
                bound.value.close(promise: nil)
            }
        }
    }
}
