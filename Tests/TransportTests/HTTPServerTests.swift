import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Transport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("A server of HTTP", .timeLimit(.minutes(1)))
struct HTTPServerTests {
    private static let bye = "connection: close\r\n\r\n"

    @Test("Its socket is this user's alone, and one that was left behind is replaced")
    func socket() async throws {
        let service = EchoService()
        try await withServer(service) { address, path in
            var status = stat()
            #expect(stat(path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
            let server = try await HTTPServer.listen(
                atSocket: path, service: service, limits: HTTPLimits(body: 0),
                on: NIOSingletons.posixEventLoopGroup.next())
            let answer = try await HTTPClient(.socket(path: path)).send("GET", "/again")
            #expect(String(buffer: answer.body) == "GET /again 0")
            try await server.close()
        }
        #expect(service.requests.withLock { $0.first?.remote } == .local)
    }

    @Test("A request in single bytes is one request")
    func inPieces() async throws {
        try await withServer { address, _ in
            let client = try await RawClient.connect(address)
            for character in "POST /a?b HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\(Self.bye)hello" {
                await client.send(String(character))
            }
            let answer = try await client.ended()
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.hasSuffix("\r\n\r\nPOST /a?b 5"))
            #expect(answer.lowercased().contains("connection: close"))
        }
    }

    @Test("Requests that are sent ahead are answered in order, all of them")
    func pipelined() async throws {
        let service = EchoService()
        try await withServer(service) { address, _ in
            let client = try await RawClient.connect(address)
            let one = (0..<50).map { "GET /\($0) HTTP/1.1\r\nhost: x\r\n\r\n" }.joined()
            let other = "POST /last HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\(Self.bye)abc"
            await client.send(one + other)
            let answer = try await client.ended()
            #expect(answer.components("HTTP/1.1 200 OK") == 51)
            #expect(answer.hasSuffix("POST /last 3"))
        }
        #expect(service.targets == (0..<50).map { "/\($0)" } + ["/last"])
    }

    @Test("A connection is kept for further requests, and HEAD has no body")
    func kept() async throws {
        try await withServer { address, _ in
            let client = try await RawClient.connect(address)
            await client.send("HEAD /a HTTP/1.1\r\nhost: x\r\n\r\n")
            let head = try await client.heard { $0.hasSuffix("\r\n\r\n") }
            #expect(head.lowercased().contains("content-length: 9"))
            await client.send("GET /nothing HTTP/1.1\r\nhost: x\r\n\r\n")
            try await client.heard { $0.contains("204 No Content\r\n") && $0.hasSuffix("\r\n\r\n") }
            await client.send("GET /b HTTP/1.1\r\nhost: x\r\n\r\n")
            try await client.heard { $0.hasSuffix("GET /b 0") }
            #expect(!client.isClosed)
            client.close()
        }
    }

    @Test("A body that is too large is refused, with and without its length", arguments: [true, false])
    func tooLarge(_ isChunked: Bool) async throws {
        let service = EchoService()
        try await withServer(service) { address, _ in
            let client = try await RawClient.connect(address)
            let body = String(repeating: "a", count: 1001)
            await client.send(
                isChunked
                    ? "POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3e9\r\n\(body)\r\n0\r\n\r\n"
                    : "POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 1001\r\n\r\n\(body)")
            let answer = try await client.ended()
            #expect(answer.hasPrefix("HTTP/1.1 413"))
            let exact = try await RawClient.connect(address)
            await exact.send("POST /b HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\(Self.bye)\(body.dropFirst())")
            #expect(try await exact.ended().hasSuffix("POST /b 1000"))
        }
        #expect(service.targets == ["/b"])
    }

    @Test("Who asks whether a body is welcome is told")
    func expectContinue() async throws {
        try await withServer { address, _ in
            let client = try await RawClient.connect(address)
            await client.send("POST /a HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\(Self.bye)")
            try await client.heard { $0.contains("HTTP/1.1 100 Continue\r\n\r\n") }
            await client.send("hi")
            #expect(try await client.ended().hasSuffix("POST /a 2"))
            let large = try await RawClient.connect(address)
            await large.send("POST /a HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2000\r\n\r\n")
            #expect(try await large.ended().hasPrefix("HTTP/1.1 413"))
        }
    }

    @Test(
        "What is no HTTP ends the connection and no request is made of it",
        arguments: [
            "\r\n\r\nnonsense\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: x\r\nno colon\r\n\r\n",
            "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
            "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999\r\n\r\n",
            "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\na",
            "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", "\u{0}\u{1}\u{2}\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: x\r\n" + String(repeating: "a: b\r\n", count: 1000) + "\r\n",
            "GET / HTTP/1.1\r\nhost: x\r\na: " + String(repeating: "b", count: 100_000) + "\r\n\r\n",
        ])
    func nonsense(_ text: String) async throws {
        let service = EchoService()
        try await withServer(service) { address, _ in
            let client = try await RawClient.connect(address)
            await client.send(text)
            let answer = try await client.ended()
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 400"))
        }
        #expect(service.targets.allSatisfy { _ in text.contains("chunked") })
    }

    @Test("A good request before nonsense is answered")
    func goodThenBad() async throws {
        try await withServer { address, _ in
            let client = try await RawClient.connect(address)
            await client.send("GET /good HTTP/1.1\r\nhost: x\r\n\r\nnonsense nonsense\r\n\r\n")
            #expect(try await client.ended().contains("GET /good 0"))
        }
    }

    @Test(
        "Who never finishes a request, or never begins one, is let go",
        arguments: ["", "GET / HT", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n1"])
    func neverFinished(_ text: String) async throws {
        let limits = HTTPLimits(body: 1000, requestTime: .milliseconds(200))
        try await withServer(limits: limits) { address, _ in
            let client = try await RawClient.connect(address)
            if !text.isEmpty { await client.send(text) }
            #expect(try await client.ended().isEmpty)
        }
    }

    @Test("Time to take an answer is another than time to ask")
    func slowReader() async throws {
        // So much that a busy machine has asked before it is over.
        let limits = HTTPLimits(body: 1000, requestTime: .seconds(10))
        try await withServer(limits: limits) { address, _ in
            let client = try await RawClient.connect(address)
            try await client.stopReading()
            await client.send("GET /large HTTP/1.1\r\nhost: x\r\n\(Self.bye)")
            try await Task.sleep(for: .milliseconds(10_500))
            await client.resumeReading()
            #expect(try await client.ended().utf8.count > 20 << 20)
        }
        let impatient = HTTPLimits(body: 1000, answerTime: .milliseconds(100))
        try await withServer(limits: impatient) { address, _ in
            let client = try await RawClient.connect(address)
            try await client.stopReading()
            await client.send("GET /large HTTP/1.1\r\nhost: x\r\n\(Self.bye)")
            // A busy machine may begin to answer late: it has begun when others are answered, and its time is over when they
            // are answered again after more than that.
            for _ in 0..<2 {
                let other = try await RawClient.connect(address)
                await other.send("GET /a HTTP/1.1\r\nhost: x\r\n\(Self.bye)")
                _ = try await other.ended()
                try await Task.sleep(for: .milliseconds(300))
            }
            await client.resumeReading()
            #expect(try await client.ended().utf8.count < 20 << 20)
        }
    }

    @Test("An answer that comes bit by bit is chunked, and the connection goes on")
    func stream() async throws {
        let service = EchoService(parts: [Array("one".utf8), Array("two".utf8)])
        try await withServer(service) { address, path in
            let client = try await RawClient.connect(address)
            await client.send("GET /stream HTTP/1.1\r\nhost: x\r\n\r\nGET /b HTTP/1.1\r\nhost: x\r\n\(Self.bye)")
            let answer = try await client.ended()
            #expect(answer.contains("3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"))
            #expect(answer.hasSuffix("GET /b 0"))
            var heard = ""
            for await part in try await HTTPClient(.socket(path: path)).stream("GET", "/stream") {
                heard += String(buffer: part)
            }
            #expect(heard == "onetwo")
        }
    }

    @Test("A client that leaves while it is answered does no harm")
    func leaves() async throws {
        let service = EchoService()
        try await withServer(service) { address, path in
            let client = try await RawClient.connect(address)
            await client.send("GET /never HTTP/1.1\r\nhost: x\r\n\r\n")
            while service.targets.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            client.close()
            _ = try await client.ended()
            #expect(try await HTTPClient(.socket(path: path)).send("GET", "/").status == 200)
        }
    }
}

extension String {
    fileprivate func components(_ part: String) -> Int {
        var (count, rest) = (0, self[...])
        while let range = rest.firstRange(of: part) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
