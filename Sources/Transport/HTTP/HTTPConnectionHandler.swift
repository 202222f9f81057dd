import NIOCore
import NIOHTTP1
import PeerWire

/// One connection of an ``HTTPServer``, or one stream of HTTP/2: puts a request together, has it answered, sends the answer.
///
/// Requests that are sent ahead wait in NIO's pipelining handler, so there is one at a time here.
final class HTTPConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        case idle
        case receiving(HTTPRequestHead)
        /// The rest of a request that was refused is read and dropped.
        case refusing(HTTPRequestHead)
        case answering(Task<Void, Never>)
        /// The last answer is on its way; nothing more is taken.
        case ending
        case closed
    }

    let service: any HTTPService
    let limits: HTTPLimits
    private let remote: RequestOrigin
    private let local: PeerAddress?
    private let sendsFiles: Bool
    private var state = State.idle
    /// Of the request that is being received.
    private var body = ByteBuffer()
    var deadline: Scheduled<Void>?
    /// The body of the request that is being answered, if it is streamed and has not ended.
    var intake: HTTPBodyStream?
    /// Nothing that comes in is looked at any more.
    var isDropping = false
    /// This is not the first request, which was waited for all the time that it took.
    private var isKept = false

    /// - Parameter sendsFiles: whether the channel takes files, so that they need not be read.
    init(
        service: any HTTPService, limits: HTTPLimits, remote: RequestOrigin, local: PeerAddress? = nil,
        sendsFiles: Bool = true
    ) {
        self.service = service
        self.limits = limits
        self.remote = remote
        self.local = local
        self.sendsFiles = sendsFiles
    }

    // MARK: Receiving

    func handlerAdded(context: ChannelHandlerContext) {
        expectRequest(context)
    }

    /// A client that says nothing, or says it a byte at a time, is not waited for.
    private func expectRequest(_ context: ChannelHandlerContext) {
        wait(limits.requestTime, context)
    }

    private func wait(_ time: TimeAmount, _ context: ChannelHandlerContext) {
        deadline?.cancel()
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        deadline = context.eventLoop.scheduleTask(in: time) { bound.value.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), state) {
        case (.head(let head), .idle):
            begin(head, context)
        case (.body(var part), .receiving(let head)):
            guard body.readableBytes + part.readableBytes <= limits.body else {
                body = ByteBuffer()
                state = .refusing(head)
                return
            }
            body.writeBuffer(&part)
        case (.body(let part), .answering):
            receive(part, context)
        case (.end, .answering):
            intake?.finish()
        case (.end, .receiving(let head)):
            let whole = body
            body = ByteBuffer()
            answer(head, whole, context)
        case (.end, .refusing(let head)):
            refuse(head, context)
        default:
            break
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        if let status = RequestCheck(limits).refusal(of: head) {
            // Nothing that follows on such a connection can be trusted to begin where it seems to.
            return send(HTTPReply(status: status), for: head, isLast: true, context)
        }
        if isKept { expectRequest(context) }
        if beginStreaming(head, context) { return }
        state = .receiving(head)
        guard head.expectsContinue else { return }
        let length = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        // Who asks first whether the body is welcome is told at once that it is not.
        guard length <= limits.body else { return refuse(head, context) }
        context.writeAndFlush(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
    }

    private func refuse(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let reply = HTTPReply(status: 413, body: .bytes(Array("the request is too large\n".utf8)))
        send(reply, for: head, isLast: true, context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        if case .answering(let task) = state { task.cancel() }
        state = .closed
        intake?.fail(.closed)
        intake = nil
        body = ByteBuffer()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    // MARK: Answering

    private func answer(_ head: HTTPRequestHead, _ body: ByteBuffer, _ context: ChannelHandlerContext) {
        deadline?.cancel()
        let request = request(head, body)
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        let service = service
        let task = Task(executorPreference: executor(context)) {
            let reply = await service.answer(request)
            bound.eventLoop.runNowOrSoon {
                let (handler, context) = bound.value
                if case .answering = handler.state {
                    handler.send(reply, for: head, isLast: !head.isKeepAlive, context)
                }
            }
        }
        state = .answering(task)
    }

    /// Nil for the usual threads.
    private func executor(_ context: ChannelHandlerContext) -> (any TaskExecutor)? {
        service.answersOnEventLoop ? EventLoopExecutor(context.eventLoop) : nil
    }

    func request(_ head: HTTPRequestHead, _ body: ByteBuffer) -> HTTPRequest {
        HTTPRequest(
            method: head.method.rawValue, target: head.uri,
            headers: head.headers.map { ($0.name.lowercased(), $0.value) }, body: body, remote: remote, local: local)
    }

    func beginAnswering(_ task: Task<Void, Never>) {
        state = .answering(task)
    }

    func finishAnswering(
        _ reply: HTTPReply, for head: HTTPRequestHead, isLast: Bool, _ context: ChannelHandlerContext
    ) {
        if case .answering = state { send(reply, for: head, isLast: isLast, context) }
    }

    private func send(_ reply: HTTPReply, for head: HTTPRequestHead, isLast: Bool, _ context: ChannelHandlerContext) {
        var headers = HTTPHeaders(reply.headers.map { ($0.name, $0.value) })
        if isLast { headers.replaceOrAdd(name: "connection", value: "close") }
        let status = HTTPResponseStatus(statusCode: reply.status)
        switch reply.body {
        case .bytes(let bytes):
            send(ByteBuffer(bytes: bytes), status, headers, for: head, context)
            end(isLast: isLast, context)
        case .buffer(let buffer):
            send(buffer, status, headers, for: head, context)
            end(isLast: isLast, context)
        case .stream(let stream):
            context.writeAndFlush(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))),
                promise: nil)
            forward(stream, isLast: isLast, context)
        case .source(let source):
            context.write(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))),
                promise: nil)
            guard head.method != .HEAD, status.mayHaveResponseBody else { return end(isLast: isLast, context) }
            forward(source, isLast: isLast, context)
        }
    }

    private func send(
        _ body: ByteBuffer, _ status: HTTPResponseStatus, _ headers: HTTPHeaders, for head: HTTPRequestHead,
        _ context: ChannelHandlerContext
    ) {
        var headers = headers
        if status.mayHaveResponseBody { headers.replaceOrAdd(name: "content-length", value: "\(body.readableBytes)") }
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))),
            promise: nil)
        if head.method != .HEAD, status.mayHaveResponseBody, body.readableBytes > 0 {
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        }
    }

    private func end(isLast: Bool, _ context: ChannelHandlerContext) {
        if case .closed = state { return }
        // First of all, since writing the end lets in a request that was sent ahead.
        state = isLast ? .ending : .idle
        isKept = true
        // A client that does not take its answer is waited for longer than one that has nothing to say.
        wait(limits.answerTime, context)
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
            let (handler, context) = bound.value
            switch handler.state {
            case .ending where handler.isDropping: handler.wait(handler.limits.lingerTime, context)
            case .ending: context.close(promise: nil)
            case .idle: handler.wait(handler.limits.idleTime, context)
            case .receiving, .refusing: handler.expectRequest(context)
            case .answering, .closed: break
            }
        }
    }

    /// Each part goes out before the next is taken: a client that does not read holds up its own stream only, whose
    /// buffer is bounded by whoever makes it.
    private func forward(_ stream: AsyncStream<[UInt8]>, isLast: Bool, _ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        let channel = context.channel
        let task = Task {
            for await bytes in stream {
                let part = HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: bytes)))
                do {
                    try await channel.writeAndFlush(part)
                } catch {
                    return
                }
            }
            channel.eventLoop.execute {
                let (handler, context) = bound.value
                if case .answering = handler.state { handler.end(isLast: isLast, context) }
            }
        }
        state = .answering(task)
    }
}

extension HTTPConnectionHandler {
    private func forward(_ source: any HTTPBodySource, isLast: Bool, _ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        let sender = HTTPBodySender(
            channel: context.channel, stallTime: limits.answerTime, sendsFiles: sendsFiles)
        let task = Task(executorPreference: executor(context)) {
            let isWhole = await sender.send(source)
            bound.eventLoop.runNowOrSoon {
                let (handler, context) = bound.value
                guard isWhole else { return HTTPBodySender.abort(context.channel) }
                if case .answering = handler.state { handler.end(isLast: isLast, context) }
            }
        }
        state = .answering(task)
    }
}

extension HTTPResponseStatus {
    fileprivate var mayHaveResponseBody: Bool { code >= 200 && code != 204 && code != 304 }
}

extension EventLoop {
    /// At once, if this is the loop's thread.
    fileprivate func runNowOrSoon(_ body: @escaping @Sendable () -> Void) {
        if inEventLoop { body() } else { execute(body) }
    }
}
