import NIOCore
import NIOPosix
import PeerWire
import Storage
import Transport

/// A web server of a host. Its connections are on the event loops of the process, which outlive it: an answer may take
/// longer than its connection.
final class WebSide: Sendable {
    private let listener: HTTPListener

    /// - Parameter option: by which its address is set.
    /// - Throws: ``ListenError`` when none of the addresses can be used.
    static func start(
        _ service: any HTTPService, at candidates: [(host: String, port: UInt16)], option: String,
        limits: HTTPLimits
    ) async throws -> WebSide {
        var failure: (any Error)?
        for candidate in candidates {
            do {
                return WebSide(
                    try await HTTPServer.listen(
                        host: candidate.host, port: candidate.port, service: service, limits: limits,
                        on: MultiThreadedEventLoopGroup.singleton))
            } catch var error as ListenError {
                error.option = option
                failure = failure ?? error
            } catch {
                failure = failure ?? error
            }
        }
        throw failure ?? TransferError("cannot answer browsers, no address was given")
    }

    private init(_ listener: HTTPListener) {
        self.listener = listener
    }

    var port: UInt16 { listener.localAddress?.port.flatMap { UInt16(exactly: $0) } ?? 0 }

    /// `http://HOST:PORT` for each address by which others can reach it; none with a zone, which browsers do not know.
    var addresses: [String] {
        DuplexHost.reachableAddresses(of: listener.localAddress).filter { !($0.isIPv6 && $0.isLinkLocal) }
            .map { WebOrigin(address: $0).root }
    }

    func stop() async { await listener.close() }
}

extension HTTPLimits {
    /// Those of the pages.
    init(_ limits: WebLimits) {
        // Each connection needs a descriptor, and the host needs some for other things.
        self.init(
            body: 64 << 10, requestTime: .seconds(Int64(limits.requestTime)),
            answerTime: .seconds(Int64(limits.answerTime)),
            connections: min(limits.connections, max(64, DescriptorLimit.current / 2)))
        connectionsOfAddress = limits.connectionsOfAddress
        idleTime = .seconds(Int64(limits.idleTime))
        fieldBytes = limits.headerBytes
        bodyPeriod = .seconds(Int64(limits.uploadTime))
        streamsPerConnection = limits.streamsOfConnection
    }
}
