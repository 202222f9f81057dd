import Metainfo
import NIOCore
import NIOPosix
import PeerWire
import Storage
import SwarmEngine
import Synchronization
import Transport

/// A whole host: its shares and transfers, the hosts that it knows, discovery, and the API by which commands and pages
/// use it.
///
/// A lasting host (`duplex up`) owns its state directory, remembers what it shares and fetches, and listens at a control
/// socket. One that is not runs inside a command for as long as that lasts, and remembers nothing but how to resume.
public actor HostService {
    public nonisolated let host: DuplexHost
    public nonisolated let state: StateDirectory
    /// Where a lasting host takes commands.
    public nonisolated let controlSocket: String?

    let identity: HostIdentity
    let hub: EventHub
    let catalogue: Catalogue
    let directory: HostDirectory
    let shares: ShareKeeper
    let fetches: FetchKeeper
    let eventLoop: any EventLoop
    private let group: MultiThreadedEventLoopGroup
    /// Nil for a host that remembers nothing, and for one that was stopped.
    private var lock: HostLock?
    var isLasting: Bool { lock != nil }
    private var control: (any Channel)?
    var settings: HostSettings
    /// What others see; another than the one of the settings if somebody had that already.
    var name: String
    let started = ContinuousClock.now
    var troubles: [String: String] = [:]
    private var background: [Task<Void, Never>] = []
    /// By the names of hosts that are looked up.
    var seeking: [String: Task<Void, Never>] = [:]
    var isStopping = false
    private var isPublishing = false
    private var publicationsWanted = 0
    private var published = 0
    var network: NetworkPresence?
    var web: WebSide?
    var pages: WebService?
    var owner: WebSide?
    var ownerPages: OwnerService?
    let webFigures = WebFigures()
    let commandDownloads = CommandDownloads()
    var watcher: FolderWatcher?
    var roleMemory = RoleMemory()

    private init(
        host: DuplexHost, state: StateDirectory, identity: HostIdentity, hub: EventHub, catalogue: Catalogue,
        shares: ShareKeeper, fetches: FetchKeeper, directory: HostDirectory, group: MultiThreadedEventLoopGroup,
        lock: HostLock?, settings: HostSettings
    ) {
        self.host = host
        self.state = state
        self.identity = identity
        self.hub = hub
        self.catalogue = catalogue
        self.shares = shares
        self.fetches = fetches
        self.directory = directory
        self.group = group
        self.lock = lock
        self.settings = settings
        eventLoop = group.next()
        name = settings.name
        controlSocket = lock == nil ? nil : state.controlSocket
    }

    /// Starts a host; when this returns it takes connections and offers what it offered before.
    ///
    /// - Throws: `HostLock.LockError` if another host uses the state, `StorageError` if the state cannot be used,
    ///   `ListenError` if it cannot take connections where it should.
    public static func start(
        _ settings: HostSettings, state: StateDirectory, isLasting: Bool
    ) async throws -> HostService {
        let lock = isLasting ? try HostLock(state) : nil
        let identity = isLasting ? try HostIdentity.load(state) : HostIdentity.fresh()
        let pool = DiskPool()
        let catalogue = Catalogue(pool: pool)
        let host = try await DuplexHost.start(
            HostConfiguration(listen: settings.listen, state: state, web: catalogue), pool: pool)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let hub = EventHub()
            let directory = HostDirectory(ownKey: identity.hexadecimal, eventLoop: group.next(), hub: hub)
            let shares = try ShareKeeper(host: host, state: state, identity: identity, hub: hub, isLasting: isLasting)
            let fetches = try FetchKeeper(
                host: host, state: state, hub: hub, directory: directory, eventLoop: group.next(), isLasting: isLasting)
            let service = HostService(
                host: host, state: state, identity: identity, hub: hub, catalogue: catalogue, shares: shares,
                fetches: fetches, directory: directory, group: group, lock: lock, settings: settings)
            do {
                try await service.begin()
            } catch {
                await service.stop()
                throw error
            }
            return service
        } catch {
            await host.stop()
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private func begin() async throws {
        let changed: @Sendable () async -> Void = { [weak self] in await self?.publish() }
        if lock != nil || settings.watchesShares { watcher = FolderWatcher(shares: shares) }
        await shares.start(watcher: watcher, changed: changed)
        await fetches.start(changed: changed)
        var remarks = await shares.restore()
        remarks += await fetches.restore()
        if identity.isInstead {
            remarks.append(
                "the key of this host was damaged and set aside, it has a new one, whoever follows its shares has to fetch them "
                    + "anew")
        }
        for remark in remarks { note(remark, about: remark) }
        try await startWeb()
        await publishNow()
        if lock != nil {
            state.removeOpener()
            try state.prepareControlSocket()
            control = try await HTTPServer.listen(
                atSocket: state.controlSocket, service: ControlAPI(self), limits: HTTPLimits(body: 256 << 20),
                on: eventLoop)
        }
        let (suspect, found) = (suspicion, finding)
        await directory.start(
            suspect: suspect, heard: found, ownAddresses: { [host] in host.listenAddresses }, isVisible: isVisible)
        catalogue.listen { [directory] address in Task { await directory.asked(by: address) } }
        await takeGivenHosts()
        if settings.discovery { await startDiscovery() }
        if lock != nil {
            background.append(Task { [shares] in await shares.catchUp() })
            background.append(Task { [fetches] in await fetches.beginRestored() })
        }
        background.append(Task { [weak self] in await self?.tellStatus() })
    }

    private var suspicion: @Sendable (String) -> Void {
        { [weak self] instance in Task { await self?.network?.reconfirm(instance) } }
    }

    private var finding: @Sendable (HostModel, HostDocument) -> Void {
        { [fetches] model, document in Task { await fetches.heard(of: model, document) } }
    }

    /// Tells the network that this host goes, saves what later runs need, closes everything.
    public func stop() async {
        guard !isStopping else { return }
        isStopping = true
        for task in background { task.cancel() }
        // Not waited for: a name server may not answer for long.
        stopSeeking()
        await network?.stop()
        hub.close()
        try? await control?.close().get()
        await stopWeb()
        if lock != nil {
            state.removeControlSocket()
            state.removeOpener()
        }
        watcher?.stop()
        await directory.stop()
        await fetches.stop()
        await shares.stop()
        for task in background { await task.value }
        await host.stop()
        try? await group.shutdownGracefully()
        // Only now may another host use the state.
        lock = nil
    }

    // MARK: What the network sees

    /// Brings everything that others can see up to date. Those who want that while it is being done wait for the next
    /// time together.
    func publish() async {
        publicationsWanted += 1
        let ticket = publicationsWanted
        while published < ticket, !isStopping {
            guard !isPublishing else {
                try? await Task.sleep(for: .milliseconds(5))
                continue
            }
            isPublishing = true
            let reached = publicationsWanted
            await publishNow()
            published = reached
            isPublishing = false
        }
    }

    private func publishNow() async {
        let offers = await shares.publicOffers
        let document = await ownDocument()
        let hashes = await announced(offers)
        guard !isStopping else { return }
        catalogue.publish(document, offers: offers)
        await publishWeb(offers)
        network?.offer(hashes: hashes, revision: document.revision)
    }

    private func announced(_ offers: [String: Catalogue.Offer]) async -> [WireInfoHash] {
        let own = offers.values.filter { !$0.torrent.info.isPrivate }.flatMap { $0.torrent.info.hashes.wireHashes }
        return Array(Set(own + (await fetches.publicHashes)))
    }

    private func ownDocument() async -> HostDocument {
        let rows = await shares.documentRows
        let missing = Array(await shares.missing.prefix(ListLimit.rows))
        return HostDocument(
            name: name, key: identity.hexadecimal, roles: await roles(), load: SystemLoad.current,
            shares: Array(rows.prefix(ListLimit.rows)), truncated: rows.count > ListLimit.rows,
            hosts: await directory.answeringAddresses, web: web?.port, missing: missing.isEmpty ? nil : missing)
    }

    func renamed(to name: String) async {
        self.name = name
        note("the name \(settings.name) is taken on this network, this host is called \(name)", about: "name")
        await publish()
    }

    // MARK: Settings

    /// Takes over what can be changed while running: the name and the hosts to ask. The listen address stays.
    public func reload(_ new: HostSettings) async {
        let before = settings
        settings = new
        if new.listen != before.listen {
            note("another listen address is used after a restart", about: "listen")
            settings.listen = before.listen
        }
        if new.web != before.web || new.owner != before.owner {
            note("another address for browsers is used after a restart", about: "web")
            (settings.web, settings.owner) = (before.web, before.owner)
        }
        if new.webLimits != before.webLimits {
            note("other limits of the pages (settings web-…) are used after a restart", about: "web limits")
            settings.webLimits = before.webLimits
        }
        pages?.showMetrics(at: settings.metrics)
        ownerPages?.showMetrics(at: settings.metrics)
        if new.name != before.name {
            name = new.name
            troubles["name"] = nil
            network?.rename(to: new.name)
        }
        await pages?.uploads.use(new.uploads)
        await takeGivenHosts()
        if new.discovery != before.discovery {
            if new.discovery { await startDiscovery() } else { await stopDiscovery() }
        }
        await publish()
    }

    // MARK: Looking

    func note(_ message: String, about topic: String) {
        troubles[topic] = message
        hub.publish(.notice(NoticeModel(message: message)))
    }

    /// The picture of the whole, once a second for those who watch; and the document that others ask for.
    private func tellStatus() async {
        var round = 0
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(1))
            round += 1
            await noteRoles()
            if hub.hasListeners { hub.publish(.status(await status())) }
            if round % 2 == 0 { await publishNeighbours() }
            // Roles and load change by themselves.
            if round % 60 == 0 { await sweepUploads() }
            if round % 5 == 0 { await fetches.askOwners() }
            if round % 10 == 0 { await publishDocument() }
        }
    }

    /// The document alone. What was published while it was made is newer than it is.
    private func publishDocument() async {
        let before = published
        let document = await ownDocument()
        if before == published, !isPublishing, !isStopping { catalogue.publish(document) }
    }
}
