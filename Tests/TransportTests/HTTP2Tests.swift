import NIOCore
import NIOEmbedded
import NIOHTTP1
import PeerWire
import Testing

@testable import Transport

@Suite("HTTP/2 by prior knowledge", .timeLimit(.minutes(1)))
struct HTTP2Tests {
    @Test("The first bytes decide, as soon as they can")
    func choice() {
        let preface = HTTPVersionChooser.preface
        for count in 0..<preface.count { #expect(HTTPVersionChooser.isHTTP2(preface[..<count]) == nil) }
        #expect(HTTPVersionChooser.isHTTP2(preface) == true)
        #expect(HTTPVersionChooser.isHTTP2(preface + [0]) == true)
        for text in ["G", "POST", "PRI *  ", "PRI * HTTP/1", "PROPFIND", "\0"] {
            #expect(HTTPVersionChooser.isHTTP2(Array(text.utf8)) == false, "\(text)")
        }
        var broken = preface
        broken[23] = 0
        #expect(HTTPVersionChooser.isHTTP2(broken) == false)
    }

    @Test("What arrives while a connection is being configured is configured once, and nothing is lost")
    func reentrant() throws {
        let channel = EmbeddedChannel()
        var count = 0
        let chooser = HTTPVersionChooser(limits: HTTPLimits(body: 0)) { _ in
            count += 1
            // As when writing finds the connection at its end and what is left is read.
            if count == 1 { channel.pipeline.fireChannelRead(ByteBuffer(string: "GET")) }
        }
        try channel.pipeline.syncOperations.addHandler(chooser)
        try channel.writeInbound(ByteBuffer(bytes: HTTPVersionChooser.preface))
        #expect(count == 1)
        #expect(
            try channel.readInbound(as: ByteBuffer.self)
                == ByteBuffer(bytes: HTTPVersionChooser.preface + Array("GET".utf8)))
        try channel.writeInbound(ByteBuffer(string: "more"))
        #expect(try channel.readInbound(as: ByteBuffer.self) == ByteBuffer(string: "more"))
        #expect(count == 1)
        _ = try channel.finish(acceptAlreadyClosed: true)
    }

    @Test("Who has most streams makes room, and who would have most is refused")
    func gate() throws {
        func remote(_ host: String) throws -> RequestOrigin {
            .network(try #require(PeerAddress(parsing: "\(host):1")))
        }
        let gate = HTTP2StreamGate(limit: 10)
        let (greedy, other, third) = (EmbeddedChannel(), EmbeddedChannel(), EmbeddedChannel())
        for channel in [greedy, other, third] { try channel.connect(to: .init(ipAddress: "127.0.0.1", port: 1)).wait() }
        for _ in 0..<9 { #expect(gate.enter(greedy, try remote("192.0.2.1"))) }
        #expect(gate.enter(other, try remote("192.0.2.2")))
        #expect(!gate.enter(greedy, try remote("192.0.2.1")))
        #expect(gate.count == 10)
        // A connection of the same address is no newcomer.
        #expect(!gate.enter(third, try remote("192.0.2.1")))
        #expect(gate.enter(third, try remote("192.0.2.3")))
        #expect(gate.count == 2)
        #expect(!greedy.isActive && other.isActive && third.isActive)
        // Its streams end after it has been counted out.
        for _ in 0..<9 { gate.leave(greedy) }
        gate.leave(other)
        gate.leave(third)
        #expect(gate.count == 0)
    }
}
