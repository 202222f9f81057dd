import NIOCore
import NIOHTTP1
import NIOPosix
import PeerWire
import Testing

@testable import Transport

@Suite("What an HTTP server refuses and sends", .timeLimit(.minutes(1)))
struct RequestCheckTests {
    @Test(
        "Heads that two programs could read differently are refused",
        arguments: [
            ([("host", "x")], 200), ([], 400), ([("host", "x"), ("host", "y")], 400),
            ([("host", "x"), ("content-length", "5"), ("transfer-encoding", "chunked")], 400),
            ([("host", "x"), ("content-length", "5"), ("content-length", "5")], 400),
            ([("host", "x"), ("content-length", "+5")], 400), ([("host", "x"), ("content-length", "5, 5")], 400),
            ([("host", "x"), ("transfer-encoding", "xchunked")], 400),
            ([("host", "x"), ("transfer-encoding", "chunked")], 200), ([("host", "x"), ("a", "b\u{0}c")], 400),
        ] as [([(String, String)], Int)])
    func heads(_ fields: [(String, String)], _ status: Int) {
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/", headers: HTTPHeaders(fields))
        #expect(RequestCheck(HTTPLimits(body: 10)).refusal(of: head) ?? 200 == status)
    }

    @Test("Too many fields and too long ones are refused, as is another version")
    func limits() {
        let check = RequestCheck(HTTPLimits(body: 10))
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/", headers: ["host": "x"])
        for number in 0..<100 { head.headers.add(name: "x-\(number)", value: "") }
        #expect(check.refusal(of: head) == 431)
        head.headers = ["host": "x", "a": String(repeating: "a", count: 33_000)]
        #expect(check.refusal(of: head) == 431)
        head.headers = ["host": "x"]
        head.version = .http2
        #expect(check.refusal(of: head) == 505)
    }

    @Test("Requests that are sent ahead are answered one after the other")
    func pipelining() async throws {
        let server = try await HTTPServer.listen(
            host: "127.0.0.1", port: 0, service: Echo(), limits: HTTPLimits(body: 10),
            on: MultiThreadedEventLoopGroup.singleton)
        let address = try #require(server.localAddress)
        let collector = Collector()
        let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Reading(collector))
                }
            }
            .connect(to: address).get()
        let paths = ["/a", "/source", "/b", "/source"]
        let request = paths.map { "GET \($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined()
        try await client.writeAndFlush(ByteBuffer(string: request))
        let text = await collector.text(until: { $0.hasSuffix("two/source") && $0.contains("/b") })
        #expect(text.components(of: "HTTP/1.1 200") == 4)
        try await client.close()
        await server.close()
    }

    private struct Echo: HTTPService {
        func answer(_ request: HTTPRequest) async -> HTTPReply {
            guard request.target == "/source" else {
                return HTTPReply(status: 200, body: .bytes(Array(request.target.utf8)))
            }
            return HTTPReply(status: 200, headers: [("content-length", "10")], body: .source(Parts()))
        }
    }

    private actor Parts: HTTPBodySource {
        private var left = ["/source", "two"]
        func next() async throws -> HTTPBodyPart? { left.popLast().map { .bytes(Array($0.utf8)) } }
    }

    private actor Collector {
        private var text = ""
        func add(_ more: String) { text += more }
        func text(until isEnough: (String) -> Bool) async -> String {
            while !isEnough(text) { try? await Task.sleep(for: .milliseconds(10)) }
            return text
        }
    }

    private final class Reading: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let collector: Collector
        init(_ collector: Collector) { self.collector = collector }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text = String(buffer: unwrapInboundIn(data))
            Task { [collector] in await collector.add(text) }
        }
    }
}

extension String {
    fileprivate func components(of part: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.firstRange(of: part) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}

@Suite("Connections of a server")
struct ConnectionGateTests {
    @Test("There are no more than there may be, in all and of one address")
    func limits() throws {
        let gate = ConnectionGate(limit: 3, ofAddress: 2)
        let (one, same, other) = (
            try #require(PeerAddress(parsing: "10.0.0.1:1")), try #require(PeerAddress(parsing: "10.0.0.1:2")),
            try #require(PeerAddress(parsing: "10.0.0.2:1"))
        )
        #expect(gate.enter(one))
        #expect(gate.enter(same))
        #expect(!gate.enter(one))
        #expect(gate.enter(other))
        #expect(!gate.enter(other))
        gate.leave(same)
        #expect(gate.enter(other))
        gate.leave(one)
        #expect(gate.enter(same))
        #expect(!gate.enter(one))
    }
}
