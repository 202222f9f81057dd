import Metainfo
import PeerWire
import SwarmEngine

/// What comes out at the other end.
extension SimulatedNetwork {
    func arrived(_ key: Int32) {
        let index = Int(key)
        let receiver = hosts[Int(flows[index ^ 1].host)]
        // A computer that is gone acknowledges nothing: the sender's window stays full.
        guard !receiver.isMute else { return }
        guard !receiver.isAsleep else { return receiver.missed.append(.arrived(flow: key)) }
        guard let segment = flows[index].flying.popFirst() else { return }
        flows[index].flyingBytes -= segment.bytes
        receiver.carriedDown += Int64(segment.bytes)
        flows[index].carried += Int64(segment.bytes)
        join(key)
        guard flows[index ^ 1].isOpen, receiver.isOnline else {
            // Back after a crash it knows nothing of this connection (RST).
            if flows[index ^ 1].isForgotten, receiver.isOnline {
                queue.insert(.closed(flow: key), for: flows[index].host, at: now + oneWay(key))
            }
            return
        }
        let own = PeerKey(index ^ 1)
        let slot = flows[index ^ 1].slot
        switch segment {
        case .block(let request, let isBad, _):
            count(1, request.length, from: index, at: receiver, slot)
            handle(receiver, slot, .received(own, [.block(request, slot: 0)]), badBlocks: isBad ? 1 : 0)
        case .group(let blocks, let areBad, _, let bytes):
            let payload = bytes - blocks.count * PeerMessage.pieceHeaderLength
            count(blocks.count, payload, from: index, at: receiver, slot)
            handle(receiver, slot, .received(own, blocks), badBlocks: areBad)
        case .messages(let messages, _):
            receive(messages, at: receiver, slot, own)
        case .stream(let bytes):
            flows[index].delivered += Int64(bytes)
            receiver.streamed.received += Int64(bytes)
            streamArrived(at: receiver, from: key)
        case .rest: break
        }
    }

    private func count(_ blocks: Int, _ bytes: Int, from flow: Int, at receiver: SimulatedHost, _ slot: Int32) {
        counters.blocks += blocks
        counters.blockBytes += Int64(bytes)
        flows[flow].delivered += Int64(bytes)
        receiver.slots[Int(slot)].received += Int64(bytes)
    }

    private func receive(_ messages: [PeerInput], at host: SimulatedHost, _ slot: Int32, _ key: PeerKey) {
        var inputs = messages
        if host.profile.behaviour == .foreign {
            inputs.removeAll { if case .message(.suggest) = $0 { true } else { false } }
        }
        guard !inputs.isEmpty else { return }
        handle(host, slot, .received(key, inputs))
    }

    // MARK: Connections

    func dial(_ address: PeerAddress, from host: SimulatedHost, _ slot: Int32) {
        let target = hostsByAddress[address]
        let far = target.map { hosts[Int($0)].profile.link.delay.nanoseconds } ?? 0
        let oneWay = host.profile.link.delay.nanoseconds + far
        // SYN, its answer, the handshake, its answer.
        queue.insert(
            .dialed(host: host.number, slot: slot, target: target ?? -1), for: host.number,
            at: now + TimeSpan(nanoseconds: 4 * oneWay))
    }

    func dialed(_ host: SimulatedHost, _ slot: Int32, target: Int32) {
        guard host.isOnline else { return }
        if host.isAsleep { return host.missed.append(.dialed(host: host.number, slot: slot, target: target)) }
        guard target >= 0, host.slots.indices.contains(Int(slot)) else { return }
        let other = hosts[Int(target)]
        let torrent = host.slots[Int(slot)].torrent
        let otherSlot = other.slots.firstIndex { $0.torrent == torrent }
        guard other.isOnline, !other.isAsleep, !other.isMute, let otherSlot else {
            return handle(host, slot, .dialFailed(other.address))
        }
        connect(host, slot, to: other, Int32(otherSlot))
    }

    private func connect(_ host: SimulatedHost, _ slot: Int32, to other: SimulatedHost, _ otherSlot: Int32) {
        counters.connections += 1
        let key = Int32(flows.count)
        flows.append(Flow(host: host.number, slot: slot))
        flows.append(Flow(host: other.number, slot: otherSlot))
        openWindow(key)
        openWindow(key + 1)
        host.connections.append(key)
        other.connections.append(key + 1)
        connected(key)
        guard queue.window > .zero else { return connected(key + 1) }
        // The other's clock may be ahead within the window.
        queue.insert(.connected(flow: key + 1), for: other.number, at: now)
    }

    /// The owner of a flow learns that its connection stands; the even one is of who opened it.
    func connected(_ key: Int32) {
        let index = Int(key)
        guard flows[index].isOpen else { return }
        let (host, slot) = (hosts[Int(flows[index].host)], flows[index].slot)
        let (other, otherSlot) = (hosts[Int(flows[index ^ 1].host)], flows[index ^ 1].slot)
        let isOutgoing = key & 1 == 0
        let introduction = PeerIntroduction(
            id: other.slots[Int(otherSlot)].peerID,
            address: isOutgoing ? other.address : other.address.withPort(40000), isOutgoing: isOutgoing,
            supportsFast: true, supportsExtensions: true,
            isV2: torrents[host.slots[Int(slot)].torrent].info.format.hasV2)
        handle(host, slot, .peerConnected(PeerKey(index), introduction))
    }

    /// One side closes: what it has sent still arrives, then the other side hears of the end.
    func close(_ key: Int32, isHeard: Bool = true) {
        let index = Int(key)
        guard flows[index].isOpen else { return }
        flows[index].isOpen = false
        flows[index].waiting.removeAll()
        let host = hosts[Int(flows[index].host)]
        host.connections.removeAll { $0 == key }
        guard isHeard, flows[index ^ 1].isOpen else { return }
        let other = hosts[Int(flows[index ^ 1].host)]
        let arrival = now + host.profile.link.delay + other.profile.link.delay
        queue.insert(.closed(flow: key ^ 1), for: other.number, at: max(arrival, flows[index].lastArrival))
    }

    /// The owner of a flow hears that the other side has closed.
    func closed(_ key: Int32) {
        let host = hosts[Int(flows[Int(key)].host)]
        guard flows[Int(key)].isOpen else { return }
        if host.isAsleep { return host.missed.append(.closed(flow: key)) }
        close(key, isHeard: false)
        guard host.isOnline, !host.isMute else { return }
        handle(host, flows[Int(key)].slot, .peerDisconnected(PeerKey(Int(key))))
    }
}
