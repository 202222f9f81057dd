import Metainfo
import NIOCore
import PeerWire
import Storage
import SwarmEngine
import Transport

/// The part of a host that lives on its event loop: its transfers, and which connection belongs to which.
///
/// Confined to the event loop: ``DuplexHost`` reaches it through a `NIOLoopBound`, connections call it there.
final class HostCore: PeerLinkDelegate {
    let eventLoop: any EventLoop
    let transport: PeerTransport
    let pool: DiskPool
    let checkpoints: DiskPool
    let records: ResumeStore
    var listenAddresses: [PeerAddress] = []
    private(set) var transfers: [TransferID: TransferDriver] = [:]
    private var byHash: [WireInfoHash: TransferDriver] = [:]
    private var linksWithoutTorrent: [ObjectIdentifier: PeerLink] = [:]
    private var nextTransfer = 0
    private var nextPeer = 0
    private var ticking: RepeatedTask?
    /// Bytes of blocks that storage has not taken yet, over all transfers.
    private(set) var heldBytes = 0
    private var isHolding = false

    /// Blocks wait for hashing and writing in at most this much memory; beyond it nothing more is read from peers.
    private static let holdAbove = 8 << 20
    private static let releaseBelow = 4 << 20
    /// Connections that have not named their torrent yet.
    private static let maximumUnnamed = 64
    /// Blocks that wait for a socket, over all peers that are served.
    private static let servingBudget = 12 << 20

    init(eventLoop: any EventLoop, pool: DiskPool, checkpoints: DiskPool, records: ResumeStore) {
        self.eventLoop = eventLoop
        self.pool = pool
        self.checkpoints = checkpoints
        self.records = records
        transport = PeerTransport(eventLoop: eventLoop)
    }

    func start() {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        ticking = eventLoop.scheduleRepeatedTask(initialDelay: .milliseconds(250), delay: .milliseconds(250)) { _ in
            bound.value.tick()
        }
    }

    func stop() {
        ticking?.cancel()
        for link in linksWithoutTorrent.values { link.close() }
        for driver in transfers.values { driver.close() }
    }

    // MARK: Transfers

    /// - Throws: ``TransferError`` if the torrent is there already.
    func add(hashes: InfoHashes) throws(TransferError) -> TransferDriver {
        guard !hashes.wireHashes.contains(where: { byHash[$0] != nil }) else {
            throw TransferError("cannot add the same torrent twice")
        }
        let driver = TransferDriver(id: TransferID(rawValue: nextTransfer), hashes: hashes, core: self)
        nextTransfer += 1
        transfers[driver.id] = driver
        register(driver, hashes: hashes)
        return driver
    }

    /// A torrent goes by up to two names on the wire; the second may become known late.
    func register(_ driver: TransferDriver, hashes: InfoHashes) {
        for hash in hashes.wireHashes where byHash[hash] == nil { byHash[hash] = driver }
    }

    func remove(_ id: TransferID) {
        guard let driver = transfers.removeValue(forKey: id) else { return }
        driver.close()
        byHash = byHash.filter { $0.value !== driver }
    }

    var listenPort: UInt16? { listenAddresses.first?.port }

    private func tick() {
        let served = transfers.values.reduce(0) { $0 + $1.engine.status.clients }
        let window = Self.servingBudget / max(served, 1)
        for (_, driver) in transfers.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            driver.engine.setUploadWindow(min(max(window, 64 << 10), 1 << 20))
            driver.retryIfDue()
            driver.checkpointIfDue()
            driver.handle(.tick)
        }
    }

    // MARK: Memory

    func hold(_ bytes: Int) {
        heldBytes += bytes
        if heldBytes > Self.holdAbove, !isHolding { setHolding(true) }
    }

    func release(_ bytes: Int) {
        heldBytes -= bytes
        if heldBytes < Self.releaseBelow, isHolding { setHolding(false) }
    }

    private func setHolding(_ holding: Bool) {
        isHolding = holding
        for driver in transfers.values { driver.holdLinks(holding) }
    }

    // MARK: Connections

    func makePeerKey() -> PeerKey {
        nextPeer += 1
        return PeerKey(nextPeer)
    }

    func reply(to infoHash: WireInfoHash, reserved: ReservedBits, on link: PeerLink) -> Handshake? {
        guard let driver = byHash[infoHash], linksWithoutTorrent.count < Self.maximumUnnamed else { return nil }
        linksWithoutTorrent[ObjectIdentifier(link)] = link
        return driver.reply(to: infoHash, reserved: reserved)
    }

    func opened(_ link: PeerLink, handshake: Handshake) {
        linksWithoutTorrent[ObjectIdentifier(link)] = nil
        guard let hash = link.infoHash, let driver = byHash[hash] else { return link.close() }
        driver.opened(link, handshake: handshake)
        if isHolding { link.hold(true) }
    }

    func received(_ items: [WireItem], on link: PeerLink) {
        driver(of: link)?.received(items, on: link)
    }

    func sent(payload: Int, on link: PeerLink) {
        guard let tag = link.tag else { return }
        driver(of: link)?.handle(.served(PeerKey(tag.peer), bytes: payload))
    }

    func closed(_ link: PeerLink, reason: LinkEnd) {
        linksWithoutTorrent[ObjectIdentifier(link)] = nil
        if let driver = driver(of: link) {
            driver.closed(link, reason: reason)
        } else if link.isOutgoing, let hash = link.infoHash {
            byHash[hash]?.handle(.dialFailed(link.remote))
        }
    }

    private func driver(of link: PeerLink) -> TransferDriver? {
        link.tag.flatMap { transfers[TransferID(rawValue: $0.torrent)] }
    }
}
