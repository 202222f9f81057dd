import Metainfo
import NIOCore
import NIOEmbedded
import PeerWire
import Testing
import Transport

@Suite("Handshakes of a peer link", .timeLimit(.minutes(1)))
struct PeerLinkHandshakeTests {
    private let theirs = LinkFixture.handshake(LinkFixture.v1Hash, LinkFixture.otherID)
    private let ours = LinkFixture.handshake(LinkFixture.v1Hash, LinkFixture.ownID)

    @Test("An incoming handshake that comes byte by byte is answered as soon as the info-hash is known")
    func incomingByteByByte() throws {
        let fixture = try LinkFixture.incoming()
        let bytes = LinkFixture.bytes(of: theirs)
        for byte in bytes.prefix(47) { try fixture.receive([byte]) }
        #expect(try fixture.written().isEmpty)
        try fixture.receive([bytes[47]])
        #expect(try fixture.written() == LinkFixture.bytes(of: ours))
        for byte in bytes.dropFirst(48).dropLast() { try fixture.receive([byte]) }
        #expect(fixture.events == [.arrived, .asked(LinkFixture.v1Hash)])
        try fixture.receive([bytes[67]])
        #expect(fixture.events == [.arrived, .asked(LinkFixture.v1Hash), .opened(theirs)])
        #expect(fixture.link?.infoHash == LinkFixture.v1Hash)
        #expect(fixture.link?.isOutgoing == false)
        #expect(!fixture.isClosed)
    }

    @Test("An outgoing link speaks first and opens with the answer, however it is cut")
    func outgoingByteByByte() throws {
        let fixture = try LinkFixture.outgoing()
        #expect(try fixture.written() == LinkFixture.bytes(of: ours))
        for byte in LinkFixture.bytes(of: theirs) { try fixture.receive([byte]) }
        #expect(fixture.events == [.opened(theirs)])
        #expect(try fixture.written().isEmpty)
    }

    @Test("Messages behind the handshake in the same read are delivered after it opened")
    func messagesInTheSameRead() throws {
        let fixture = try LinkFixture.outgoing()
        try fixture.receive(LinkFixture.bytes(of: theirs) + LinkFixture.bytes(of: .haveAll, .unchoke))
        #expect(fixture.events == [.opened(theirs), .received([.message(.haveAll), .message(.unchoke)])])
    }

    @Test("A torrent that this host does not have is refused without an answer")
    func unknownTorrent() throws {
        let fixture = try LinkFixture.incoming(answer: nil)
        try fixture.receive(LinkFixture.bytes(of: theirs))
        #expect(fixture.events == [.arrived, .asked(LinkFixture.v1Hash), .closed("another torrent")])
        #expect(try fixture.written().isEmpty)
        #expect(fixture.isClosed)
    }

    @Test("An answer for a torrent that was not asked for ends an outgoing link")
    func wrongAnswer() throws {
        let fixture = try LinkFixture.outgoing()
        try fixture.receive(LinkFixture.bytes(of: LinkFixture.handshake(LinkFixture.v2Hash, LinkFixture.otherID)))
        #expect(fixture.events == [.closed("another torrent")])
        #expect(fixture.isClosed)
    }

    @Test("A hybrid's v1 hash may be answered with its v2 hash, which the link then goes by")
    func hybridUpgrade() throws {
        let fixture = try LinkFixture.outgoing(acceptable: [LinkFixture.v1Hash, LinkFixture.v2Hash])
        let answer = LinkFixture.handshake(LinkFixture.v2Hash, LinkFixture.otherID)
        try fixture.receive(LinkFixture.bytes(of: answer))
        #expect(fixture.events == [.opened(answer)])
        #expect(fixture.link?.infoHash == LinkFixture.v2Hash)
    }

    @Test("This host may answer with the v2 hash as well")
    func answeringWithV2() throws {
        let answer = LinkFixture.handshake(LinkFixture.v2Hash, LinkFixture.ownID)
        let fixture = try LinkFixture.incoming(answer: answer)
        try fixture.receive(LinkFixture.bytes(of: theirs))
        #expect(try fixture.written() == LinkFixture.bytes(of: answer))
        #expect(fixture.link?.infoHash == LinkFixture.v2Hash)
    }

    @Test(
        "The first byte of TLS, of encryption and of HTTP closes at once",
        arguments: [0x16, 0x00, 0xA7, 0x47] as [UInt8])
    func otherProtocols(_ byte: UInt8) throws {
        let fixture = try LinkFixture.incoming()
        try fixture.receive([byte])
        #expect(fixture.isClosed)
        #expect(fixture.events == [.arrived, .closed("not a BitTorrent handshake: byte \(byte) at offset 0")])
    }

    @Test("What does not finish its handshake in ten seconds is closed, not earlier", arguments: [0, 20, 48, 67])
    func timeout(_ count: Int) throws {
        let fixture = try LinkFixture.incoming()
        try fixture.receive(LinkFixture.bytes(of: theirs).prefix(count))
        fixture.loop.advanceTime(by: .milliseconds(9_900))
        #expect(!fixture.isClosed)
        fixture.loop.advanceTime(by: .milliseconds(200))
        #expect(fixture.isClosed)
        #expect(fixture.events.last == .closed("no handshake in time"))
    }

    @Test("An open link has no time limit of its own")
    func noTimeoutOnceOpen() throws {
        let fixture = try LinkFixture.open()
        fixture.loop.advanceTime(by: .hours(1))
        #expect(!fixture.isClosed)
    }

    @Test("A newcomer that is turned away on arrival is told of once and asked nothing")
    func refusedOnArrival() throws {
        let fixture = try LinkFixture()
        fixture.onArrival = { $0.close() }
        try fixture.begin(PeerLink(incomingFrom: LinkFixture.address, delegate: fixture))
        #expect(fixture.isClosed)
        fixture.loop.advanceTime(by: .seconds(30))
        #expect(fixture.events == [.arrived, .closed("closed")])
    }

    @Test("A link closed by its owner when it opens delivers nothing of what came with the handshake")
    func closedOnOpen() throws {
        let fixture = try LinkFixture()
        fixture.answer = ours
        fixture.onOpen = { $0.close() }
        try fixture.begin(PeerLink(incomingFrom: LinkFixture.address, delegate: fixture))
        try fixture.receive(LinkFixture.bytes(of: theirs) + LinkFixture.bytes(of: .haveAll))
        #expect(
            fixture.events == [.arrived, .asked(LinkFixture.v1Hash), .opened(theirs), .closed("closed")])
    }

    @Test("A peer that hangs up in the middle of its handshake is told of once")
    func hangUp() throws {
        let fixture = try LinkFixture.incoming()
        try fixture.receive(LinkFixture.bytes(of: theirs).prefix(30))
        fixture.channel.close(promise: nil)
        fixture.loop.advanceTime(by: .seconds(30))
        #expect(fixture.events == [.arrived, .closed("closed")])
    }

    @Test("A link and its delegate go away with their channel")
    func noCycle() throws {
        weak var link: PeerLink?
        weak var delegate: LinkFixture?
        do {
            let fixture = try LinkFixture.open()
            link = fixture.link
            delegate = fixture
            fixture.link?.send(blocks: ByteBuffer(repeating: 0, count: 10), payload: 10)
            fixture.link?.flush()
            fixture.link?.close()
            fixture.loop.run()
        }
        #expect(link == nil)
        #expect(delegate == nil)
    }
}
