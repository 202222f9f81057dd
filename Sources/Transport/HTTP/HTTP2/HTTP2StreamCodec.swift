import NIOCore
import NIOHPACK
import NIOHTTP1
import NIOHTTP2

/// A stream of HTTP/2 as a request and an answer of HTTP/1.1, so that both are checked and served by the same code
/// (RFC 9113 §8).
final class HTTP2StreamCodec: ChannelDuplexHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTP2Frame.FramePayload

    private var hasHead = false
    private var isRequestWhole = false
    private var isAnswerWhole = false
    /// What was written last, held back until it is known whether it is the end: that saves a frame.
    private var held: (payload: HTTP2Frame.FramePayload, promise: EventLoopPromise<Void>?)?

    // MARK: Receiving

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .headers(let part) where !hasHead:
            guard let head = HTTPRequestHead(part.headers) else { return reset(.protocolError, context) }
            hasHead = true
            context.fireChannelRead(wrapInboundOut(.head(head)))
            if part.endStream { endRequest(context) }
        case .headers(let trailers):
            // Nobody asks for what they say.
            if trailers.endStream { endRequest(context) }
        case .data(let part):
            guard case .byteBuffer(let bytes) = part.data else { return }
            if bytes.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(.body(bytes))) }
            if part.endStream { endRequest(context) }
        default:
            break
        }
    }

    private func endRequest(_ context: ChannelHandlerContext) {
        isRequestWhole = true
        context.fireChannelRead(wrapInboundOut(.end(nil)))
    }

    // MARK: Sending

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head):
            release(context)
            held = (.headers(.init(headers: HPACKHeaders(head))), promise)
        case .body(.byteBuffer(let bytes)):
            release(context)
            held = (.data(.init(data: .byteBuffer(bytes))), promise)
        case .body(.fileRegion):
            promise?.fail(ChannelError.operationUnsupported)
        case .end:
            isAnswerWhole = true
            end(context, promise)
        }
    }

    private func end(_ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        let last = held
        held = nil
        // One frame has one promise.
        if let promise, let earlier = last?.promise { promise.futureResult.cascade(to: earlier) }
        let promise = promise ?? last?.promise
        switch last?.payload {
        case .headers(var part):
            part.endStream = true
            context.write(wrapOutboundOut(.headers(part)), promise: promise)
        case .data(var part):
            part.endStream = true
            context.write(wrapOutboundOut(.data(part)), promise: promise)
        default:
            let nothing = HTTP2Frame.FramePayload.Data(data: .byteBuffer(ByteBuffer()), endStream: true)
            context.write(wrapOutboundOut(.data(nothing)), promise: promise)
        }
    }

    private func release(_ context: ChannelHandlerContext) {
        guard let (payload, promise) = held else { return }
        held = nil
        context.write(wrapOutboundOut(payload), promise: promise)
    }

    func flush(context: ChannelHandlerContext) {
        release(context)
        context.flush()
    }

    // MARK: Ends

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        // The answer is whole, and the rest of the request is not wanted (RFC 9113 §8.1).
        if isAnswerWhole, !isRequestWhole { reset(.noError, context) }
        context.close(mode: mode, promise: promise)
    }

    private func reset(_ reason: HTTP2ErrorCode, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(.rstStream(reason)), promise: nil)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        let promise = held?.promise
        held = nil
        promise?.fail(ChannelError.ioOnClosedChannel)
    }
}

extension HTTPRequestHead {
    /// What follows from a field section whose names, values and pseudo-header fields were checked already. Nil if it is
    /// malformed (RFC 9113 §8.3.1).
    fileprivate init?(_ fields: HPACKHeaders) {
        var method = "", authority: String?, path: String?
        var headers = HTTPHeaders()
        var hosts: [String] = [], cookies: [String] = []
        for (name, value, _) in fields {
            switch name {
            case ":method": method = value
            case ":authority": authority = value
            case ":path": path = value
            case ":scheme": break
            case "host": hosts.append(value)
            case "cookie": cookies.append(value)
            case _ where name.hasPrefix(":"): return nil
            default: headers.add(name: name, value: value)
            }
        }
        // CONNECT has none; it is refused as any other method that is not known.
        let target = path ?? authority ?? ""
        if let path, !path.hasPrefix("/"), path != "*" { return nil }
        // Two answers to the question who is asked are one too many.
        if let authority, hosts.contains(where: { $0 != authority }) { return nil }
        for host in authority.map({ [$0] }) ?? hosts { headers.add(name: "host", value: host) }
        // §8.2.3
        if !cookies.isEmpty { headers.add(name: "cookie", value: cookies.joined(separator: "; ")) }
        self.init(version: .http1_1, method: HTTPMethod(rawValue: method), uri: target, headers: headers)
    }
}

extension HPACKHeaders {
    /// Without what is about a connection of HTTP/1 (RFC 9113 §8.2.2).
    fileprivate init(_ head: HTTPResponseHead) {
        self.init([(":status", String(head.status.code))])
        for (name, value) in head.headers {
            let name = name.lowercased()
            switch name {
            case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade": continue
            default: add(name: name, value: value)
            }
        }
    }
}
