import NIOCore
import NIOHTTP1

/// Requests whose bodies are streamed to the service.
extension HTTPConnectionHandler {
    /// Has a request answered while its body arrives, if the service wants that; false if it does not.
    func beginStreaming(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) -> Bool {
        guard let service = service as? any HTTPUploadService else { return false }
        let request = request(head, ByteBuffer())
        guard service.streamsBody(of: request) else { return false }
        let (loop, bound) = (context.eventLoop, NIOLoopBound((self, context), eventLoop: context.eventLoop))
        let body = HTTPBodyStream(expectsContinue: head.expectsContinue) { wish in
            loop.execute {
                let (handler, context) = bound.value
                handler.fulfil(wish, context)
            }
        }
        intake = body
        watchPace(of: body, context)
        beginAnswering(
            Task {
                let reply = await service.answer(request, body: body)
                loop.execute {
                    let (handler, context) = bound.value
                    handler.endStreaming(body, reply, head, context)
                }
            })
        return true
    }

    private func fulfil(_ wish: HTTPBodyStream.Wish, _ context: ChannelHandlerContext) {
        guard intake != nil, context.channel.isActive else { return }
        switch wish {
        case .welcome:
            context.writeAndFlush(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
        case .resume: read(true, context)
        }
    }

    func receive(_ part: ByteBuffer, _ context: ChannelHandlerContext) {
        if intake?.take(part) == true { read(false, context) }
    }

    private func read(_ isOn: Bool, _ context: ChannelHandlerContext) {
        context.channel.setOption(ChannelOptions.autoRead, value: isOn).whenFailure { [channel = context.channel] _ in
            channel.close(promise: nil)
        }
        // A stream of HTTP/2 does not begin again by itself.
        if isOn { context.read() }
    }

    /// A client that sends next to nothing is not waited for. Time in which the disk was waited for does not count.
    private func watchPace(of body: HTTPBodyStream, _ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let least = limits.bodyPeriodBytes
        deadline?.cancel()
        deadline = context.eventLoop.scheduleTask(in: limits.bodyPeriod) {
            let (handler, context) = bound.value
            guard handler.intake === body else { return }
            if let arrived = body.arrivedSinceLast(), arrived < least { body.fail(.tooSlow) }
            handler.watchPace(of: body, context)
        }
    }

    private func endStreaming(
        _ body: HTTPBodyStream, _ reply: HTTPReply, _ head: HTTPRequestHead, _ context: ChannelHandlerContext
    ) {
        guard intake === body else { return }
        intake = nil
        deadline?.cancel()
        let isWhole = body.isComplete
        // What still comes is dropped unread: closing at once would take the answer away from who is sending.
        if !isWhole { dropInput(context) }
        read(true, context)
        finishAnswering(reply, for: head, isLast: !isWhole || !head.isKeepAlive, context)
    }

    private func dropInput(_ context: ChannelHandlerContext) {
        isDropping = true
        do {
            try context.pipeline.syncOperations.addHandler(InputDropper(), position: .first)
        } catch {
            context.close(promise: nil)
        }
    }
}

extension HTTPRequestHead {
    var expectsContinue: Bool { headers.first(name: "expect")?.lowercased() == "100-continue" }
}

/// Takes everything that comes in and does nothing with it.
private final class InputDropper: ChannelInboundHandler {
    typealias InboundIn = Any

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}
}
