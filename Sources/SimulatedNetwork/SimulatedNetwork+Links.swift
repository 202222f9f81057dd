import Metainfo
import PeerWire
import SwarmEngine

/// What links do to segments.
extension SimulatedNetwork {
    func enqueue(_ segment: Segment, on key: Int32) {
        flows[Int(key)].waiting.append(segment)
        join(key)
    }

    func send(_ messages: [PeerMessage], on key: Int32) {
        send(messages.map { .message($0) }, bytes: messages.reduce(0) { $0 + $1.wireLength }, on: key)
    }

    /// Small messages go ahead of other connections' blocks, as fair queueing lets them, but not of their own.
    ///
    /// - Parameter messages: as the receiver's engine takes them.
    func send(_ messages: [PeerInput], bytes: Int, on key: Int32) {
        let index = Int(key)
        guard flows[index].isOpen else { return }
        counters.messages += messages.count
        let host = hosts[Int(flows[index].host)]
        let isShort = bytes <= 2 * LinkProfile.payloadPerPacket
        guard isShort, flows[index].waiting.isEmpty, !flows[index].isRecovering, !host.isAsleep else {
            return enqueue(.messages(messages, bytes: bytes), on: key)
        }
        // Messages wait for each other only; the next segment waits for all of them.
        let time = host.profile.link.timeUp(bytes)
        let number = Int(host.number)
        links[number].messagesUpUntil = max(links[number].messagesUpUntil, now) + time
        links[number].upBusyUntil = max(links[number].upBusyUntil, now) + time
        fly(
            .messages(messages, bytes: bytes), on: key,
            left: lossDelayed(links[number].messagesUpUntil, bytes: bytes, key: key))
    }

    /// TCP lets as much be on its way as keeps the slower of the two links busy, up to what Linux allows.
    func openWindow(_ key: Int32, segment: Int = 0) {
        let (sender, receiver) = (hosts[Int(flows[Int(key)].host)], hosts[Int(flows[Int(key ^ 1)].host)])
        let rate = min(sender.profile.link.up, receiver.profile.link.down) / 8
        let full = Int(min(2 * rate * oneWay(key).inSeconds, Double(4 << 20)))
        flows[Int(key)].window = max(flows[Int(key)].window, full, 2 * segment)
    }

    /// Gives a flow that has something to send and may send it a place in its host's round.
    func join(_ key: Int32) {
        let index = Int(key)
        guard flows[index].isOpen, !flows[index].isInRound, !flows[index].isRecovering,
            !flows[index].waiting.isEmpty, flows[index].flyingBytes < flows[index].window
        else { return }
        flows[index].isInRound = true
        let host = hosts[Int(flows[index].host)]
        host.round.append(key)
        sendNext(host)
    }

    func sendNext(_ host: SimulatedHost) {
        guard host.sending == nil, !host.isAsleep, host.isOnline else { return }
        while let key = host.round.popFirst() {
            guard flows[Int(key)].isOpen, let segment = flows[Int(key)].waiting.first else {
                flows[Int(key)].isInRound = false
                continue
            }
            host.sending = key
            let time = host.profile.link.timeUp(gather(key, first: segment))
            let end = max(links[Int(host.number)].upBusyUntil, now) + time
            links[Int(host.number)].upBusyUntil = end
            queue.insert(.sent(host: host.number), for: host.number, at: end)
            return
        }
    }

    /// Decides how many of a flow's blocks leave together.
    ///
    /// - Returns: their payload bytes.
    private func gather(_ key: Int32, first: Segment) -> Int {
        flows[Int(key)].leaving = 1
        // Where packets are lost each block is on its own, since losses are drawn for each.
        guard case .block = first, loss(key) == 0 else { return first.bytes }
        var (bytes, count) = (0, 0)
        while count < Self.largestGroup, case .block(let request, _, _)? = flows[Int(key)].waiting[count] {
            bytes += request.length + PeerMessage.pieceHeaderLength
            count += 1
        }
        flows[Int(key)].leaving = count
        return bytes
    }

    private func takeLeaving(_ key: Int32, first: Segment) -> Segment {
        let count = flows[Int(key)].leaving
        guard count > 1 else {
            _ = flows[Int(key)].waiting.popFirst()
            return first.whole
        }
        var inputs: [PeerInput] = []
        inputs.reserveCapacity(count)
        var (bad, served, bytes) = (UInt8(0), Int32(0), 0)
        for number in 0..<count {
            guard case .block(let request, let isBad, let part)? = flows[Int(key)].waiting.popFirst() else { break }
            inputs.append(.block(request, slot: number))
            if isBad { bad |= 1 << UInt8(number) }
            served += part
            bytes += request.length + PeerMessage.pieceHeaderLength
        }
        return .group(inputs, areBad: bad, served: served, bytes: bytes)
    }

    /// 64 KiB, as Linux hands to a network card at once.
    private static let largestGroup = 4

    func segmentSent(_ host: SimulatedHost) {
        guard let key = host.sending else { return }
        host.sending = nil
        let index = Int(key)
        flows[index].isInRound = false
        if flows[index].isOpen, let segment = flows[index].waiting.first {
            let lost = lostBytes(of: segment, key: key)
            if lost > 0 {
                flows[index].waiting.replaceFirst(.rest(segment.whole, bytes: lost))
                flows[index].isRecovering = true
                queue.insert(.recovered(flow: key), for: host.number, at: now + recoveryTime(key))
            } else {
                left(takeLeaving(key, first: segment), on: key, of: host)
            }
            join(key)
        }
        sendNext(host)
    }

    private func left(_ segment: Segment, on key: Int32, of host: SimulatedHost) {
        fly(segment, on: key, left: now)
        switch segment {
        case .block(let request, _, let served): blocksLeft(request.length, served: served, on: key, of: host)
        case .group(let blocks, _, let served, let bytes):
            blocksLeft(
                bytes - blocks.count * PeerMessage.pieceHeaderLength, served: served, on: key, of: host)
        case .stream(let bytes):
            host.streamed.sent += Int64(bytes)
            continueStream(key)
        case .messages, .rest: break
        }
    }

    private func blocksLeft(_ bytes: Int, served: Int32, on key: Int32, of host: SimulatedHost) {
        let slot = flows[Int(key)].slot
        host.slots[Int(slot)].sent += Int64(bytes)
        if served > 0 { handle(host, slot, .served(PeerKey(Int(key)), bytes: Int(served))) }
    }

    private func fly(_ segment: Segment, on key: Int32, left: Instant) {
        let index = Int(key)
        flows[index].flyingBytes += segment.bytes
        let reach = max(left + oneWay(key), flows[index].lastReach)
        flows[index].lastReach = reach
        guard delaysDiffer else { return passDown(segment, on: key, reach: reach) }
        flows[index].crossing.append(segment)
        queue.insert(.reached(flow: key), for: flows[index ^ 1].host, at: reach)
    }

    func reached(_ key: Int32) {
        guard let segment = flows[Int(key)].crossing.popFirst() else { return }
        passDown(segment, on: key, reach: now)
    }

    /// The receiver's link passes packets on as they come: it only delays what comes faster than it carries.
    ///
    /// - Parameter reach: when the last packet is there; the first came as much earlier as sending them took.
    private func passDown(_ segment: Segment, on key: Int32, reach: Instant) {
        let index = Int(key)
        let (sender, receiver) = (flows[index].host, flows[index ^ 1].host)
        let first = reach + TimeSpan(nanoseconds: -links[Int(sender)].profile.timeUp(segment.bytes).nanoseconds)
        var link = links[Int(receiver)]
        let time = link.profile.timeDown(segment.bytes)
        link.downBusyUntil = max(link.downBusyUntil, first) + time
        var arrival = max(reach, link.downBusyUntil)
        if case .messages = segment {
            link.messagesDownUntil = max(link.messagesDownUntil, first) + time
            arrival = max(reach, link.messagesDownUntil)
        }
        links[Int(receiver)] = link
        arrival = max(arrival, flows[index].lastArrival)
        flows[index].lastArrival = arrival
        flows[index].flying.append(segment)
        queue.insert(.arrived(flow: key), for: receiver, at: arrival)
    }

    /// The time that a packet of a flow is on its way.
    func oneWay(_ key: Int32) -> TimeSpan {
        if !delaysDiffer { return usualOneWay }
        let (sender, receiver) = (hosts[Int(flows[Int(key)].host)], hosts[Int(flows[Int(key ^ 1)].host)])
        return TimeSpan(
            nanoseconds: sender.profile.link.delay.nanoseconds + receiver.profile.link.delay.nanoseconds)
    }

    func recovered(_ key: Int32) {
        flows[Int(key)].isRecovering = false
        join(key)
    }

    // MARK: Loss

    private func loss(_ key: Int32) -> Double {
        guard losesPackets else { return 0 }
        let (sender, receiver) = (hosts[Int(flows[Int(key)].host)], hosts[Int(flows[Int(key ^ 1)].host)])
        let (first, second) = (sender.profile.link.loss, receiver.profile.link.loss)
        return first == 0 && second == 0 ? 0 : 1 - (1 - first) * (1 - second)
    }

    private func lostBytes(of segment: Segment, key: Int32) -> Int {
        let loss = loss(key)
        guard loss > 0 else { return 0 }
        let packets = (segment.bytes + LinkProfile.payloadPerPacket - 1) / LinkProfile.payloadPerPacket
        let lost = (0..<packets).count { _ in Double.random(in: 0..<1, using: &generator) < loss }
        return min(lost * LinkProfile.payloadPerPacket, segment.bytes)
    }

    /// The next packets tell the sender of a gap; it waits a round trip and a little.
    private func recoveryTime(_ key: Int32) -> TimeSpan {
        TimeSpan(nanoseconds: 2 * oneWay(key).nanoseconds + 5_000_000)
    }

    /// Nothing follows a lone message that would show its loss: TCP waits 200 ms.
    private func lossDelayed(_ time: Instant, bytes: Int, key: Int32) -> Instant {
        let loss = loss(key)
        guard loss > 0 else { return time }
        var time = time
        var wait = TimeSpan.milliseconds(200)
        while Double.random(in: 0..<1, using: &generator) < loss, wait < .seconds(10) {
            time = time + wait
            wait = TimeSpan(nanoseconds: wait.nanoseconds * 2)
        }
        return time
    }
}
