import PeerWire
import SwarmEngine

/// Client/server without a swarm: one host sends a whole file to another, as a web server does.
extension SimulatedNetwork {
    /// - Parameter segment: bytes that take a turn on the server's link together; more of them make a run slower and its
    ///   figures no better.
    public func stream(
        _ bytes: Int64, from server: HostNumber, to client: HostNumber, at time: Instant, segment: Int = 16384
    ) {
        schedule(at: time) { [unowned self] in
            let (sender, receiver) = (hosts[server.index], hosts[client.index])
            sender.isOnline = true
            receiver.isOnline = true
            let key = Int32(flows.count)
            flows.append(Flow(host: sender.number, slot: 0))
            flows.append(Flow(host: receiver.number, slot: 0))
            openWindow(key, segment: segment)
            flows[Int(key)].streamLeft = bytes
            sender.connections.append(key)
            receiver.connections.append(key + 1)
            streamSegment = max(segment, 1)
            streamSizes[key] = bytes
            // SYN, its answer, the request.
            let oneWay = sender.profile.link.delay.nanoseconds + receiver.profile.link.delay.nanoseconds
            schedule(at: now + TimeSpan(nanoseconds: 3 * oneWay)) { [unowned self] in
                continueStream(key)
                continueStream(key)
            }
        }
    }

    /// Keeps two segments waiting, so that the link does not idle.
    func continueStream(_ key: Int32) {
        let index = Int(key)
        let bytes = min(flows[index].streamLeft, Int64(streamSegment))
        guard bytes > 0, flows[index].isOpen else { return }
        flows[index].streamLeft -= bytes
        enqueue(.stream(bytes: Int(bytes)), on: key)
    }

    func streamArrived(at host: SimulatedHost, from key: Int32) {
        guard flows[Int(key)].delivered == streamSizes[key] else { return }
        streamEnds[HostNumber(Int(host.number))] = now
        counters.note(Int64(host.number))
        counters.note(now.nanoseconds)
        close(key)
        close(key ^ 1)
    }
}
