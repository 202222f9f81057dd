import Metainfo
import NIOCore
import NIOPosix
import PeerWire
import Testing
import Transport

@Suite("Listening and dialing", .timeLimit(.minutes(1)))
struct ListeningTests {
    @Test("A port that is in use says so, and what to do")
    func inUse() async throws {
        try await withTransport { transport, delegate in
            let first = try await transport.listen(host: "127.0.0.1", port: 0, delegate: delegate)
            let port = try #require(first.localAddress?.port.flatMap { UInt16(exactly: $0) })
            let error = await #expect(throws: ListenError.self) {
                try await transport.listen(host: "127.0.0.1", port: port, delegate: delegate)
            }
            #expect(error?.isInUse == true)
            #expect(
                error?.description == "cannot listen at 127.0.0.1:\(port), another program uses that port, "
                    + "choose another with --listen HOST:PORT")
            try await first.close()
        }
    }

    @Test(
        "An address of another computer says so, IPv6 in brackets",
        arguments: [
            ("192.0.2.1", "192.0.2.1:0"), ("2001:db8::1", "[2001:db8::1]:0"),
        ])
    func notOurs(_ host: String, _ shown: String) async throws {
        try await withTransport { transport, delegate in
            let error = await #expect(throws: ListenError.self) {
                try await transport.listen(host: host, port: 0, delegate: delegate)
            }
            #expect(error?.isInUse == false)
            #expect(
                error?.description == "cannot listen at \(shown), that is not an address of this computer, "
                    + "choose another with --listen HOST:PORT")
        }
    }

    @Test("A name that nobody knows says so")
    func unknownName() async throws {
        try await withTransport { transport, delegate in
            let error = await #expect(throws: ListenError.self) {
                try await transport.listen(host: "no-such-host.invalid", port: 0, delegate: delegate)
            }
            #expect(error?.description.contains("no computer of that name is known") == true)
        }
    }

    @Test("Two transports shake hands over loopback, and each learns how it ended", arguments: ["127.0.0.1", "::1"])
    func shakeHands(_ host: String) async throws {
        try await withTransport { transport, delegate in
            let server = try await transport.listen(host: host, port: 0, delegate: delegate)
            let address = try #require(server.localAddress.flatMap { PeerAddress($0) })
            try await dial(address, transport, delegate, until: { $0.opened == 2 })
            try await server.close()
            let addresses = try await transport.eventLoop.submit {
                let recorder = delegate.value as? Recorder
                recorder?.links.forEach { $0.close() }
                return recorder?.links.map { ($0.isOutgoing, $0.remote) } ?? []
            }.get()
            #expect(addresses.first { $0.0 }?.1 == address)
            #expect(addresses.first { !$0.0 }?.1.withPort(address.port) == address)
            try await wait(transport, delegate) { $0.ends.count == 2 }
        }
    }

    @Test(
        "A connection that nobody takes, and an interface that is not there, end without ever opening",
        arguments: [
            "127.0.0.1:1", "[fe80::1%none-such]:6881",
        ])
    func nobodyThere(_ text: String) async throws {
        let address = try #require(PeerAddress(parsing: text))
        try await withTransport { transport, delegate in
            try await dial(address, transport, delegate, until: { $0.ends.count == 1 })
            let opened = try await transport.eventLoop.submit { (delegate.value as? Recorder)?.opened }.get()
            #expect(opened == 0)
        }
    }

    // MARK: Helpers

    private func withTransport(
        _ body: (PeerTransport, NIOLoopBound<any PeerLinkDelegate>) async throws -> Void
    ) async throws {
        let loop = NIOSingletons.posixEventLoopGroup.next()
        let delegate = try await loop.submit {
            NIOLoopBound<any PeerLinkDelegate>(Recorder(), eventLoop: loop)
        }.get()
        try await body(PeerTransport(eventLoop: loop), delegate)
    }

    private func dial(
        _ address: PeerAddress, _ transport: PeerTransport, _ delegate: NIOLoopBound<any PeerLinkDelegate>,
        until isDone: @escaping @Sendable (Recorder) -> Bool
    ) async throws {
        try await transport.eventLoop.submit {
            let handshake = LinkFixture.handshake(LinkFixture.v1Hash, LinkFixture.ownID)
            let link = PeerLink(
                to: address, handshake: handshake, acceptable: [LinkFixture.v1Hash], delegate: delegate.value)
            transport.dial(link, delegate: delegate.value)
        }.get()
        try await wait(transport, delegate, until: isDone)
    }

    private func wait(
        _ transport: PeerTransport, _ delegate: NIOLoopBound<any PeerLinkDelegate>,
        until isDone: @escaping @Sendable (Recorder) -> Bool
    ) async throws {
        while try await transport.eventLoop.submit({ (delegate.value as? Recorder).map(isDone) ?? true }).get() == false
        {
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

/// Counts what becomes of links; answers every handshake.
private final class Recorder: PeerLinkDelegate {
    var links: [PeerLink] = []
    var ends: [String] = []
    var opened: Int { links.count }

    func arrived(_ link: PeerLink) {}

    func reply(to infoHash: WireInfoHash, reserved: ReservedBits, on link: PeerLink) -> Handshake? {
        LinkFixture.handshake(infoHash, LinkFixture.otherID)
    }

    func opened(_ link: PeerLink, handshake: Handshake) { links.append(link) }

    func received(_ items: [WireItem], on link: PeerLink) {}

    func sent(payload: Int, on link: PeerLink) {}

    func closed(_ link: PeerLink, reason: LinkEnd) { ends.append("\(reason)") }
}
