import Metainfo
import NIOCore
import PeerWire
import Storage
import SwarmEngine
import Transport

/// Drives one torrent's engine: what connections and storage report goes in, what the engine wants done is done.
///
/// The bytes of blocks pass by here, from a connection to storage and back, and never through the engine.
final class TransferDriver {
    let id: TransferID
    let engine: SwarmEngine
    unowned let core: HostCore
    let events: AsyncStream<TransferEvent>
    var hashes: InfoHashes
    var links: [PeerKey: PeerLink] = [:]
    var webSeeds: WebSeeds?
    var preparation: Preparation?
    var progress: TransferProgress?
    var phase = TransferStatus.Phase.metadata
    var checkedBytes: Int64 = 0
    /// Called once with the description when it came from peers.
    var onMetadata: ((TorrentInfo) -> Void)?

    let continuation: AsyncStream<TransferEvent>.Continuation
    let startedAt: NIODeadline
    let ownID: PeerID
    /// Blocks that are not with storage yet.
    var gathering = BlockGathering()
    private var needsFlush: [PeerLink] = []
    private var isAnnouncementDue = false
    var nextCheckpoint: NIODeadline?
    var isSaving = false
    var retryAt: NIODeadline?
    /// What the user was told of storage since it last worked.
    var reported: Set<String> = []
    var isClosed = false
    /// All that was here was deleted or moved away.
    var hasVanished = false
    /// Addresses that were called back a short while ago.
    private var calledBack: Set<PeerAddress> = []
    private static let maximumCallBacks = 16
    /// Whether anything was sent to anybody.
    var hasServed: Bool { wasAsked && engine.status.totals.uploaded > 0 }
    private var wasAsked = false
    /// Nobody is connected, and nothing is to be had: what time alone would bring about does not concern it.
    var isIdle: Bool { links.isEmpty && phase == .complete && nextCheckpoint == nil }

    init(id: TransferID, hashes: InfoHashes, core: HostCore) {
        self.id = id
        self.hashes = hashes
        self.core = core
        startedAt = .now()
        var random = SystemRandomNumberGenerator()
        ownID = PeerID.make(using: &random)
        var configuration = SwarmConfiguration()
        configuration.listenPort = core.listenPort
        configuration.announceDelay = SwarmConfiguration.usualAnnounceDelay
        engine = SwarmEngine(hashes: hashes, ownID: ownID, configuration: configuration, seed: random.next())
        // A share that fails again and again is nobody's to listen to for days.
        (events, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(256))
    }

    // MARK: Events in, actions out

    func handle(_ event: SwarmEvent) {
        perform(engine.handle(event, now: .now), blocks: [])
    }

    /// Has peers told of new pieces a little later, together with those that come until then.
    func announceSoon() {
        guard !isAnnouncementDue, engine.hasUnannounced else { return }
        isAnnouncementDue = true
        let bound = NIOLoopBound(self, eventLoop: core.eventLoop)
        core.eventLoop.scheduleTask(in: .nanoseconds(engine.announceDelay.nanoseconds)) {
            bound.value.isAnnouncementDue = false
            bound.value.handle(.announce)
        }
    }

    private func perform(_ actions: [SwarmAction], blocks: [ByteBuffer]) {
        guard !actions.isEmpty else { return }
        var incoming: [IncomingBlock] = []
        for action in actions {
            switch action {
            case .send(let peer, let message): send(message, to: peer)
            case .store(let slot, let block):
                if blocks.indices.contains(slot) {
                    incoming.append(IncomingBlock(piece: block.piece, begin: block.begin, data: blocks[slot]))
                }
            case .serve(let peer, let requests): serve(requests, to: peer)
            case .serveLeafHashes(let peer, let request, let file, let blocks):
                serveLeafHashes(request, of: file, blocks: blocks, to: peer)
            case .hashBlocks(let piece): hashBlocks(of: piece)
            case .forget(let piece, let blocks): forget(blocks, of: piece)
            case .disconnect(let peer, let reason): disconnect(peer, reason)
            case .dial(let address): dial(address)
            case .metadataReceived(let info): metadataReceived(info)
            case .pieceLayersReceived(let layers): layersReceived(layers)
            case .completed: completed()
            }
        }
        if !incoming.isEmpty { gather(incoming) }
        let flushing = needsFlush
        needsFlush.removeAll(keepingCapacity: true)
        for link in flushing { link.flush() }
    }

    private func send(_ message: PeerMessage, to peer: PeerKey) {
        guard let link = links[peer] else {
            webSeeds?[peer]?.take(message)
            return
        }
        link.send(message)
        if needsFlush.last !== link { needsFlush.append(link) }
    }

    /// Sends a buffer of whole `piece` messages together with what else there is to say to that peer.
    func send(_ blocks: ByteBuffer, payload: Int, to peer: PeerKey) {
        guard let link = links[peer] else { return }
        link.send(blocks: blocks, payload: payload)
        if needsFlush.last !== link { needsFlush.append(link) }
    }

    // MARK: Connections

    private func disconnect(_ peer: PeerKey, _ reason: DisconnectReason) {
        if webSeeds?.dropped(peer, reason) ?? false { return }
        guard let link = links.removeValue(forKey: peer) else { return }
        if reason == .corruptData {
            continuation.yield(.notice("\(link.remote) \(reason), it is not asked again"))
        }
        link.close()
    }

    func reply(to hash: WireInfoHash, reserved: ReservedBits) -> Handshake {
        // A peer that named the v1 hash and can speak v2 is answered with the v2 hash (BEP 52).
        let isUpgrade = hash == hashes.v1?.wire && reserved.contains(.v2Upgrade)
        let answer = isUpgrade ? hashes.v2?.truncated ?? hash : hash
        return Handshake(reserved: ownReserved, infoHash: answer, peerID: ownID)
    }

    private var ownReserved: ReservedBits {
        // Only hybrids may say so: libtorrent drops a peer that does for a torrent without a v2 hash.
        let isHybrid = hashes.v1 != nil && hashes.v2 != nil
        return isHybrid ? [.extensionProtocol, .fast, .v2Upgrade] : [.extensionProtocol, .fast]
    }

    private func dial(_ address: PeerAddress) {
        guard !isClosed, !hasVanished, let hash = hashes.v1?.wire ?? hashes.v2?.truncated else { return }
        let handshake = Handshake(reserved: ownReserved, infoHash: hash, peerID: ownID)
        let link = PeerLink(
            to: address, handshake: handshake, acceptable: Set(hashes.wireHashes), delegate: core)
        link.dialer = id.rawValue
        core.transport.dial(link, delegate: core)
    }

    /// Peers of a private torrent come from nobody but its tracker (BEP 27).
    var mayUseDiscovery: Bool { preparation?.torrent.info.isPrivate != true }

    /// Connects to somebody who looks for what this host has.
    func callBack(_ address: PeerAddress) {
        let isKnown = links.values.contains { $0.remote.withPort(0) == address.withPort(0) }
        guard !isKnown, calledBack.count < Self.maximumCallBacks, calledBack.insert(address).inserted else { return }
        dial(address)
        let bound = NIOLoopBound(self, eventLoop: core.eventLoop)
        core.eventLoop.scheduleTask(in: .seconds(30)) { _ = bound.value.calledBack.remove(address) }
    }

    func opened(_ link: PeerLink, handshake: Handshake, isOwnHost: Bool) {
        guard !isClosed, !hasVanished else { return link.close() }
        let key = core.makePeerKey()
        link.tag = LinkTag(torrent: id.rawValue, peer: key.rawValue)
        links[key] = link
        wasAsked = true
        handle(
            .peerConnected(
                key,
                PeerIntroduction(
                    id: handshake.peerID, address: link.remote, isOutgoing: link.isOutgoing,
                    supportsFast: handshake.reserved.contains(.fast),
                    supportsExtensions: handshake.reserved.contains(.extensionProtocol),
                    isV2: link.infoHash == hashes.v2?.truncated, isOwnHost: isOwnHost)))
    }

    func received(_ items: [WireItem], on link: PeerLink) {
        guard let tag = link.tag else { return }
        var inputs: [PeerInput] = []
        inputs.reserveCapacity(items.count)
        var blocks: [ByteBuffer] = []
        for item in items {
            switch item {
            case .message(let message):
                // The ids for messages back to this peer are the link's business as well.
                if case .extended(.handshake(let handshake)) = message { link.peerExtensions.merge(handshake.ids) }
                inputs.append(.message(message))
            case .block(let request, let data):
                inputs.append(.block(request, slot: blocks.count))
                blocks.append(data)
            }
        }
        receive(inputs, blocks: blocks, from: PeerKey(tag.peer))
    }

    /// - Parameter blocks: the bytes of those that `inputs` name by their slots.
    func receive(_ inputs: [PeerInput], blocks: [ByteBuffer], from peer: PeerKey) {
        perform(engine.handle(.received(peer, inputs), now: .now), blocks: blocks)
    }

    func closed(_ link: PeerLink, reason: LinkEnd) {
        guard let tag = link.tag else { return }
        let key = PeerKey(tag.peer)
        links[key] = nil
        if case .violation = reason {
            handle(.peerMisbehaved(key))
        } else {
            handle(.peerDisconnected(key))
        }
    }

    func holdLinks(_ isHeld: Bool) {
        for link in links.values { link.hold(isHeld) }
        webSeeds?.hold(isHeld)
    }

    func close() {
        isClosed = true
        core.release(gathering.takeAll().reduce(0) { $0 + $1.data.readableBytes })
        for link in links.values { link.close() }
        links = [:]
        webSeeds?.close()
        // It holds the lock and the host.
        onMetadata = nil
        continuation.finish()
    }

    /// Hands something that happened on another thread to the event loop.
    func onLoop<Value: Sendable>(
        _ body: @escaping @Sendable (TransferDriver, Value) -> Void
    ) -> @Sendable (Value) -> Void {
        let bound = NIOLoopBound(self, eventLoop: core.eventLoop)
        return { value in
            bound.eventLoop.execute { body(bound.value, value) }
        }
    }
}

extension Instant {
    static var now: Instant { Instant(nanoseconds: Int64(clamping: NIODeadline.now().uptimeNanoseconds)) }
}
