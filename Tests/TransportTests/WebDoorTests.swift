import Metainfo
import NIOCore
import NIOPosix
import PeerWire
import Synchronization
import Testing

@testable import Transport

@Suite("HTTP at the port of the peers", .timeLimit(.minutes(1)))
struct WebDoorTests {
    @Test("A letter leads to the service, in however many pieces; a handshake to the peers")
    func byFirstByte() async throws {
        let service = EchoService()
        try await withDoor(service) { address, socket, _ in
            let answer = try await HTTPClient(.address(address)).send("GET", "/a")
            #expect(String(buffer: answer.body) == "GET /a 0")
            let client = try await RawClient.connect(socket)
            for part in ["G", "ET /b HT", "TP/1.1\r\nhost: x\r\nconnection: close\r\n", "\r\n"] {
                await client.send(part)
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(try await client.ended().hasSuffix("GET /b 0"))
            let peer = try await RawClient.connect(socket)
            await peer.send("\u{13}BitTorrent protocol")
            try await Task.sleep(for: .milliseconds(20))
            #expect(!peer.isClosed)
            for nonsense in ["get / HTTP/1.1\r\nhost: x\r\n\r\n", "\u{16}\u{3}\u{1}", "[", "@", "\u{0}"] {
                let other = try await RawClient.connect(socket)
                await other.send(nonsense)
                #expect(try await other.ended().isEmpty, "\(nonsense)")
            }
            peer.close()
            _ = try await peer.ended()
        }
        #expect(service.targets == ["/a", "/b"])
        let remote = service.requests.withLock { $0.first?.remote }
        guard case .network(let address) = remote else {
            Issue.record("\(String(describing: remote))")
            return
        }
        #expect(address.isLoopback)
    }

    @Test("Many silent connections keep nobody out, and do not stay")
    func silent() async throws {
        let limits = HTTPLimits(body: 0, requestTime: .milliseconds(500), connections: 8)
        try await withDoor(EchoService(), limits: limits) { address, socket, _ in
            var silent: [RawClient] = []
            for _ in 0..<40 {
                let client = try await RawClient.connect(socket)
                await client.send("G")
                silent.append(client)
            }
            while silent.count(where: { !$0.isClosed }) > 8 { try await Task.sleep(for: .milliseconds(5)) }
            for _ in 0..<10 {
                #expect(try await HTTPClient(.address(address)).send("GET", "/").status == 200)
            }
            while silent.contains(where: { !$0.isClosed }) { try await Task.sleep(for: .milliseconds(5)) }
            for client in silent { client.close() }
        }
    }

    #if os(Linux)
        @Test("Whoever has most makes room, not whoever has been there longest")
        func fair() async throws {
            let limits = HTTPLimits(body: 0, connections: 4)
            try await withDoor(EchoService(), limits: limits, host: "0.0.0.0") { address, _, _ in
                let first = try await RawClient.connect(SocketAddress(ipAddress: "127.0.0.1", port: Int(address.port)))
                await first.send("G")
                try await Task.sleep(for: .milliseconds(20))
                var others: [RawClient] = []
                for _ in 0..<12 {
                    let other = try await RawClient.connect(
                        SocketAddress(ipAddress: "127.0.0.1", port: Int(address.port)), from: "127.0.0.2")
                    await other.send("G")
                    others.append(other)
                }
                while others.count(where: { !$0.isClosed }) > 3 { try await Task.sleep(for: .milliseconds(5)) }
                await first.send("ET /first HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
                #expect(try await first.ended().hasSuffix("GET /first 0"))
                for other in others { other.close() }
            }
        }

    #endif

    @Test("Nothing of a body is taken, and closing the door closes what is open")
    func closing() async throws {
        let loop = NIOSingletons.posixEventLoopGroup.next()
        try await withDoor(EchoService(), limits: HTTPLimits(body: 0), on: loop) { address, socket, door in
            await #expect(throws: Never.self) {
                let answer = try await HTTPClient(.address(address)).send("POST", "/a", body: [1])
                #expect(answer.status == 413)
            }
            let client = try await RawClient.connect(socket)
            await client.send("GET /never HTTP/1.1\r\nhost: x\r\n\r\n")
            try await Task.sleep(for: .milliseconds(50))
            try await loop.submit { door.value.close() }.get()
            #expect(try await client.ended().isEmpty)
        }
    }

    // MARK: Helpers

    private func withDoor(
        _ service: EchoService, limits: HTTPLimits = HTTPLimits(body: 0), host: String = "127.0.0.1",
        on loop: any EventLoop = NIOSingletons.posixEventLoopGroup.next(),
        _ body: (PeerAddress, SocketAddress, NIOLoopBound<WebDoor>) async throws -> Void
    ) async throws {
        let (door, delegate) = try await loop.submit {
            (
                NIOLoopBound(WebDoor(service: service, limits: limits), eventLoop: loop),
                NIOLoopBound<any PeerLinkDelegate>(Deaf(), eventLoop: loop)
            )
        }.get()
        let server = try await PeerTransport(eventLoop: loop).listen(host: host, port: 0, delegate: delegate, web: door)
        let socket = try #require(server.localAddress)
        let address = try #require(PeerAddress(socket))
        try await body(address, socket, door)
        try await loop.submit { door.value.close() }.get()
        try await server.close()
    }

    /// Knows no torrent.
    private final class Deaf: PeerLinkDelegate {
        private var links: [PeerLink] = []

        func arrived(_ link: PeerLink) { links.append(link) }
        func reply(to infoHash: WireInfoHash, reserved: ReservedBits, on link: PeerLink) -> Handshake? { nil }
        func opened(_ link: PeerLink, handshake: Handshake) {}
        func received(_ items: [WireItem], on link: PeerLink) {}
        func sent(payload: Int, on link: PeerLink) {}
        func closed(_ link: PeerLink, reason: LinkEnd) {}
    }
}
