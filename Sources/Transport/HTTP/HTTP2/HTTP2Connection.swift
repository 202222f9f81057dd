import NIOCore
import NIOHTTP2
import PeerWire

/// One connection of HTTP/2 (RFC 9113): how many streams it may have, how long it may idle, and its end.
///
/// Each stream is a channel of its own in which requests are taken and answered as those of HTTP/1 are. Frames, flow
/// control, HPACK and the counting of what only attackers send (resets, settings, pings, continuations, empty frames) are
/// NIOHTTP2's. An error of a stream that this host finds in what was sent ends the connection, as §5.4.2 permits.
final class HTTP2Connection: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    /// Who goes on opening streams that are refused is let go.
    private static let patience = 100
    /// For the last frame to arrive before the connection is closed.
    private static let farewell = TimeAmount.seconds(1)

    private let limits: HTTPLimits
    private let gate: HTTP2StreamGate
    private let remote: RequestOrigin
    private var streams = 0
    private var newest = HTTP2StreamID.rootStream
    private var refusals = 0
    private var deadline: Scheduled<Void>?
    private var context: ChannelHandlerContext?

    private init(limits: HTTPLimits, gate: HTTP2StreamGate, remote: RequestOrigin) {
        self.limits = limits
        self.gate = gate
        self.remote = remote
    }

    /// Makes a channel one of HTTP/2. On its event loop.
    ///
    /// - Parameter addHandlers: to the channel of a stream, behind its codec.
    static func configure(
        _ channel: any Channel, limits: HTTPLimits, gate: HTTP2StreamGate, remote: RequestOrigin,
        addHandlers: @escaping @Sendable (ChannelPipeline.SynchronousOperations) throws -> Void
    ) throws {
        let connection = HTTP2Connection(limits: limits, gate: gate, remote: remote)
        let bound = NIOLoopBound(connection, eventLoop: channel.eventLoop)
        let protocolHandler = NIOHTTP2Handler(
            mode: .server, eventLoop: channel.eventLoop, connectionConfiguration: frames(limits)
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                let pipeline = stream.pipeline.syncOperations
                guard bound.value.opens(stream) else { return try pipeline.addHandler(HTTP2StreamRefusal()) }
                try pipeline.addHandler(HTTP2StreamCodec())
                try addHandlers(pipeline)
            }
        }
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(protocolHandler)
        try pipeline.addHandler(connection)
    }

    private static func frames(_ limits: HTTPLimits) -> NIOHTTP2Handler.ConnectionConfiguration {
        var frames = NIOHTTP2Handler.ConnectionConfiguration()
        frames.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: limits.streamsPerConnection),
            HTTP2Setting(parameter: .maxHeaderListSize, value: limits.fieldBytes),
        ]
        // Answers to pings and settings that nobody takes.
        frames.maximumBufferedControlFrames = 1000
        return frames
    }

    // MARK: Streams

    private func opens(_ stream: any Channel) -> Bool {
        if let id = try? stream.syncOptions?.getOption(HTTP2StreamChannelOptions.streamID) { newest = max(newest, id) }
        guard let context, gate.enter(context.channel, remote) else {
            refusals += 1
            if refusals >= Self.patience { leave(.enhanceYourCalm) }
            return false
        }
        deadline?.cancel()
        streams += 1
        let bound = NIOLoopBound(self, eventLoop: stream.eventLoop)
        let channel = context.channel
        stream.closeFuture.whenComplete { [gate] _ in
            gate.leave(channel)
            bound.value.streamClosed()
        }
        return true
    }

    private func streamClosed() {
        streams -= 1
        if streams == 0 { expectStream(limits.idleTime) }
    }

    // MARK: Its end

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        expectStream(limits.requestTime)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
        self.context = nil
    }

    private func expectStream(_ time: TimeAmount) {
        guard let context else { return }
        deadline?.cancel()
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        deadline = context.eventLoop.scheduleTask(in: time) { bound.value.leave(.noError) }
    }

    private func leave(_ reason: HTTP2ErrorCode) {
        guard let context else { return }
        deadline?.cancel()
        let farewell = HTTP2Frame(
            streamID: .rootStream, payload: .goAway(lastStreamID: newest, errorCode: reason, opaqueData: nil))
        context.writeAndFlush(wrapOutboundOut(farewell), promise: nil)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: Self.farewell) { bound.value.context?.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Found while sending: the client has closed the stream in that moment.
        if error is NIOHTTP2Errors.StreamError { return }
        context.close(promise: nil)
    }
}

/// Tells a client that nothing was done about its request, so that it may ask again (RFC 9113 §8.7).
final class HTTP2StreamRefusal: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(.rstStream(.refusedStream)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}
}
