import Metainfo
import NIOCore
import NIOPosix
import PeerWire
import Storage
import SwarmEngine
import Synchronization
import Transport

/// A running host: takes and opens connections, offers and fetches, until it is stopped.
///
/// Safe to call from anywhere; the work is done on its one event loop and on the workers of its disk pool.
public final class DuplexHost: Sendable {
    /// Where others can reach this host: the address that was asked for, or each one that is not loopback.
    public let listenAddresses: [PeerAddress]
    /// All file work and hashing of this host.
    public let pool: DiskPool

    let group: MultiThreadedEventLoopGroup
    private let eventLoop: any EventLoop
    let core: NIOLoopBound<HostCore>
    let server: any Channel
    let state: StateDirectory
    let preparer: Preparer
    /// Where resume records are written; waiting for stable storage holds up no transfer there.
    let checkpoints: DiskPool

    let life = Mutex(Life())

    /// What others ask of a host by HTTP has no body.
    private static let webLimits = HTTPLimits(body: 0)

    /// What goes on beside the event loop.
    struct Life {
        var stopping: Task<Void, Never>?
        /// Transfers whose files are being looked at.
        var preparing: [TransferID: Task<Void, Never>] = [:]
    }

    private init(
        group: MultiThreadedEventLoopGroup, core: NIOLoopBound<HostCore>, server: any Channel, pool: DiskPool,
        checkpoints: DiskPool, records: ResumeStore, listenAddresses: [PeerAddress], state: StateDirectory
    ) {
        self.group = group
        self.core = core
        self.server = server
        self.pool = pool
        self.checkpoints = checkpoints
        self.listenAddresses = listenAddresses
        self.state = state
        eventLoop = core.eventLoop
        preparer = Preparer(state: state, pool: pool, files: FileTable(), records: records)
    }

    /// Starts a host.
    ///
    /// - Parameter pool: the workers to use; they may be busy with hashing what will be shared.
    /// - Throws: `ListenError` if it cannot take connections where it should.
    public static func start(_ configuration: HostConfiguration, pool: DiskPool = DiskPool()) async throws -> DuplexHost
    {
        HeapPolicy.keepBuffers()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let eventLoop = group.next()
        let records = ResumeStore(configuration.state)
        let checkpoints = DiskPool(workers: 1)
        do {
            let core = try await eventLoop.submit {
                let core = HostCore(
                    eventLoop: eventLoop, pool: pool, checkpoints: checkpoints, records: records,
                    web: configuration.web.map { WebDoor(service: $0, limits: webLimits) })
                return NIOLoopBound(core, eventLoop: eventLoop)
            }.get()
            let server = try await listen(configuration.listen, core: core)
            let addresses = reachableAddresses(of: server.localAddress)
            try await eventLoop.submit {
                core.value.listenAddresses = addresses
                core.value.start()
            }.get()
            return DuplexHost(
                group: group, core: core, server: server, pool: pool, checkpoints: checkpoints, records: records,
                listenAddresses: addresses, state: configuration.state)
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    // MARK: Offering

    /// Offers content that was hashed before, at `directory/rootName`.
    ///
    /// - Parameter stamps: of each file when it was hashed, so that one that was edited since is not served; nil for
    ///   those that the files have now.
    public func share(
        _ torrent: Torrent, directory: String, rootName: String?, stamps: [FileStamp?]? = nil
    ) async throws -> TransferID {
        try await begin(try preparer.offer(torrent, directory: directory, rootName: rootName, stamps: stamps))
    }

    /// The same for many, in one go.
    func share(_ all: [CreatedTorrent]) async -> [Result<TransferID, any Error>] {
        let prepared = all.map { created in
            Result {
                try preparer.offer(
                    created.torrent, directory: created.directory, rootName: created.rootName, stamps: created.stamps)
            }
        }
        do {
            return try await runUnlessStopped { core in
                prepared.map { prepared in Result { try core.begin(try prepared.get()) } }
            }
        } catch {
            for case .success(let preparation) in prepared { preparation.store.close() }
            return prepared.map { _ in .failure(error) }
        }
    }

    /// Offers existing content for an existing torrent. It is checked first.
    ///
    /// - Parameter progress: bytes checked so far.
    /// - Throws: ``TransferError`` if the content is not what the torrent says.
    public func shareExisting(
        _ torrent: Torrent, directory: String, rootName: String?,
        progress: @escaping @Sendable (Int64) -> Void = { _ in }
    ) async throws -> TransferID {
        try await begin(
            try await preparer.check(torrent, directory: directory, rootName: rootName, progress: progress))
    }

    func begin(_ preparation: Preparation) async throws -> TransferID {
        do {
            return try await runUnlessStopped { try $0.begin(preparation) }
        } catch {
            preparation.store.close()
            throw error
        }
    }

    // MARK: Looking

    public func status(_ id: TransferID) async -> TransferStatus? {
        try? await runUnlessStopped { $0.transfers[id]?.status }
    }

    /// Those transfers that do something, or have sent something: of hundreds of shares the few that anybody asks for.
    public func activity() async -> [TransferID: TransferStatus] {
        let found = try? await runUnlessStopped { core in
            core.transfers.filter { !$0.value.isIdle || $0.value.hasServed }.mapValues(\.status)
        }
        return found ?? [:]
    }

    /// Since the start, over all transfers, also those that have ended.
    public func totals() async -> PayloadTotals {
        (try? await runUnlessStopped(\.totals)) ?? PayloadTotals()
    }

    /// What happens to a transfer, from its beginning. For one reader.
    public func events(_ id: TransferID) async -> AsyncStream<TransferEvent> {
        let stream = try? await runUnlessStopped { $0.transfers[id]?.events }
        return stream ?? AsyncStream { $0.finish() }
    }

    // MARK: The event loop

    func run<Value: Sendable>(_ body: @escaping @Sendable (HostCore) throws -> Value) async throws -> Value {
        try await eventLoop.submit { [core] in try body(core.value) }.get()
    }

    /// The same for callers outside, to whom a host that was stopped says so.
    func runUnlessStopped<Value: Sendable>(
        _ body: @escaping @Sendable (HostCore) throws -> Value
    ) async throws -> Value {
        guard !life.withLock({ $0.stopping != nil }) else { throw TransferError.hostStopped }
        return try await run(body)
    }
}

extension HostCore {
    fileprivate func begin(_ preparation: Preparation) throws(TransferError) -> TransferID {
        let driver = try add(hashes: preparation.torrent.info.hashes)
        driver.activate(preparation)
        return driver.id
    }
}
