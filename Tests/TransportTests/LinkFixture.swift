import Metainfo
import NIOCore
import NIOEmbedded
import PeerWire
import Transport

/// A link on a channel without a socket, and everything that it told its delegate.
final class LinkFixture: PeerLinkDelegate {
    static let v1Hash = wireHash(1)
    static let v2Hash = wireHash(2)
    static let ownID = peerID("-DX0100-ownownownown")
    static let otherID = peerID("-XX0001-someonesomeo")

    enum Event: Equatable {
        case arrived
        case asked(WireInfoHash)
        case opened(Handshake)
        case received([WireItem])
        case sent(Int)
        case closed(String)
    }

    let loop: EmbeddedEventLoop
    let channel: EmbeddedChannel
    private(set) var link: PeerLink?
    private(set) var events: [Event] = []
    /// What an incoming connection is answered with; nil refuses every torrent.
    var answer: Handshake?
    /// Done with the link when it arrives or opens, before anything else.
    var onArrival: (PeerLink) -> Void = { _ in }
    var onOpen: (PeerLink) -> Void = { _ in }

    init() throws {
        loop = EmbeddedEventLoop()
        channel = EmbeddedChannel(loop: loop)
    }

    static func incoming(answer: Handshake? = handshake(v1Hash, ownID)) throws -> LinkFixture {
        let fixture = try LinkFixture()
        fixture.answer = answer
        try fixture.begin(PeerLink(incomingFrom: address, delegate: fixture))
        return fixture
    }

    static func outgoing(acceptable: Set<WireInfoHash> = [v1Hash]) throws -> LinkFixture {
        let fixture = try LinkFixture()
        try fixture.begin(
            PeerLink(to: address, handshake: handshake(v1Hash, ownID), acceptable: acceptable, delegate: fixture))
        return fixture
    }

    /// A link through both handshakes; what was written for it is read and its events are forgotten.
    static func open() throws -> LinkFixture {
        let fixture = try incoming()
        try fixture.receive(bytes(of: handshake(v1Hash, otherID)))
        _ = try fixture.written()
        fixture.events = []
        return fixture
    }

    func begin(_ link: PeerLink) throws {
        self.link = link
        try channel.pipeline.syncOperations.addHandler(link)
        channel.connect(to: try SocketAddress(ipAddress: "192.0.2.1", port: 6881), promise: nil)
    }

    /// What one read from the socket brings.
    func receive(_ bytes: some Sequence<UInt8>) throws {
        try channel.writeInbound(ByteBuffer(bytes: Array(bytes)))
    }

    /// Everything that was handed to the socket.
    func written() throws -> [UInt8] {
        var all: [UInt8] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { all += Array(buffer.readableBytesView) }
        return all
    }

    var isClosed: Bool { !channel.isActive }

    /// The last value that the link set for reading by itself; nil if it never did.
    var autoRead: Bool? {
        channel.options.last { $0.option is ChannelOptions.Types.AutoReadOption }?.value as? Bool
    }

    // MARK: PeerLinkDelegate

    func arrived(_ link: PeerLink) {
        events.append(.arrived)
        onArrival(link)
    }

    func reply(to infoHash: WireInfoHash, reserved: ReservedBits, on link: PeerLink) -> Handshake? {
        events.append(.asked(infoHash))
        return answer
    }

    func opened(_ link: PeerLink, handshake: Handshake) {
        events.append(.opened(handshake))
        onOpen(link)
    }

    func received(_ items: [WireItem], on link: PeerLink) { events.append(.received(items)) }

    func sent(payload: Int, on link: PeerLink) { events.append(.sent(payload)) }

    func closed(_ link: PeerLink, reason: LinkEnd) { events.append(.closed("\(reason)")) }

    // MARK: Values

    static let address = PeerAddress(ipv4: 0xC000_0201, port: 6881)

    static func handshake(_ hash: WireInfoHash, _ id: PeerID) -> Handshake {
        Handshake(reserved: [.extensionProtocol, .fast], infoHash: hash, peerID: id)
    }

    static func bytes(of handshake: Handshake) -> [UInt8] {
        var buffer = ByteBuffer()
        handshake.encode(into: &buffer)
        return Array(buffer.readableBytesView)
    }

    static func bytes(of messages: PeerMessage...) -> [UInt8] {
        var buffer = ByteBuffer()
        for message in messages { message.encode(into: &buffer) }
        return Array(buffer.readableBytesView)
    }

    private static func wireHash(_ byte: UInt8) -> WireInfoHash {
        let info = InfoHashV1(hashing: [byte])
        return info.wire
    }

    private static func peerID(_ text: String) -> PeerID {
        var generator = SystemRandomNumberGenerator()
        return PeerID(Array(text.utf8)) ?? PeerID.make(using: &generator)
    }
}
