import NIOCore
import NIOHTTP1
import NIOPosix
import PeerWire

/// What a connection to a web server reports, on its event loop.
public protocol HTTPSourceDelegate: AnyObject {
    /// It is there: something can be asked.
    func opened(_ link: HTTPSourceLink)
    func answered(_ link: HTTPSourceLink, status: Int, fields: [(name: String, value: String)])
    func received(_ link: HTTPSourceLink, _ bytes: ByteBuffer)
    /// Everything that one turn of reading brought has been told.
    func caughtUp(_ link: HTTPSourceLink)
    /// An answer is complete, with what it said of itself at its end. The next thing can be asked if the link
    /// ``HTTPSourceLink/isReusable``.
    func finished(_ link: HTTPSourceLink, trailers: [(name: String, value: String)])
    /// Called once, also for one that never opened; what is nil ended in good order.
    func closed(_ link: HTTPSourceLink, error: (any Error)?)
}

/// One connection to a web server, over which files are asked for one after another (RFC 9112 §9.3). What an answer
/// brings is handed on as it comes, and is not read while it is ``hold(_:)``.
///
/// Confined to its event loop. No TLS.
public final class HTTPSourceLink: ChannelInboundHandler {
    public typealias InboundIn = HTTPClientResponsePart
    public typealias OutboundOut = HTTPClientRequestPart

    /// The server's address once the connection is there.
    public private(set) var remote: PeerAddress?
    /// Whether something was asked and the answer is not complete.
    public private(set) var isBusy = false
    /// Whether the server lets the connection stay.
    public private(set) var isReusable = true

    private weak var delegate: (any HTTPSourceDelegate)?
    private let patience: TimeAmount
    private var context: ChannelHandlerContext?
    private var lastProgress = NIODeadline.now()
    private var watch: Scheduled<Void>?
    private var isHeld = false
    private var isOver = false
    private var error: (any Error)?

    private static let connectTime = TimeAmount.seconds(10)
    private static let largestRead = 256 << 10

    /// - Parameter patience: how long a server that was asked something may say nothing.
    public init(delegate: any HTTPSourceDelegate, patience: TimeAmount = .seconds(30)) {
        self.delegate = delegate
        self.patience = patience
    }

    /// Opens the connection. A name is looked up away from the event loop; of several addresses the first that answers
    /// counts. On the event loop only.
    public func connect(host: String, port: UInt16, on eventLoop: any EventLoop) {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let allocator = AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 16384, maximum: Self.largestRead)
        ClientBootstrap(group: eventLoop)
            .connectTimeout(Self.connectTime)
            .channelOption(ChannelOptions.recvAllocator, value: allocator)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(bound.value)
                }
            }
            .connect(host: host, port: Int(port)).assumeIsolated().whenFailure { error in
                bound.value.end(error)
            }
    }

    /// Asks for something. Nothing else may be under way.
    public func get(
        _ target: String, authority: String, method: String = "GET", headers: [(name: String, value: String)]
    ) {
        guard let context, !isBusy, !isOver else { return }
        isBusy = true
        lastProgress = .now()
        var fields = HTTPHeaders([("Host", authority)])
        for (name, value) in headers { fields.add(name: name, value: value) }
        let head = HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: method), uri: target, headers: fields)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    /// Stops or goes on with reading; meanwhile the server has to wait.
    public func hold(_ isHeld: Bool) {
        guard isHeld != self.isHeld else { return }
        self.isHeld = isHeld
        lastProgress = .now()
        context?.channel.setOption(ChannelOptions.autoRead, value: !isHeld).whenFailure { _ in }
    }

    public func close() {
        guard !isOver else { return }
        guard let context else { return end(nil) }
        context.close(promise: nil)
    }

    // MARK: Channel events

    public func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { start(context) }
    }

    public func channelActive(context: ChannelHandlerContext) {
        start(context)
    }

    private func start(_ context: ChannelHandlerContext) {
        guard !isOver else { return context.close(promise: nil) }
        guard remote == nil else { return }
        remote = context.channel.remoteAddress.flatMap { PeerAddress($0) }
        if isHeld { context.channel.setOption(ChannelOptions.autoRead, value: false).whenFailure { _ in } }
        keepWatch(context.eventLoop, patience)
        delegate?.opened(self)
    }

    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastProgress = .now()
        guard !isOver else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            // 100 Continue and its like come before the answer.
            guard head.status.code >= 200 else { return }
            guard isBusy else { return fail(HTTPSourceError.unasked, context) }
            isReusable = head.isKeepAlive
            delegate?.answered(self, status: Int(head.status.code), fields: head.headers.map { ($0.name, $0.value) })
        case .body(let bytes):
            delegate?.received(self, bytes)
        case .end(let trailers):
            isBusy = false
            delegate?.finished(self, trailers: trailers?.map { ($0.name, $0.value) } ?? [])
            if !isReusable { context.close(promise: nil) }
        }
    }

    public func channelReadComplete(context: ChannelHandlerContext) {
        guard !isOver else { return }
        delegate?.caughtUp(self)
    }

    public func channelInactive(context: ChannelHandlerContext) {
        end(isBusy ? HTTPClientError.closedEarly : nil)
    }

    public func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(error, context)
    }

    public func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        // A connection that is being made when the event loop ends never becomes active.
        if remote != nil { end(isBusy ? HTTPClientError.closedEarly : nil) }
    }

    private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
        if self.error == nil { self.error = error }
        context.close(promise: nil)
    }

    private func end(_ error: (any Error)?) {
        guard !isOver else { return }
        isOver = true
        watch?.cancel()
        let delegate = delegate
        self.delegate = nil
        delegate?.caughtUp(self)
        delegate?.closed(self, error: self.error ?? error)
    }

    /// A server that was asked and says nothing is given up; each byte counts as something said, so whoever asked has to
    /// judge how much comes of it.
    private func keepWatch(_ eventLoop: any EventLoop, _ time: TimeAmount) {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        watch = eventLoop.scheduleTask(in: time) {
            let link = bound.value
            guard let context = link.context, !link.isOver else { return }
            let silent = NIODeadline.now() - link.lastProgress
            if link.isBusy, !link.isHeld, silent >= link.patience {
                return link.fail(HTTPClientError.timedOut, context)
            }
            let rest = link.isBusy && !link.isHeld ? link.patience - silent : link.patience
            link.keepWatch(context.eventLoop, max(rest, .milliseconds(100)))
        }
    }
}

/// What a web server must not do.
public enum HTTPSourceError: Error, Sendable, Equatable, CustomStringConvertible {
    /// It answers what nobody asked.
    case unasked

    public var description: String {
        switch self {
        case .unasked: "it sends what nobody asked for"
        }
    }
}
