import NIOCore
import PeerWire

/// Finds out by a connection's first bytes which HTTP it speaks: those of HTTP/2 with prior knowledge begin with a preface
/// that is no request of HTTP/1 (RFC 9113 §3.3, §3.4). `Upgrade: h2c`, which that document took out, is not understood.
final class HTTPVersionChooser: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    /// Writing, and so also what configures a connection, can let in more bytes before it returns.
    private enum Stage {
        case listening, configuring, done
    }

    private let limits: HTTPLimits
    /// Makes the connection one of HTTP/2, or of HTTP/1.
    private let configure: (_ isHTTP2: Bool) throws -> Void
    private var first = ByteBuffer()
    private var stage = Stage.listening
    private var deadline: Scheduled<Void>?

    init(limits: HTTPLimits, configure: @escaping (_ isHTTP2: Bool) throws -> Void) {
        self.limits = limits
        self.configure = configure
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        deadline = context.eventLoop.scheduleTask(in: limits.requestTime) { bound.value.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if stage == .done { return context.fireChannelRead(data) }
        first.writeImmutableBuffer(unwrapInboundIn(data))
        guard stage == .listening, let isHTTP2 = Self.isHTTP2(first.readableBytesView) else { return }
        stage = .configuring
        do {
            try configure(isHTTP2)
        } catch {
            return context.close(promise: nil)
        }
        stage = .done
        context.fireChannelRead(wrapInboundOut(first))
        context.fireChannelReadComplete()
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// Nil while it cannot be told.
    static func isHTTP2(_ bytes: some Collection<UInt8>) -> Bool? {
        guard zip(bytes, preface).allSatisfy({ $0 == $1 }) else { return false }
        return bytes.count >= preface.count ? true : nil
    }
}
