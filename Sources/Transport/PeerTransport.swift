import NIOCore
import NIOPosix
import PeerWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Opens and accepts peer connections, all on one event loop.
///
/// One loop carries several gigabytes a second, since hashing and files are elsewhere; in return a connection, its
/// torrent and everything that belongs to it share a thread and need neither locks nor hops.
public struct PeerTransport: Sendable {
    public let eventLoop: any EventLoop

    private static let connectTime = TimeAmount.seconds(10)
    /// Reads of up to 16 blocks: few calls, little beyond a block left over.
    private static let largestRead = 256 << 10
    /// Above the most that a host serves to one peer at a time, so that only unasked-for answers can reach it.
    private static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 2 << 20, high: 6 << 20)

    public init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Takes connections at an address: of peers, and of those who speak HTTP, by their first byte. So a host needs one
    /// open port.
    ///
    /// - Parameter web: answers HTTP; without it such a connection is closed.
    /// - Throws: ``ListenError`` when the address is taken, not this computer's, or not permitted.
    public func listen(
        host: String, port: UInt16, delegate: NIOLoopBound<any PeerLinkDelegate>, web: NIOLoopBound<WebDoor>? = nil
    ) async throws -> any Channel {
        let bootstrap = ServerBootstrap(group: eventLoop)
            .serverChannelOption(ChannelOptions.backlog, value: 256)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let remote = channel.remoteAddress.flatMap({ PeerAddress($0) }) else {
                        throw ChannelError.unknownLocalAddress
                    }
                    let link = PeerLink(incomingFrom: remote, delegate: delegate.value, web: web?.value)
                    try channel.pipeline.syncOperations.addHandler(link)
                }
            }
        do {
            return try await Self.withOptions(bootstrap).bind(host: host, port: Int(port)).get()
        } catch {
            throw ListenError(host: host, port: port, error: error)
        }
    }

    /// Opens a connection. The link tells its delegate how it went. On the event loop only.
    public func dial(_ link: PeerLink, delegate: any PeerLinkDelegate) {
        guard let address = link.remote.socketAddress() else {
            return delegate.closed(link, reason: .failed("no such interface"))
        }
        let bound = NIOLoopBound(link, eventLoop: eventLoop)
        let boundDelegate = NIOLoopBound(delegate, eventLoop: eventLoop)
        let bootstrap = Self.withShortQueue(ClientBootstrap(group: eventLoop))
            .connectTimeout(Self.connectTime)
            .channelOption(ChannelOptions.recvAllocator, value: Self.allocator)
            .channelOption(ChannelOptions.writeBufferWaterMark, value: Self.waterMark)
        bootstrap.connect(to: address).assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel):
                do {
                    try channel.pipeline.syncOperations.addHandler(bound.value)
                } catch {
                    channel.close(promise: nil)
                    boundDelegate.value.closed(bound.value, reason: .failed("\(error)"))
                }
            case .failure(let error):
                boundDelegate.value.closed(bound.value, reason: .failed("\(error)"))
            }
        }
    }

    /// The operating system takes no more than a little beyond what the network has room for: what waits in a socket goes
    /// before everything that is said later.
    private static func withShortQueue(_ bootstrap: ClientBootstrap) -> ClientBootstrap {
        #if os(Linux)
            bootstrap.channelOption(ChannelOptions.unsentLimit, value: PeerLink.shortQueue)
        #else
            bootstrap
        #endif
    }

    private static func withShortQueue(_ bootstrap: ServerBootstrap) -> ServerBootstrap {
        #if os(Linux)
            bootstrap.childChannelOption(ChannelOptions.unsentLimit, value: PeerLink.shortQueue)
        #else
            bootstrap
        #endif
    }

    private static var allocator: AdaptiveRecvByteBufferAllocator {
        AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 16384, maximum: largestRead)
    }

    private static func withOptions(_ bootstrap: ServerBootstrap) -> ServerBootstrap {
        withShortQueue(bootstrap)
            .childChannelOption(ChannelOptions.recvAllocator, value: allocator)
            .childChannelOption(ChannelOptions.writeBufferWaterMark, value: waterMark)
    }
}

/// Connections cannot be taken at an address.
public struct ListenError: Error, CustomStringConvertible {
    public let host: String
    public let port: UInt16
    public let isInUse: Bool
    /// The option that names another address.
    public var option = "--listen"
    private let why: String

    init(host: String, port: UInt16, error: any Error) {
        self.host = host
        self.port = port
        let code = (error as? IOError)?.errnoCode
        isInUse = code == EADDRINUSE
        why =
            switch code {
            case EADDRINUSE: "another program uses that port"
            case EADDRNOTAVAIL: "that is not an address of this computer"
            case EACCES: "ports below 1024 need more rights"
            default: error is SocketAddressError.UnknownHost ? "no computer of that name is known" : "\(error)"
            }
    }

    public var description: String {
        "cannot listen at \(host.contains(":") ? "[\(host)]" : host):\(port), \(why), "
            + "choose another with \(option) HOST:PORT"
    }
}
