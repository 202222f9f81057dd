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
    let web: WebDoor?
    var listenAddresses: [PeerAddress] = []
    private(set) var transfers: [TransferID: TransferDriver] = [:]
    /// Who takes the connections that others open. The same content may be in several folders; one of them serves it.
    private var byHash: [WireInfoHash: TransferDriver] = [:]
    /// Incoming connections before the end of their handshake, in the order of their arrival.
    private var newcomers: [PeerLink] = []
    private var nextTransfer = 0
    private var nextPeer = 0
    private var ticking: RepeatedTask?
    /// What transfers that have ended had moved, payload bytes.
    private var ended = PayloadTotals()
    /// Bytes of blocks that storage has not taken yet, over all transfers.
    private(set) var heldBytes = 0
    private var isHolding = false
    private var isStopped = false
    private var ticks = 0
    private var isLooking = false

    /// Blocks wait for hashing and writing in at most this much memory; beyond it nothing more is read from peers.
    private static let holdAbove = 8 << 20
    private static let releaseBelow = 4 << 20
    /// Each costs a descriptor and says nothing until its time is up; one that arrives when there are this many takes
    /// the place of the oldest, so that silent ones keep nobody out.
    private static let maximumNewcomers = 128
    /// Connections over all torrents. Descriptors are left for newcomers, dialing and files.
    private let maximumLinks = max(64, DescriptorLimit.current - 384)
    /// Between two looks whether files are still there: three seconds.
    private static let ticksBetweenLooks = 12
    /// Blocks that wait for a socket, over all peers that are served.
    private static let servingBudget = 12 << 20

    init(eventLoop: any EventLoop, pool: DiskPool, checkpoints: DiskPool, records: ResumeStore, web: WebDoor?) {
        self.eventLoop = eventLoop
        self.pool = pool
        self.checkpoints = checkpoints
        self.records = records
        self.web = web
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
        isStopped = true
        web?.close()
        for link in newcomers { link.close() }
        for driver in transfers.values { driver.close() }
    }

    /// The end of all: files are closed and folders unlocked, even if somebody holds on to the host.
    func releaseTransfers() {
        for driver in transfers.values { driver.preparation?.store.close() }
        transfers = [:]
        byHash = [:]
    }

    // MARK: Transfers

    func add(hashes: InfoHashes) throws(TransferError) -> TransferDriver {
        guard !isStopped else { throw .hostStopped }
        let driver = TransferDriver(id: TransferID(rawValue: nextTransfer), hashes: hashes, core: self)
        nextTransfer += 1
        transfers[driver.id] = driver
        register(driver)
        return driver
    }

    /// Ends a transfer: its connections are closed, its names on the wire are free.
    func remove(_ id: TransferID) -> TransferDriver? {
        guard let driver = transfers.removeValue(forKey: id) else { return nil }
        driver.close()
        ended.add(driver.engine.status.totals)
        withdraw(driver)
        return driver
    }

    /// Nobody who asks is sent to this one any more. Another of the same content takes its place, if there is one.
    func withdraw(_ driver: TransferDriver) {
        for (hash, owner) in byHash where owner === driver { byHash[hash] = nil }
        for other in same(as: driver.hashes) where !other.hasVanished { register(other) }
    }

    /// Payload bytes since the start, over all transfers, also those that have ended.
    var totals: PayloadTotals {
        transfers.values.reduce(into: ended) { $0.add($1.engine.status.totals) }
    }

    /// Transfers of the same content, the oldest first.
    func same(as hashes: InfoHashes) -> [TransferDriver] {
        let names = Set(hashes.wireHashes)
        return transfers.values.filter { !names.isDisjoint(with: $0.hashes.wireHashes) }
            .sorted { $0.id.rawValue < $1.id.rawValue }
    }

    /// A torrent goes by up to two names on the wire, and to aria2 a hybrid goes by another; all but one may become known late.
    func register(_ driver: TransferDriver) {
        let names = driver.preparation?.torrent.info.askedNames ?? driver.hashes.wireHashes
        for name in names where byHash[name] == nil { byHash[name] = driver }
    }

    var listenPort: UInt16? { listenAddresses.first?.port }

    private func tick() {
        ticks += 1
        if ticks % Self.ticksBetweenLooks == 0 { lookAtContent() }
        // Hundreds of shares that nobody asks for cost nothing.
        let active = transfers.values.filter { !$0.isIdle }.sorted { $0.id.rawValue < $1.id.rawValue }
        let served = active.reduce(0) { $0 + $1.engine.status.clients }
        let window = Self.servingBudget / max(served, 1)
        for driver in active {
            driver.engine.setUploadWindow(min(max(window, 64 << 10), 2 << 20))
            driver.retryIfDue()
            driver.checkpointIfDue()
            driver.storeOld()
            driver.handle(.tick)
            driver.webSeeds?.tick()
        }
    }

    /// Whether what is served and fetched is still there. Not done by those who hash and write: a disk that does not
    /// answer holds up nobody but whoever looks.
    private func lookAtContent() {
        let content = transfers.values.compactMap(\.watched)
        guard !isLooking, !isStopped, !content.isEmpty else { return }
        isLooking = true
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        checkpoints.submit(affinity: 0) {
            let gone = content.filter { $0.look() }.map(\.id)
            bound.eventLoop.execute {
                bound.value.isLooking = false
                for id in gone { bound.value.transfers[id]?.vanished() }
            }
        }
    }

    /// Heard on the local network (BEP 14). A seeder calls back, since those who look may have missed its own call.
    func heard(of peer: PeerAddress, for hash: WireInfoHash) {
        guard let driver = byHash[hash], driver.mayUseDiscovery else { return }
        if driver.phase == .complete {
            driver.callBack(peer)
        } else {
            driver.handle(.discovered([peer], from: .exchange))
        }
    }

    // MARK: Memory

    func hold(_ bytes: Int) {
        heldBytes += bytes
        if heldBytes > Self.holdAbove, !isHolding { setHolding(true) }
    }

    /// Whether blocks should rather be written than wait for the rest of their pieces.
    var isMemoryShort: Bool { heldBytes >= Self.releaseBelow }

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

    func arrived(_ link: PeerLink) {
        guard !isStopped else { return link.close() }
        if newcomers.count >= Self.maximumNewcomers { newcomers.first?.close() }
        newcomers.append(link)
    }

    func reply(to infoHash: WireInfoHash, reserved: ReservedBits, on link: PeerLink) -> Handshake? {
        byHash[infoHash]?.reply(to: infoHash, reserved: reserved)
    }

    func opened(_ link: PeerLink, handshake: Handshake) {
        newcomers.removeAll { $0 === link }
        guard let driver = dialer(of: link) ?? link.infoHash.flatMap({ byHash[$0] }) else { return link.close() }
        let count = transfers.values.reduce(0) { $0 + $1.links.count }
        guard count < maximumLinks else { return link.close() }
        driver.opened(link, handshake: handshake, isOwnHost: isOwn(handshake.peerID, at: link.remote))
        if isHolding { link.hold(true) }
    }

    /// Whether the other end is a transfer of this host. Whoever names an identity that it was told is not believed unless
    /// it is on this computer.
    private func isOwn(_ id: PeerID, at remote: PeerAddress) -> Bool {
        guard remote.isLoopback || listenAddresses.contains(where: { $0.ipText == remote.ipText }) else { return false }
        return transfers.values.contains { $0.ownID == id }
    }

    func received(_ items: [WireItem], on link: PeerLink) {
        driver(of: link)?.received(items, on: link)
    }

    func sent(payload: Int, on link: PeerLink) {
        guard let tag = link.tag else { return }
        driver(of: link)?.handle(.served(PeerKey(tag.peer), bytes: payload))
    }

    func closed(_ link: PeerLink, reason: LinkEnd) {
        newcomers.removeAll { $0 === link }
        if let driver = driver(of: link) {
            driver.closed(link, reason: reason)
        } else if let driver = dialer(of: link) {
            driver.handle(.dialFailed(link.remote))
        }
    }

    private func dialer(of link: PeerLink) -> TransferDriver? {
        link.dialer.flatMap { transfers[TransferID(rawValue: $0)] }
    }

    private func driver(of link: PeerLink) -> TransferDriver? {
        link.tag.flatMap { transfers[TransferID(rawValue: $0.torrent)] }
    }
}
