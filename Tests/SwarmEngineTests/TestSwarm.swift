import Metainfo
import PeerWire

@testable import SwarmEngine

/// Several engines wired together in memory under virtual time, on a star of links with delays and rates.
final class TestSwarm {
    private(set) var now = Instant.zero
    private(set) var hosts: [TestHost] = []
    /// Every action of every host, if wanted.
    var keepsTrace = false
    private(set) var trace: [String] = []

    private var queue = EventHeap()
    private var nextKey = 0
    private var links: [PeerKey: (host: TestHost, other: PeerKey)] = [:]
    private let seed: UInt64

    init(seed: UInt64 = 1) { self.seed = seed }

    /// A host with these pieces (`nil`: knows no more than the hashes) and its own behaviour.
    @discardableResult
    func add(
        _ torrent: TestTorrent, have: PieceSet?, wanted: PieceSet? = nil, layers: Bool = true,
        _ adjust: (TestHost) -> Void = { _ in }
    ) -> TestHost {
        let host = TestHost(number: hosts.count, torrent: torrent, seed: seed)
        adjust(host)
        hosts.append(host)
        host.start()
        if let have {
            host.hold(have)
            handle(
                host,
                .activated(
                    Activation(
                        info: torrent.info, layers: layers ? torrent.layers : PieceLayers(), have: have,
                        wanted: wanted ?? torrent.full)))
        }
        tick(host)
        return host
    }

    func introduce(_ host: TestHost, to other: TestHost) {
        handle(host, .discovered([other.address], from: .given))
    }

    func run(seconds: Int, until done: () -> Bool = { false }) {
        let end = now + .seconds(seconds)
        while let event = queue.first, event.time <= end, !done() {
            queue.removeFirst()
            now = event.time
            event.body()
        }
        if !done() { now = end }
    }

    func after(_ span: TimeSpan, _ body: @escaping () -> Void) {
        queue.insert(time: now + span, body)
    }

    /// Cuts all connections of a host, as a power failure does.
    func cut(_ host: TestHost) {
        for (key, link) in links.sorted(by: { $0.key < $1.key }) where link.host === host {
            let other = link.other
            links[key] = nil
            if let end = links.removeValue(forKey: other) { handle(end.host, .peerDisconnected(other)) }
            handle(host, .peerDisconnected(key))
        }
    }

    func connect(_ host: TestHost, to other: TestHost) {
        let ownKey = PeerKey(nextKey)
        let otherKey = PeerKey(nextKey + 1)
        nextKey += 2
        links[ownKey] = (host, otherKey)
        links[otherKey] = (other, ownKey)
        let isV2 = host.torrent.info.format.hasV2 && host.speaksV2 && other.speaksV2
        func introduction(of peer: TestHost, isOutgoing: Bool) -> PeerIntroduction {
            PeerIntroduction(
                id: peer.id, address: isOutgoing ? peer.address : peer.address.withPort(40000), isOutgoing: isOutgoing,
                supportsFast: host.speaksFast && other.speaksFast, supportsExtensions: true, isV2: isV2)
        }
        handle(host, .peerConnected(ownKey, introduction(of: other, isOutgoing: true)))
        if links[otherKey] != nil {
            handle(other, .peerConnected(otherKey, introduction(of: host, isOutgoing: false)))
        }
    }

    func handle(_ host: TestHost, _ event: SwarmEvent, hashes: [MerkleHash] = []) {
        let actions = host.engine.handle(event, now: now)
        if keepsTrace { trace += actions.map { "\(now.nanoseconds) \(host.number) \($0)" } }
        var batches: [(key: PeerKey, messages: [PeerMessage])] = []
        for action in actions {
            if case .send(let key, let message) = action {
                host.sent.append(message)
                guard !host.isMute(message) else { continue }
                if let last = batches.indices.last, batches[last].key == key {
                    batches[last].messages.append(message)
                } else {
                    batches.append((key, [message]))
                }
            } else {
                perform(action, at: host, hashes: hashes)
            }
        }
        for batch in batches { deliver(batch.messages.map { .message($0) }, from: batch.key) }
    }

    // MARK: Helpers

    private static let delay = TimeSpan.milliseconds(5)

    private func tick(_ host: TestHost) {
        handle(host, .tick)
        after(.milliseconds(250)) { [unowned self] in tick(host) }
    }

    private func deliver(
        _ inputs: [PeerInput], from key: PeerKey, hashes: [MerkleHash] = [], after span: TimeSpan = TestSwarm.delay
    ) {
        guard let link = links[key] else { return }
        after(span) { [unowned self] in
            guard let end = links[link.other] else { return }
            handle(end.host, .received(link.other, inputs), hashes: hashes)
        }
    }

    private func perform(_ action: SwarmAction, at host: TestHost, hashes: [MerkleHash]) {
        switch action {
        case .send: break
        case .serve(let key, let requests): serve(requests, to: key, at: host)
        case .store(let slot, let block):
            if let whole = host.store(block, hashes[slot]) {
                after(.milliseconds(1)) { [unowned self] in check(whole, at: host) }
            }
        case .serveLeafHashes(let key, let request, let file, let blocks):
            let leaves = Array(host.torrent.leaves(of: file)[blocks])
            after(.milliseconds(1)) { [unowned self] in handle(host, .leafHashes(key, request, leaves)) }
        case .hashBlocks(let piece):
            let hashes = host.hashes(of: piece)
            after(.milliseconds(1)) { [unowned self] in handle(host, .blockHashes(piece, hashes)) }
        case .forget(let piece, let blocks): host.forget(piece, blocks)
        case .disconnect(let key, let reason):
            if let link = links.removeValue(forKey: key) {
                if let other = links[link.other]?.host { host.disconnections.append((other.number, reason)) }
                after(Self.delay) { [unowned self] in
                    guard let end = links.removeValue(forKey: link.other) else { return }
                    handle(end.host, .peerDisconnected(link.other))
                }
            }
        case .dial(let address): dial(address, from: host)
        case .metadataReceived(let info):
            host.hasMetadata = true
            after(.milliseconds(1)) { [unowned self] in
                let count = info.layout.pieceCount
                let activation = Activation(
                    info: info, layers: PieceLayers(), have: PieceSet(capacity: count),
                    wanted: PieceSet(fullWithCapacity: count))
                handle(host, .activated(activation))
            }
        case .pieceLayersReceived: host.layersReceived += 1
        case .completed: host.completedAt = now
        }
    }

    private func dial(_ address: PeerAddress, from host: TestHost) {
        host.dialed.append(address)
        after(Self.delay) { [unowned self] in
            if let other = hosts.first(where: { $0.address == address && $0.isListening }) {
                connect(host, to: other)
            } else {
                handle(host, .dialFailed(address))
            }
        }
    }

    /// One block after the other at the host's rate.
    private func serve(_ requests: [BlockRequest], to key: PeerKey, at host: TestHost) {
        guard !host.servesNothing else { return }
        for request in requests {
            let start = max(now, host.busyUntil)
            host.busyUntil =
                start + TimeSpan(nanoseconds: Int64(request.length) * 1_000_000_000 / Int64(host.bytesPerSecond))
            let span = host.busyUntil - now
            let hash = host.hashToSend(request)
            after(span) { [unowned self] in
                guard links[key] != nil else { return }
                host.blocksSent += 1
                deliver([.block(request, slot: 0)], from: key, hashes: [hash])
                handle(host, .served(key, bytes: request.length))
            }
        }
    }

    private func check(_ piece: PieceIndex, at host: TestHost) {
        let hashes = host.hashes(of: piece)
        if hashes == host.goodHashes(of: piece) {
            handle(host, .pieceVerified(piece))
        } else {
            host.failedPieces += 1
            handle(host, .pieceFailed(piece, blockHashes: hashes))
        }
    }
}
