import NIOCore
import PeerWire
import Synchronization

/// Counts the streams of all HTTP/2 connections of a server, since each holds part of an answer in memory while its client
/// does not take it. When there are as many as there may be, whoever has most makes room.
final class HTTP2StreamGate: Sendable {
    private struct Connection {
        let channel: any Channel
        let remote: PeerAddress?
        var streams = 0
    }

    private struct State {
        var total = 0
        var connections: [ObjectIdentifier: Connection] = [:]

        /// The largest connection of the address that has most streams, if that is another and has more than a newcomer.
        func largest(besides newcomer: PeerAddress?) -> ObjectIdentifier? {
            var counts: [PeerAddress?: Int] = [:]
            for connection in connections.values { counts[connection.remote, default: 0] += connection.streams }
            guard let most = counts.max(by: { $0.value < $1.value }), most.key != newcomer,
                most.value > counts[newcomer, default: 0] + 1
            else { return nil }
            return connections.filter { $0.value.remote == most.key }.max { $0.value.streams < $1.value.streams }?.key
        }

        mutating func remove(_ id: ObjectIdentifier) -> Connection? {
            let connection = connections.removeValue(forKey: id)
            total -= connection?.streams ?? 0
            return connection
        }
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) {
        self.limit = limit
    }

    /// Whether a connection may have one more stream.
    func enter(_ channel: any Channel, _ remote: RequestOrigin) -> Bool {
        let id = ObjectIdentifier(channel as AnyObject)
        let address: PeerAddress? = if case .network(let address) = remote { address.withPort(0) } else { nil }
        let (isWelcome, removed) = state.withLock { state -> (Bool, Connection?) in
            var removed: Connection?
            if state.total >= limit {
                guard let largest = state.largest(besides: address) else { return (false, nil) }
                removed = state.remove(largest)
            }
            state.total += 1
            state.connections[id, default: Connection(channel: channel, remote: address)].streams += 1
            return (true, removed)
        }
        removed?.channel.close(promise: nil)
        return isWelcome
    }

    func leave(_ channel: any Channel) {
        let id = ObjectIdentifier(channel as AnyObject)
        state.withLock { state in
            // Nil for one that had to make room.
            guard let streams = state.connections[id]?.streams else { return }
            state.total -= 1
            if streams == 1 {
                state.connections[id] = nil
            } else {
                state.connections[id]?.streams = streams - 1
            }
        }
    }

    var count: Int { state.withLock { $0.total } }
}
