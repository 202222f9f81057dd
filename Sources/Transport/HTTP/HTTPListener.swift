import NIOCore
import Synchronization

/// A server that takes connections at an address, and those that it has taken.
///
/// It closes them itself and leaves their event loops alone: an answer that is still being made comes back to its loop.
public final class HTTPListener: Sendable {
    private let channel: any Channel
    private let connections: ConnectionSet

    init(_ channel: any Channel, _ connections: ConnectionSet) {
        self.channel = channel
        self.connections = connections
    }

    /// Where it listens.
    public var localAddress: SocketAddress? { channel.localAddress }

    /// Takes no more connections, and ends those that there are.
    public func close() async {
        try? await channel.close().get()
        await connections.close()
    }
}

/// The connections that a server has now.
final class ConnectionSet: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Keeps one until it is closed; false when there are to be no more.
    func insert(_ channel: any Channel) -> Bool {
        let id = ObjectIdentifier(channel)
        let isTaken = state.withLock { state in
            guard !state.isClosed else { return false }
            state.channels[id] = channel
            return true
        }
        if isTaken {
            channel.closeFuture.whenComplete { [self] _ in state.withLock { _ = $0.channels.removeValue(forKey: id) } }
        }
        return isTaken
    }

    func close() async {
        let channels = state.withLock { state in
            state.isClosed = true
            return Array(state.channels.values)
        }
        for channel in channels { channel.close(promise: nil) }
        for channel in channels { try? await channel.closeFuture.get() }
    }
}
