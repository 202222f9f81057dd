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

/// Takes bodies of `/up…` as they come; everything else whole.
private final class TakingService: HTTPUploadService {
    let bytes = Mutex(0)
    let failure = Mutex<HTTPBodyError?>(nil)
    /// Takes nothing until it is set.
    let isOpen = Mutex(true)

    func streamsBody(of request: HTTPRequest) -> Bool { request.target.hasPrefix("/up") }

    func answer(_ request: HTTPRequest) async -> HTTPReply {
        HTTPReply(status: 200, body: .bytes(Array("whole \(request.body.readableBytes)".utf8)))
    }

    func answer(_ request: HTTPRequest, body: HTTPBodyStream) async -> HTTPReply {
        if request.target == "/up/refused" { return HTTPReply(status: 403, body: .bytes(Array("no".utf8))) }
        do {
            while true {
                while !isOpen.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(5)) }
                guard let parts = try await body.next() else { break }
                let count = parts.reduce(0) { $0 + $1.readableBytes }
                bytes.withLock { $0 += count }
            }
        } catch {
            failure.withLock { $0 = error as? HTTPBodyError }
            return HTTPReply(status: 408)
        }
        return HTTPReply(status: 201, body: .bytes(Array("took \(bytes.withLock { $0 })".utf8)))
    }
}

@Suite("Bodies that are streamed", .timeLimit(.minutes(1)))
struct HTTPUploadTests {
    private func withServer(
        _ service: TakingService, _ change: (inout HTTPLimits) -> Void = { _ in },
        _ body: (SocketAddress) async throws -> Void
    ) async throws {
        var limits = HTTPLimits(body: 10)
        change(&limits)
        let loop = NIOSingletons.posixEventLoopGroup.next()
        let path = "/tmp/duplex-upload-\(UInt64.random(in: 0...UInt64.max)).sock"
        let server = try await HTTPServer.listen(atSocket: path, service: service, limits: limits, on: loop)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(SocketAddress(unixDomainSocketPath: path)))
        } catch {
            result = .failure(error)
        }
        try await server.close()
        unlink(path)
        try result.get()
    }

    @Test("With a length and in chunks it is the same, beyond the limit for others, and the connection stays")
    func bothForms() async throws {
        let service = TakingService()
        try await withServer(service) { address in
            let client = try await RawClient.connect(address)
            await client.send("PUT /up HTTP/1.1\r\nhost: x\r\ncontent-length: 20\r\n\r\n0123456789")
            await client.send("0123456789")
            try await client.heard { $0.hasSuffix("took 20") }
            await client.send("POST /up HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
            for _ in 0..<3 { await client.send("a\r\n0123456789\r\n") }
            await client.send("0\r\n\r\n")
            try await client.heard { $0.hasSuffix("took 50") }
            await client.send("POST /other HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\nconnection: close\r\n\r\nabc")
            #expect(try await client.ended().hasSuffix("whole 3"))
        }
    }

    @Test("A client that asks first is told to send when its body is wanted, and only then")
    func continues() async throws {
        try await withServer(TakingService(), { $0.lingerTime = .milliseconds(50) }) { address in
            let head = "HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\nexpect: 100-continue\r\n\r\n"
            let client = try await RawClient.connect(address)
            await client.send("PUT /up \(head)")
            try await client.heard { $0.hasPrefix("HTTP/1.1 100 Continue\r\n\r\n") }
            await client.send("abc")
            try await client.heard { $0.hasSuffix("took 3") }
            let refused = try await RawClient.connect(address)
            await refused.send("PUT /up/refused \(head)")
            let answer = try await refused.ended()
            #expect(answer.hasPrefix("HTTP/1.1 403") && answer.lowercased().contains("connection: close"))
        }
    }

    @Test("Who is refused while sending gets the answer; what still comes is dropped, whatever it is")
    func refused() async throws {
        let service = TakingService()
        try await withServer(service, { $0.lingerTime = .milliseconds(300) }) { address in
            let client = try await RawClient.connect(address)
            await client.send("PUT /up/refused HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
            try await client.heard { $0.hasSuffix("no") }
            await client.send("this is no chunk\r\n\r\n")
            await client.send(String(repeating: "x", count: 100_000))
            #expect(try await client.ended().ranges(of: "HTTP/1.1 ").count == 1)
        }
    }

    @Test("While nobody takes, nothing is read; afterwards all of it arrives")
    func backPressure() async throws {
        let service = TakingService()
        service.isOpen.withLock { $0 = false }
        let total = 40 << 20
        try await withServer(service) { address in
            let client = try await RawClient.connect(address)
            let sent = Mutex(0)
            let sending = Task {
                await client.send("PUT /up HTTP/1.1\r\nhost: x\r\ncontent-length: \(total)\r\n\r\n")
                let part = String(repeating: "x", count: 1 << 20)
                for _ in 0..<40 {
                    await client.send(part)
                    sent.withLock { $0 += 1 }
                }
            }
            try await Task.sleep(for: .milliseconds(300))
            #expect(sent.withLock { $0 } < 20, "the sender was not held up")
            service.isOpen.withLock { $0 = true }
            await sending.value
            try await client.heard { $0.hasSuffix("took \(total)") }
        }
    }

    @Test("Who sends next to nothing is not waited for; who is lost is noticed")
    func slowAndLost() async throws {
        let service = TakingService()
        let change = { (limits: inout HTTPLimits) in
            (limits.bodyPeriod, limits.bodyPeriodBytes, limits.lingerTime) = (.milliseconds(50), 100, .milliseconds(50))
        }
        try await withServer(service, change) { address in
            let client = try await RawClient.connect(address)
            await client.send("PUT /up HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nab")
            #expect(try await client.ended().hasPrefix("HTTP/1.1 408"))
            #expect(service.failure.withLock { $0 } == .tooSlow)
            #expect(service.bytes.withLock { $0 } == 2)
        }
        try await withServer(service) { address in
            let client = try await RawClient.connect(address)
            await client.send("PUT /up HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nabc")
            while service.bytes.withLock({ $0 }) < 5 { try await Task.sleep(for: .milliseconds(5)) }
            client.close()
            while service.failure.withLock({ $0 }) != .closed { try await Task.sleep(for: .milliseconds(5)) }
        }
    }

    @Test("What came before a failure is handed out first, and a second reader is refused")
    func order() async throws {
        let body = HTTPBodyStream([ByteBuffer(string: "a"), ByteBuffer(string: "b")], isComplete: false)
        #expect(try await body.next()?.count == 2)
        await #expect(throws: HTTPBodyError.closed) { try await body.next() }
        let open = HTTPBodyStream(expectsContinue: false) { _ in }
        let first = Task { try await open.next() }
        while open.arrivedSinceLast() == nil { await Task.yield() }
        try await Task.sleep(for: .milliseconds(20))
        await #expect(throws: HTTPBodyError.replaced) { try await open.next() }
        open.cancel()
        await #expect(throws: HTTPBodyError.replaced) { try await first.value }
    }
}
