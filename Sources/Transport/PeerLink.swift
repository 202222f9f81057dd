import Metainfo
import NIOCore
import PeerWire

#if canImport(Glibc)
    import Glibc
#endif

/// One TCP connection to a peer: the handshake, then messages in and out, many at a time.
///
/// A channel handler that only translates between bytes and ``WireItem``s. Block bytes come in as slices of what was
/// read and go out in the buffers that storage filled. Confined to its event loop.
public final class PeerLink: ChannelInboundHandler, RemovableChannelHandler {
    public typealias InboundIn = ByteBuffer
    public typealias InboundOut = ByteBuffer

    public let remote: PeerAddress
    public let isOutgoing: Bool
    /// For whoever drives the link: which peer of which torrent it is.
    public var tag: LinkTag?
    /// For whoever dialed it: for which torrent's sake, as the tag will say.
    public var dialer: Int?
    /// The ids under which the peer wants extension messages (BEP 10).
    public var peerExtensions = ExtensionIDs.none
    /// The torrent that this host named (outgoing) or accepted (incoming).
    public private(set) var infoHash: WireInfoHash?

    private enum State {
        case idle
        /// Outgoing: this host's handshake, sent as soon as the channel is up. Incoming: nil until the peer's was read.
        case shaking(own: Handshake?)
        case open
        case ended
    }

    private weak var delegate: (any PeerLinkDelegate)?
    private let own: Handshake?
    private let acceptable: Set<WireInfoHash>
    private let web: WebDoor?
    private var state = State.idle
    private var context: ChannelHandlerContext?
    private var handshakeDecoder = HandshakeDecoder()
    private var framer = MessageFramer()
    private var batch: [WireItem] = []
    private var outbound = ByteBuffer()
    private var needsFlush = false
    private var isHeld = false
    /// See ``waitForBlock(_:)``.
    private var readMark = 1
    /// Bytes that this turn of reading brought.
    private var turnBytes = 0
    private var hasLongQueue = false
    private var fastSends = 0
    private var end: LinkEnd?
    private var timeout: Scheduled<Void>?

    static let handshakeTime = TimeAmount.seconds(10)
    /// What may wait for a peer that does not read: beyond the longest honest burst, a `have` for each piece of the
    /// largest torrent.
    static let maximumUnsent = 32 << 20

    /// A connection that a peer opened.
    ///
    /// - Parameter web: takes the connection over if it turns out to speak HTTP.
    public init(incomingFrom remote: PeerAddress, delegate: any PeerLinkDelegate, web: WebDoor? = nil) {
        self.remote = remote
        self.web = web
        self.delegate = delegate
        isOutgoing = false
        own = nil
        acceptable = []
    }

    /// A connection that this host opens. The peer may answer with any of the acceptable hashes: a hybrid torrent's
    /// v1 hash may be answered with its truncated v2 hash (BEP 52).
    public init(
        to remote: PeerAddress, handshake: Handshake, acceptable: Set<WireInfoHash>, delegate: any PeerLinkDelegate
    ) {
        self.remote = remote
        self.delegate = delegate
        isOutgoing = true
        own = handshake
        web = nil
        self.acceptable = acceptable
        infoHash = handshake.infoHash
    }

    // MARK: Sending

    /// Adds a message to what goes out at the next ``flush()``.
    public func send(_ message: PeerMessage) {
        guard case .open = state else { return }
        _ = message.encode(into: &outbound, peerExtensions: peerExtensions)
        needsFlush = true
    }

    /// Sends a buffer of whole `piece` messages behind what was sent before; the delegate hears when it has left.
    public func send(blocks: ByteBuffer, payload: Int) {
        guard case .open = state, let context else { return }
        writeOutbound(context)
        let promise = context.eventLoop.makePromise(of: Void.self)
        let start = NIODeadline.now()
        promise.futureResult.assumeIsolated().whenSuccess { [weak self] in
            guard let self else { return }
            self.lengthenQueueIfFast(payload: payload, time: .now() - start)
            self.delegate?.sent(payload: payload, on: self)
        }
        context.write(NIOAny(blocks), promise: promise)
        needsFlush = true
    }

    /// On a link of a gigabit or more the short queue would wake this host thousands of times a second.
    private func lengthenQueueIfFast(payload: Int, time: TimeAmount) {
        #if os(Linux)
            guard !hasLongQueue, payload >= Self.shortQueue / 2,
                Int64(payload) * 1_000_000_000 > Self.fastRate * max(time.nanoseconds, 1)
            else { return }
            fastSends += 1
            guard fastSends >= 16, let context else { return }
            hasLongQueue = true
            context.channel.setOption(ChannelOptions.unsentLimit, value: Self.longQueue).whenFailure { _ in }
        #endif
    }

    #if os(Linux)
        /// SO_RCVLOWAT (socket(7)): bytes below which a socket is not readable.
        private static let lowWaterMark = ChannelOptions.Types.SocketOption(
            level: .socket, name: .init(rawValue: SO_RCVLOWAT))
        /// Less than two segments come at once anyway.
        private static let smallestWait = 2 << 10
        private static let fastTurn = 64 << 10
        static let shortQueue = 32 << 10
        static let longQueue = 1 << 20
        /// Bytes a second.
        private static let fastRate: Int64 = 100_000_000
    #endif

    /// In the middle of a block nothing is worth waking up for but its end: on a slow link it comes in a dozen segments. On
    /// a fast one many blocks come at once, and there is nothing to wait for.
    ///
    /// Nothing waits for that: what comes behind the block could not be read before it either, and the system wakes this
    /// host for the end of the connection, for an error and for a full buffer all the same.
    private func waitForBlock(_ context: ChannelHandlerContext) {
        #if os(Linux)
            let isFast = turnBytes > Self.fastTurn
            turnBytes = 0
            guard case .open = state else { return }
            let missing = isFast ? 0 : framer.missingBlockBytes
            let mark = missing < Self.smallestWait ? 1 : missing
            guard mark != readMark else { return }
            readMark = mark
            try? context.channel.syncOptions?.setOption(Self.lowWaterMark, value: mark)
        #endif
    }

    /// Hands everything that was sent to the operating system.
    public func flush() {
        guard needsFlush, let context else { return }
        needsFlush = false
        writeOutbound(context)
        context.flush()
        closeIfStuck(context)
    }

    /// Reading stops while a peer does not take what was sent, but what happens elsewhere in the swarm goes on adding.
    private func closeIfStuck(_ context: ChannelHandlerContext) {
        guard case .open = state, !context.channel.isWritable else { return }
        let unsent = try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)
        if let unsent, unsent > Self.maximumUnsent { close(.failed("it does not read what it is sent")) }
    }

    private func writeOutbound(_ context: ChannelHandlerContext) {
        guard outbound.readableBytes > 0 else { return }
        context.write(NIOAny(outbound), promise: nil)
        outbound = context.channel.allocator.buffer(capacity: 1024)
    }

    /// Stops or goes on with reading, when the host has taken as much as it can hold.
    public func hold(_ isHeld: Bool) {
        guard isHeld != self.isHeld else { return }
        self.isHeld = isHeld
        updateReading()
    }

    public func close() {
        close(.closed)
    }

    private func close(_ reason: LinkEnd) {
        if end == nil { end = reason }
        // Set at once: nothing that the peer sent behind a violation is looked at.
        state = .ended
        context?.close(promise: nil)
    }

    /// A peer that does not take what it asked for is not read from: its further requests wait in its own socket.
    private func updateReading() {
        guard let context else { return }
        let isReading = !isHeld && context.channel.isWritable
        context.channel.setOption(ChannelOptions.autoRead, value: isReading).whenFailure { _ in }
    }

    // MARK: Channel events

    public func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { start(context) }
    }

    public func channelActive(context: ChannelHandlerContext) {
        start(context)
    }

    public func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    private func start(_ context: ChannelHandlerContext) {
        guard case .idle = state else { return }
        state = .shaking(own: own)
        if let own {
            own.encode(into: &outbound)
            needsFlush = true
            flush()
        } else {
            delegate?.arrived(self)
        }
        guard case .shaking = state else { return }
        timeout = context.eventLoop.assumeIsolated().scheduleTask(in: Self.handshakeTime) { [weak self] in
            guard let self, case .shaking = self.state else { return }
            self.close(.handshakeTimedOut)
        }
    }

    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        turnBytes += buffer.readableBytes
        switch state {
        case .shaking(let own):
            if let web, own == nil, handshakeDecoder.isFresh, WebDoor.isRequest(buffer) {
                return leave(to: web, buffer, context)
            }
            shake(buffer, own: own)
        case .open: read(buffer)
        case .idle, .ended: break
        }
    }

    public func channelReadComplete(context: ChannelHandlerContext) {
        deliver()
        flush()
        waitForBlock(context)
    }

    public func channelWritabilityChanged(context: ChannelHandlerContext) {
        updateReading()
    }

    public func channelInactive(context: ChannelHandlerContext) {
        deliver()
        finish()
    }

    public func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(.failed("\(error)"))
    }

    /// The connection goes on without this link.
    private func leave(to web: WebDoor, _ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
        end = .otherProtocol
        finish()
        do {
            try web.take(context.channel, from: remote)
        } catch {
            return context.close(promise: nil)
        }
        context.fireChannelRead(wrapInboundOut(buffer))
        context.fireChannelReadComplete()
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    private func finish() {
        state = .ended
        timeout?.cancel()
        delegate?.closed(self, reason: end ?? .closed)
        delegate = nil
    }

    // MARK: Handshake

    private func shake(_ buffer: ByteBuffer, own: Handshake?) {
        var buffer = buffer
        do {
            try shake(&buffer, own: own)
        } catch {
            close(.violation(error))
        }
    }

    private func shake(_ buffer: inout ByteBuffer, own: Handshake?) throws(PeerWireError) {
        var own = own
        while true {
            switch try handshakeDecoder.decode(&buffer) {
            case .needMore:
                return
            case .infoHash(let reserved, let hash):
                if isOutgoing {
                    guard acceptable.contains(hash) else { return close(.otherTorrent) }
                    infoHash = hash
                } else {
                    guard let reply = delegate?.reply(to: hash, reserved: reserved, on: self) else {
                        return close(.otherTorrent)
                    }
                    own = reply
                    infoHash = reply.infoHash
                    state = .shaking(own: reply)
                    reply.encode(into: &outbound)
                    needsFlush = true
                    flush()
                    // Writing can find that the connection is gone.
                    guard case .shaking = state else { return }
                }
            case .complete(let handshake):
                guard own != nil else { return close(.otherTorrent) }
                open(handshake, rest: buffer)
                return
            }
        }
    }

    private func open(_ handshake: Handshake, rest: ByteBuffer) {
        timeout?.cancel()
        state = .open
        delegate?.opened(self, handshake: handshake)
        if case .open = state, rest.readableBytes > 0 { read(rest) }
    }

    // MARK: Messages

    private func read(_ buffer: ByteBuffer) {
        framer.append(buffer)
        do {
            while let item = try framer.next() { batch.append(item) }
        } catch {
            // What came before the violation is delivered with the end of the connection.
            close(.violation(error))
        }
    }

    private func deliver() {
        guard !batch.isEmpty else { return }
        // Not kept for the next time: a read full of the shortest messages would leave megabytes with each connection.
        let items = batch
        batch = []
        delegate?.received(items, on: self)
    }
}

/// Which peer of which torrent a link belongs to, in the numbers of whoever drives it.
public struct LinkTag: Hashable, Sendable {
    public var torrent: Int
    public var peer: Int

    public init(torrent: Int, peer: Int) {
        self.torrent = torrent
        self.peer = peer
    }
}
