import Metainfo
import PeerWire
import SwarmEngine

/// Driving the real engines: events in, actions carried out by links and fake disks.
extension SimulatedNetwork {
    func handle(_ host: SimulatedHost, _ slot: Int32, _ event: SwarmEvent, badBlocks: UInt8 = 0) {
        let place = host.slots[Int(slot)]
        // Steps do not nest: what is done about actions only makes events.
        var actions: [SwarmAction] = []
        swap(&actions, &spareActions)
        place.engine.handle(event, now: now, into: &actions)
        defer {
            actions.removeAll(keepingCapacity: true)
            swap(&actions, &spareActions)
        }
        var batch: [PeerInput] = []
        var bytes = 0
        var batchKey: Int32 = -1
        for action in actions {
            guard case .send(let key, let message) = action else {
                perform(action, at: host, slot, badBlocks)
                continue
            }
            let key32 = Int32(key.rawValue)
            if key32 != batchKey, !batch.isEmpty {
                send(batch, bytes: bytes, on: batchKey)
                // The receiver has these; the next ones are others.
                batch = []
                bytes = 0
            }
            batchKey = key32
            let spoken = disguised(message, of: host)
            batch.append(.message(spoken))
            bytes += spoken.wireLength
        }
        if !batch.isEmpty { send(batch, bytes: bytes, on: batchKey) }
    }

    /// A boaster's first word.
    private func disguised(_ message: PeerMessage, of host: SimulatedHost) -> PeerMessage {
        guard host.profile.behaviour == .boasting else { return message }
        if case .haveNone = message { return .haveAll }
        return message
    }

    private func perform(_ action: SwarmAction, at host: SimulatedHost, _ slot: Int32, _ badBlocks: UInt8) {
        switch action {
        case .send: break
        case .serve(let key, let requests): serve(requests, to: Int32(key.rawValue), from: host, slot)
        case .store(let number, let block):
            store(block, isBad: badBlocks & (1 << UInt8(number)) != 0, at: host, slot)
        case .serveLeafHashes(let key, let request, _, let blocks):
            let leaves = blocks.map { torrents[host.slots[Int(slot)].torrent].leaf($0) }
            answer(.leafHashes(key, request, leaves), at: host, slot)
        case .hashBlocks(let piece): answer(.blockHashes(piece, hashes(of: piece, at: host, slot)), at: host, slot)
        case .forget(let piece, let blocks): forget(piece, blocks, at: host, slot)
        case .disconnect(let key, _): close(Int32(key.rawValue))
        case .dial(let address): dial(address, from: host, slot)
        case .metadataReceived, .pieceLayersReceived: break
        case .completed:
            guard host.slots[Int(slot)].completedAt == nil else { return }
            host.slots[Int(slot)].completedAt = now
            counters.note(Int64(host.number) << 32 | Int64(slot))
            counters.note(now.nanoseconds)
        }
    }

    private func serve(_ requests: [BlockRequest], to key: Int32, from host: SimulatedHost, _ slot: Int32) {
        switch host.profile.behaviour {
        case .silent, .boasting: return
        case .honest, .corrupting, .flooding, .foreign: break
        }
        guard flows[Int(key)].isOpen else { return }
        let total = requests.reduce(0) { $0 + $1.length }
        for (number, request) in requests.enumerated() {
            let isLast = number == requests.count - 1
            flows[Int(key)].waiting.append(
                .block(request, isBad: corrupts(request, host, slot), served: isLast ? Int32(total) : 0))
        }
        join(key)
    }

    private func corrupts(_ request: BlockRequest, _ host: SimulatedHost, _ slot: Int32) -> Bool {
        guard case .corrupting(let percent) = host.profile.behaviour else { return false }
        return Int.random(in: 0..<100, using: &generator) < percent
    }

    func answer(_ event: SwarmEvent, at host: SimulatedHost, _ slot: Int32) {
        answers.append((host.number, slot, event))
        queue.insert(.answer(Int32(answers.count - 1)), for: host.number, at: now + .milliseconds(1))
    }

    func answered(_ index: Int32) {
        let (number, slot, event) = answers[Int(index)]
        let host = hosts[Int(number)]
        guard host.isOnline else { return }
        if host.isAsleep { return host.missed.append(.answer(index)) }
        handle(host, slot, event)
    }

    // MARK: Time

    func tick(_ host: SimulatedHost) {
        guard host.isOnline, !host.isMute else {
            host.isTicking = false
            return
        }
        if host.isAsleep { return host.missed.append(.tick(host: host.number)) }
        if case .flooding(let count) = host.profile.behaviour { flood(from: host, count) }
        for slot in host.slots.indices { handle(host, Int32(slot), .tick) }
        queue.insert(.tick(host: host.number), for: host.number, at: now + Self.tickInterval)
    }

    func announce(_ host: SimulatedHost, _ slot: Int32) {
        guard host.isOnline, !host.isMute else { return }
        if host.isAsleep { return host.missed.append(.announce(host: host.number, slot: slot)) }
        host.slots[Int(slot)].isAnnouncementDue = false
        handle(host, slot, .announce)
    }

    /// Everything that may be sent at any time, and much that may not.
    private func flood(from host: SimulatedHost, _ count: Int) {
        for key in host.connections {
            let pieces = torrents[host.slots[Int(flows[Int(key)].slot)].torrent].pieceCount
            var messages: [PeerMessage] = []
            for _ in 0..<count {
                let piece = PieceIndex(Int.random(in: 0..<max(pieces, 1), using: &generator))
                let request = BlockRequest(piece: piece, begin: 0, length: PieceLayout.blockLength)
                switch Int.random(in: 0..<8, using: &generator) {
                case 0: messages.append(.interested)
                case 1: messages.append(.notInterested)
                case 2: messages.append(.have(piece))
                case 3: messages.append(.request(request))
                case 4: messages.append(.cancel(request))
                case 5: messages.append(.suggest(piece))
                case 6: messages.append(.allowedFast(piece))
                default: messages.append(.keepAlive)
                }
            }
            send(messages, on: key)
        }
    }
}
