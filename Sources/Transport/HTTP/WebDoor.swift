import NIOCore
import PeerWire

/// Lets HTTP in at the port of the peers: what begins with a letter is no handshake of BitTorrent (whose first byte is
/// 19) and none of TLS (22), but may be the method of a request.
///
/// Confined to the event loop of the host.
public final class WebDoor {
    private let service: any HTTPService
    private let limits: HTTPLimits
    private let streams: HTTP2StreamGate
    private struct Connection {
        let id: ObjectIdentifier
        let channel: any Channel
        let remote: PeerAddress
    }
    /// Oldest first.
    private var connections: [Connection] = []

    public init(service: any HTTPService, limits: HTTPLimits) {
        self.service = service
        self.limits = limits
        streams = HTTP2StreamGate(limit: limits.streams)
    }

    static func isRequest(_ buffer: ByteBuffer) -> Bool {
        guard let first = buffer.readableBytesView.first else { return false }
        return (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first)
    }

    func take(_ channel: any Channel, from remote: PeerAddress) throws {
        if connections.count >= limits.connections { makeRoom() }
        try HTTPServer.configureByFirstBytes(
            channel, service: service, limits: limits, streams: streams, remote: remote)
        let id = ObjectIdentifier(channel as AnyObject)
        connections.append(Connection(id: id, channel: channel, remote: remote.withPort(0)))
        channel.closeFuture.assumeIsolated().whenComplete { [weak self] _ in
            self?.connections.removeAll { $0.id == id }
        }
    }

    /// The oldest of whoever has most is closed, so that those who stay silent keep nobody out.
    private func makeRoom() {
        var counts: [PeerAddress: Int] = [:]
        for connection in connections { counts[connection.remote, default: 0] += 1 }
        let most = counts.values.max() ?? 0
        guard let index = connections.firstIndex(where: { counts[$0.remote] == most }) else { return }
        connections.remove(at: index).channel.close(promise: nil)
    }

    /// Closes all connections.
    public func close() {
        let all = connections
        connections = []
        for connection in all { connection.channel.close(promise: nil) }
    }
}
