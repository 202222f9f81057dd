import Metainfo
import NIOCore
import NIOEmbedded
import PeerWire
import Testing
import Transport

@Suite("Messages over a peer link", .timeLimit(.minutes(1)))
struct PeerLinkMessageTests {
    private let request = BlockRequest(piece: PieceIndex(3), begin: 16384, length: 16384)

    @Test("Everything that one turn of reading brings is delivered together")
    func batches() throws {
        let fixture = try LinkFixture.open()
        let bytes = LinkFixture.bytes(of: .have(PieceIndex(1)), .have(PieceIndex(2)), .unchoke)
        // Two reads in one turn, cut in the middle of a message.
        fixture.channel.pipeline.fireChannelRead(ByteBuffer(bytes: bytes[..<12]))
        fixture.channel.pipeline.fireChannelRead(ByteBuffer(bytes: bytes[12...]))
        #expect(fixture.events.isEmpty)
        fixture.channel.pipeline.fireChannelReadComplete()
        #expect(
            fixture.events == [
                .received([.message(.have(PieceIndex(1))), .message(.have(PieceIndex(2))), .message(.unchoke)])
            ])
        fixture.channel.pipeline.fireChannelReadComplete()
        #expect(fixture.events.count == 1)
    }

    @Test("A block comes as a block, with its bytes")
    func block() throws {
        let fixture = try LinkFixture.open()
        let payload = (0..<16384).map { UInt8(truncatingIfNeeded: $0) }
        var buffer = ByteBuffer()
        PeerMessage.writePieceHeader(request, into: &buffer)
        buffer.writeBytes(payload)
        let bytes = Array(buffer.readableBytesView)
        try fixture.receive(bytes.prefix(9000))
        #expect(fixture.events.isEmpty)
        try fixture.receive(bytes.dropFirst(9000))
        #expect(fixture.events == [.received([.block(request, ByteBuffer(bytes: payload))])])
    }

    @Test("What came before a violation is delivered, then the end, and nothing behind it")
    func violationAfterGoodMessages() throws {
        let fixture = try LinkFixture.open()
        let tooLong: [UInt8] = [0x7F, 0xFF, 0xFF, 0xFF]
        try fixture.receive(LinkFixture.bytes(of: .interested) + tooLong + LinkFixture.bytes(of: .choke))
        #expect(
            fixture.events == [
                .received([.message(.interested)]),
                .closed("message of 2147483647 bytes, the limit is 1048576"),
            ])
        #expect(fixture.isClosed)
    }

    @Test("Nothing is read or sent after the link was closed here")
    func silenceAfterClose() throws {
        let fixture = try LinkFixture.open()
        fixture.link?.close()
        fixture.link?.send(.unchoke)
        fixture.link?.send(blocks: ByteBuffer(repeating: 0, count: 5), payload: 5)
        fixture.link?.flush()
        fixture.link?.hold(true)
        fixture.link?.close()
        #expect(try fixture.written().isEmpty)
        #expect(fixture.events == [.closed("closed")])
    }

    @Test("Nothing goes out before both handshakes are through")
    func silenceBeforeOpen() throws {
        let fixture = try LinkFixture.outgoing()
        _ = try fixture.written()
        fixture.link?.send(.haveAll)
        fixture.link?.flush()
        #expect(try fixture.written().isEmpty)
    }

    // MARK: Sending

    @Test("Messages leave together, at the flush and not before")
    func coalescing() throws {
        let fixture = try LinkFixture.open()
        fixture.link?.send(.unchoke)
        fixture.link?.send(.have(PieceIndex(7)))
        #expect(try fixture.written().isEmpty)
        fixture.link?.flush()
        let first = try #require(try fixture.channel.readOutbound(as: ByteBuffer.self))
        #expect(Array(first.readableBytesView) == LinkFixture.bytes(of: .unchoke, .have(PieceIndex(7))))
        #expect(try fixture.channel.readOutbound(as: ByteBuffer.self) == nil)
    }

    @Test("Messages sent while a batch is delivered leave at the end of reading without a flush of their own")
    func flushAfterReading() throws {
        let fixture = try LinkFixture.open()
        fixture.link?.send(.interested)
        try fixture.receive(LinkFixture.bytes(of: .unchoke))
        #expect(try fixture.written() == LinkFixture.bytes(of: .interested))
    }

    @Test("Blocks keep their place between messages, and it is told when they have left")
    func blocksBetweenMessages() throws {
        let fixture = try LinkFixture.open()
        let blocks: [UInt8] = [9, 9, 9, 9]
        fixture.link?.send(.unchoke)
        fixture.link?.send(blocks: ByteBuffer(bytes: blocks), payload: 4)
        fixture.link?.send(.choke)
        #expect(fixture.events.isEmpty)
        fixture.link?.flush()
        #expect(fixture.events == [.sent(4)])
        #expect(
            try fixture.written() == LinkFixture.bytes(of: .unchoke) + blocks + LinkFixture.bytes(of: .choke))
    }

    @Test("Blocks that never left are not told of as sent")
    func blocksLost() throws {
        let fixture = try LinkFixture.open()
        fixture.link?.send(blocks: ByteBuffer(repeating: 1, count: 8), payload: 8)
        fixture.channel.close(promise: nil)
        fixture.loop.run()
        #expect(fixture.events == [.closed("closed")])
    }

    @Test("An extension message goes out under the id that the peer wants, or not at all")
    func extensionIDs() throws {
        let fixture = try LinkFixture.open()
        fixture.link?.send(.extended(.uploadOnly(true)))
        fixture.link?.flush()
        #expect(try fixture.written().isEmpty)
        fixture.link?.peerExtensions = ExtensionIDs(uploadOnly: 77)
        fixture.link?.send(.extended(.uploadOnly(true)))
        fixture.link?.flush()
        #expect(try fixture.written() == [0, 0, 0, 3, 20, 77, 1])
    }

    // MARK: Reading or not

    @Test("A held link stops reading and goes on when it is let go")
    func holding() throws {
        let fixture = try LinkFixture.open()
        #expect(fixture.autoRead == nil)
        fixture.link?.hold(true)
        #expect(fixture.autoRead == false)
        fixture.link?.hold(false)
        #expect(fixture.autoRead == true)
    }

    @Test("A peer that does not take what it asked for is not read from, held or not")
    func notWritable() throws {
        let fixture = try LinkFixture.open()
        setWritable(false, fixture)
        #expect(fixture.autoRead == false)
        fixture.link?.hold(true)
        fixture.link?.hold(false)
        #expect(fixture.autoRead == false)
        fixture.link?.hold(true)
        setWritable(true, fixture)
        #expect(fixture.autoRead == false)
        fixture.link?.hold(false)
        #expect(fixture.autoRead == true)
    }

    @Test("What waits for a peer that never reads is bounded")
    func neverReads() throws {
        let fixture = try LinkFixture.open()
        try fixture.channel.pipeline.syncOperations.addHandler(StuckSocket(), position: .first)
        setWritable(false, fixture)
        let megabyte = PeerMessage.bitfield([UInt8](repeating: 0, count: 1 << 20))
        for _ in 0..<31 {
            fixture.link?.send(megabyte)
            fixture.link?.flush()
        }
        #expect(!fixture.isClosed)
        for _ in 0..<2 {
            fixture.link?.send(megabyte)
            fixture.link?.flush()
        }
        #expect(fixture.isClosed)
        #expect(fixture.events == [.closed("it does not read what it is sent")])
    }

    private func setWritable(_ isWritable: Bool, _ fixture: LinkFixture) {
        fixture.channel.isWritable = isWritable
        fixture.channel.pipeline.fireChannelWritabilityChanged()
    }
}

/// A socket whose other end takes nothing: what is written stays in the channel.
private final class StuckSocket: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    func flush(context: ChannelHandlerContext) {}
}
