import NIOCore
import NIOHTTP1

/// Puts an answer together, within limits of size and time. However the connection ends, the reader is told.
final class HTTPAnswerCollector: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let continuation: AsyncStream<Result<HTTPAnswer, any Error>>.Continuation
    private let limit: Int
    private let timeout: TimeAmount
    private var answer: HTTPAnswer?
    private var deadline: Scheduled<Void>?
    private var isDone = false

    init(
        continuation: AsyncStream<Result<HTTPAnswer, any Error>>.Continuation, limit: Int, timeout: TimeAmount
    ) {
        self.continuation = continuation
        self.limit = limit
        self.timeout = timeout
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        deadline = context.eventLoop.scheduleTask(in: timeout) {
            bound.value.0.end(.failure(HTTPClientError.timedOut), bound.value.1)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            // 100 Continue and its like come before the answer.
            guard head.status.code >= 200 else { return }
            answer = HTTPAnswer(
                status: Int(head.status.code), headers: head.headers.map { ($0.name.lowercased(), $0.value) },
                body: ByteBuffer())
        case .body(var part):
            let have = answer?.body.readableBytes ?? 0
            guard have + part.readableBytes <= limit else { return end(.failure(HTTPClientError.tooLong), context) }
            answer?.body.writeBuffer(&part)
        case .end:
            guard let answer else { return }
            end(.success(answer), context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.failure(HTTPClientError.closedEarly), context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(.failure(error), context)
    }

    /// Also for a connection that never became active, such as one that is being made when the event loop ends.
    func handlerRemoved(context: ChannelHandlerContext) {
        end(.failure(HTTPClientError.closedEarly), context)
    }

    private func end(_ result: Result<HTTPAnswer, any Error>, _ context: ChannelHandlerContext) {
        guard !isDone else { return }
        isDone = true
        deadline?.cancel()
        continuation.yield(result)
        continuation.finish()
        context.close(promise: nil)
    }
}

/// Hands on the parts of an answer as they come.
final class HTTPAnswerStream: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let started: AsyncStream<Result<Void, any Error>>.Continuation
    private let continuation: AsyncStream<ByteBuffer>.Continuation
    private var refusal: (status: Int, body: [UInt8])?
    private var hasStarted = false

    init(
        started: AsyncStream<Result<Void, any Error>>.Continuation, continuation: AsyncStream<ByteBuffer>.Continuation
    ) {
        self.started = started
        self.continuation = continuation
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            if head.status == .ok {
                hasStarted = true
                started.yield(.success(()))
                started.finish()
            } else if head.status.code >= 200 {
                refusal = (Int(head.status.code), [])
            }
        case .body(let part):
            if refusal == nil {
                continuation.yield(part)
            } else if (refusal?.body.count ?? 0) + part.readableBytes <= 65_536 {
                refusal?.body += part.readableBytesView
            }
        case .end:
            end(context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end(context)
    }

    private func end(_ context: ChannelHandlerContext) {
        continuation.finish()
        guard !hasStarted else { return context.close(promise: nil) }
        hasStarted = true
        if let refusal {
            started.yield(.failure(HTTPClientError.status(refusal.status, body: refusal.body)))
        } else {
            started.yield(.failure(HTTPClientError.closedEarly))
        }
        started.finish()
        context.close(promise: nil)
    }
}
