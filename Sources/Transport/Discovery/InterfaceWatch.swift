import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Says when interfaces or addresses may have changed: at once where the system tells (netlink on Linux), and every few
/// seconds anyway. On its event loop only.
final class InterfaceWatch {
    private static let interval = TimeAmount.seconds(5)
    /// Changes come in bursts.
    private static let gathering = TimeAmount.milliseconds(50)

    private let eventLoop: any EventLoop
    private let changed: () -> Void
    private var polling: RepeatedTask?
    private var gathered: Scheduled<Void>?
    private var channel: (any Channel)?
    private var isStopped = false

    init(eventLoop: any EventLoop, changed: @escaping () -> Void) {
        self.eventLoop = eventLoop
        self.changed = changed
    }

    func start() {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        polling = eventLoop.scheduleRepeatedTask(initialDelay: Self.interval, delay: Self.interval) { _ in
            bound.value.changed()
        }
        #if os(Linux)
            listen()
        #endif
    }

    func stop() {
        isStopped = true
        polling?.cancel()
        gathered?.cancel()
        channel?.close(promise: nil)
    }

    fileprivate func heard() {
        guard !isStopped, gathered == nil else { return }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        gathered = eventLoop.scheduleTask(in: Self.gathering) {
            bound.value.gathered = nil
            bound.value.changed()
        }
    }

    #if os(Linux)
        /// Without netlink there is still the clock.
        private func listen() {
            // The last argument is NETLINK_ROUTE.
            let descriptor = socket(AF_NETLINK, CInt(SOCK_RAW.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { return }
            // The bytes of a `sockaddr_nl`: family, port id, and the groups RTMGRP_LINK, RTMGRP_IPV4_IFADDR,
            // RTMGRP_IPV6_IFADDR.
            let bytes =
                RawSocketAddress.head(AF_NETLINK, length: 12) + [0, 0, 0, 0, 0, 0]
                + RawSocketAddress.native(0x1 | 0x10 | 0x100)
            guard RawSocketAddress(bytes: bytes).bind(descriptor) else {
                close(descriptor)
                return
            }
            let bound = NIOLoopBound(self, eventLoop: eventLoop)
            NIOPipeBootstrap(group: eventLoop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(NetlinkReceiver(watch: bound.value))
                    }
                }
                .takingOwnershipOfDescriptor(input: descriptor)
                .hop(to: eventLoop).assumeIsolated()
                .whenComplete { result in
                    switch result {
                    case .success(let channel) where bound.value.isStopped: channel.close(promise: nil)
                    case .success(let channel): bound.value.channel = channel
                    case .failure: close(descriptor)
                    }
                }
        }
    #endif
}

/// What the messages say does not matter: the interfaces are looked at anew.
private final class NetlinkReceiver: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private weak var watch: InterfaceWatch?

    init(watch: InterfaceWatch) {
        self.watch = watch
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        watch?.heard()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Too many changes at once to be told singly.
        watch?.heard()
    }
}
