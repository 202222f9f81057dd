import NIOCore
import NIOHTTP1
import NIOPosix
import PeerWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// HTTP/1.1, and by TCP HTTP/2 too: what commands, hosts and browsers ask of this host, each by a service of its own.
public enum HTTPServer {
    /// Takes connections at a Unix-domain socket that only this user may open.
    ///
    /// What was left at the path by a host that was killed is replaced: the caller holds the lock of the state folder.
    public static func listen(
        atSocket path: String, service: any HTTPService, limits: HTTPLimits, on eventLoop: any EventLoop
    ) async throws -> any Channel {
        unlink(path)
        let bootstrap = ServerBootstrap(group: eventLoop)
            .serverChannelOption(ChannelOptions.backlog, value: 64)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try configure(channel, service: service, limits: limits, remote: .local)
                }
            }
        let channel = try await bootstrap.bind(unixDomainSocketPath: path).get()
        // The folder that it is in is closed to others already.
        chmod(path, 0o600)
        return channel
    }

    /// Takes connections at an address of this computer, on all loops of a group.
    ///
    /// - Throws: ``ListenError``.
    public static func listen(
        host: String, port: UInt16, service: any HTTPService, limits: HTTPLimits, on group: any EventLoopGroup
    ) async throws -> HTTPListener {
        let connections = ConnectionSet()
        let gate = ConnectionGate(limit: limits.connections, ofAddress: limits.connectionsOfAddress)
        let streams = HTTP2StreamGate(limit: limits.streams)
        let refused = ConnectionGate(limit: BusyService.gate.connections, ofAddress: BusyService.gate.ofAddress)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(ChannelOptions.backlog, value: 1024)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard connections.insert(channel) else { throw ChannelError.alreadyClosed }
                    let local = channel.localAddress.flatMap { PeerAddress($0) }
                    let remote = channel.remoteAddress.flatMap { PeerAddress($0) }
                    if let remote, gate.enter(remote) {
                        channel.closeFuture.whenComplete { _ in gate.leave(remote) }
                        try configureByFirstBytes(
                            channel, service: service, limits: limits, streams: streams, remote: remote, local: local)
                    } else if let remote, refused.enter(remote) {
                        channel.closeFuture.whenComplete { _ in refused.leave(remote) }
                        try configureByFirstBytes(
                            channel, service: BusyService(), limits: BusyService.limits, streams: streams,
                            remote: remote, local: local)
                    } else {
                        throw ChannelError.connectTimeout(.zero)
                    }
                }
            }
        #if os(Linux)
            _ = bootstrap.childChannelOption(ChannelOptions.unsentLimit, value: unsentBytes)
        #endif
        do {
            return HTTPListener(try await bootstrap.bind(host: host, port: Int(port)).get(), connections)
        } catch {
            throw ListenError(host: host, port: port, error: error)
        }
    }

    /// So much may wait in the system of what is not on its way yet. The system would take some megabytes for each client
    /// that reads slowly, and of a thousand of them all that it has for TCP, whoever else needs it.
    private static let unsentBytes: ChannelOptions.Types.SocketOption.Value = 128 << 10

    /// Makes a connection one of a service's, of the version of HTTP with which it begins. On its event loop.
    static func configureByFirstBytes(
        _ channel: any Channel, service: any HTTPService, limits: HTTPLimits, streams: HTTP2StreamGate,
        remote: PeerAddress, local: PeerAddress? = nil
    ) throws {
        let origin = RequestOrigin.network(remote)
        let chooser = HTTPVersionChooser(limits: limits) { [unowned channel] isHTTP2 in
            guard isHTTP2 else {
                return try configure(channel, service: service, limits: limits, remote: origin, local: local)
            }
            try HTTP2Connection.configure(channel, limits: limits, gate: streams, remote: origin) { pipeline in
                try pipeline.addHandler(
                    HTTPConnectionHandler(
                        service: service, limits: limits, remote: origin, local: local, sendsFiles: false))
            }
        }
        try channel.pipeline.syncOperations.addHandler(chooser)
    }

    /// Makes a connection one of a service's, by HTTP/1.1. On its event loop.
    static func configure(
        _ channel: any Channel, service: any HTTPService, limits: HTTPLimits, remote: RequestOrigin,
        local: PeerAddress? = nil
    ) throws {
        let pipeline = channel.pipeline.syncOperations
        var parsing = NIOHTTPDecoderLimitConfiguration()
        parsing.maxHeaderFieldCount = limits.fields
        // Twice as much as is taken is read, so that most of those who send too much are told what is wrong (431).
        parsing.maxHeaderListSize = limits.fieldBytes * 2
        parsing.maxHeaderFieldSize = limits.fieldBytes * 2
        try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: true, withErrorHandling: true, withEncoderConfiguration: .init(),
            withDecoderLimitConfiguration: parsing)
        try pipeline.addHandler(
            HTTPConnectionHandler(service: service, limits: limits, remote: remote, local: local))
    }
}
