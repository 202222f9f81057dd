import Metainfo
import NIOCore
import NIOPosix
import PeerWire
import Storage
import SwarmEngine
import Transport

/// A running host: takes and opens connections, offers and fetches, until it is stopped.
///
/// Safe to call from anywhere; the work is done on its one event loop and on the workers of its disk pool.
public final class DuplexHost: Sendable {
    /// Where others can reach this host: the address that was asked for, or each one that is not loopback.
    public let listenAddresses: [PeerAddress]
    /// All file work and hashing of this host.
    public let pool: DiskPool

    private let group: MultiThreadedEventLoopGroup
    private let eventLoop: any EventLoop
    private let core: NIOLoopBound<HostCore>
    private let server: any Channel
    private let state: StateDirectory
    private let preparer: Preparer
    /// Where resume records are written; waiting for stable storage holds up no transfer there.
    private let checkpoints: DiskPool

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
    public static func start(_ configuration: HostConfiguration, pool: DiskPool = DiskPool()) async throws -> DuplexHost {
        HeapPolicy.keepBuffers()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let eventLoop = group.next()
        let records = ResumeStore(configuration.state)
        let checkpoints = DiskPool(workers: 1)
        do {
            let core = try await eventLoop.submit {
                let core = HostCore(eventLoop: eventLoop, pool: pool, checkpoints: checkpoints, records: records)
                return NIOLoopBound(core, eventLoop: eventLoop)
            }.get()
            let server = try await listen(configuration.listen, core: core)
            let addresses = reachableAddresses(of: server)
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

    /// Offers content that was hashed just now, at `directory/rootName`.
    public func share(_ torrent: Torrent, directory: String, rootName: String?) async throws -> TransferID {
        let preparation = try preparer.offer(torrent, directory: directory, rootName: rootName)
        return try await run { core in
            let driver = try core.add(hashes: torrent.info.hashes)
            driver.activate(preparation)
            return driver.id
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
        let preparation = try await preparer.check(
            torrent, directory: directory, rootName: rootName, progress: progress)
        return try await run { core in
            let driver = try core.add(hashes: torrent.info.hashes)
            driver.activate(preparation)
            return driver.id
        }
    }

    // MARK: Fetching

    /// Begins or goes on to fetch into a folder, which must exist.
    ///
    /// - Parameters:
    ///   - peers: where to ask first, beside those in the link.
    ///   - globs: patterns of the files to fetch; empty for all.
    ///   - seed: whether it is served after it is complete. Without, whoever waits stops the host.
    public func fetch(
        _ source: FetchSource, into directory: String, peers: [PeerAddress], select globs: [String], seed: Bool
    ) async throws -> TransferID {
        let lock = try TransferLock(state, hashes: source.hashes, directory: directory)
        var known: Torrent?
        var numbers: [ClosedRange<Int>]?
        var addresses = peers
        switch source {
        case .torrent(let torrent): known = torrent
        case .magnet(let link):
            numbers = link.selectedFiles
            addresses += link.peers.compactMap { PeerAddress(parsing: $0) }
            // The description may be known from an earlier run.
            let (records, hashes) = (preparer.records, source.hashes)
            let found = await pool.value { records.load(hashes: hashes, directory: directory) }
            if case .record(let record) = found { known = record.torrent }
        }
        let request = FetchRequest(directory: directory, patterns: globs, numbers: numbers, lock: lock)
        let expanded = addresses.flatMap(Self.withZones)
        let hashes = known?.info.hashes ?? source.hashes
        let describing = known
        return try await run { [self] core in
            let driver = try core.add(hashes: hashes)
            if let describing {
                driver.phase = .checking
                prepareInBackground(describing, request, for: driver.id)
            } else {
                driver.onMetadata = { info in self.prepareInBackground(Torrent(info: info), request, for: driver.id) }
            }
            driver.handle(.discovered(expanded, from: .given))
            return driver.id
        }
    }

    private struct FetchRequest: Sendable {
        let directory: String
        let patterns: [String]
        let numbers: [ClosedRange<Int>]?
        let lock: TransferLock
    }

    private func prepareInBackground(_ torrent: Torrent, _ request: FetchRequest, for id: TransferID) {
        Task {
            do {
                try await prepare(torrent, request, for: id)
            } catch {
                let message = "\(error)"
                try? await run { core in
                    core.transfers[id]?.phase = .paused(message: message)
                    core.transfers[id]?.continuation.yield(.failed(message: message))
                }
            }
        }
    }

    private func prepare(_ torrent: Torrent, _ request: FetchRequest, for id: TransferID) async throws {
        let report: @Sendable (Int64) -> Void = { [core, eventLoop] bytes in
            eventLoop.execute { core.value.transfers[id]?.checkedBytes = bytes }
        }
        let preparation = try await preparer.fetch(
            torrent, into: request.directory, patterns: request.patterns, numbers: request.numbers,
            lock: request.lock, progress: report)
        // Recorded before the first byte is written: what is found there later is known to be ours.
        let records = preparer.records
        let record = ResumeRecord(
            torrent: preparation.torrent, directory: preparation.directory, rootName: preparation.rootName,
            wanted: preparation.selection.files, stamps: preparation.recordedStamps, verified: preparation.have.bitfield,
            downloaded: preparation.downloadedBefore, uploaded: preparation.uploadedBefore)
        try await pool.value { Result { () throws(StorageError) in try records.save(record) } }.get()
        try await run { core in core.transfers[id]?.activate(preparation) }
    }

    // MARK: Looking

    public func status(_ id: TransferID) async -> TransferStatus? {
        try? await run { $0.transfers[id]?.status }
    }

    /// What happens to a transfer, from its beginning. For one reader.
    public func events(_ id: TransferID) async -> AsyncStream<TransferEvent> {
        let stream = try? await run { $0.transfers[id]?.events }
        return stream ?? AsyncStream { $0.finish() }
    }

    // MARK: Stopping

    /// Closes all connections and saves what later runs need to go on.
    public func stop() async {
        try? await server.close().get()
        try? await run { $0.stop() }
        // Blocks that are on their way to disk still count: the same workers and the same loop, in order.
        await settle()
        let savings = try? await run { core in core.transfers.values.compactMap { $0.saving(isClean: true) } }
        for save in savings ?? [] { await pool.value(save) }
        try? await run { core in
            for driver in core.transfers.values { driver.preparation?.store.close() }
        }
        await settle()
        try? await group.shutdownGracefully()
    }

    /// Waits until the workers have done what was handed to them, and the loop what they reported; twice, since a
    /// report can lead to more work.
    private func settle() async {
        for _ in 0..<2 {
            for worker in 0..<pool.workerCount { await pool.drain(worker) }
            await checkpoints.drain(0)
            try? await run { _ in }
        }
    }

    private func run<Value: Sendable>(_ body: @escaping @Sendable (HostCore) throws -> Value) async throws -> Value {
        try await eventLoop.submit { [core] in try body(core.value) }.get()
    }
}

extension DiskPool {
    /// Waits until a worker has done everything that was handed to it before.
    fileprivate func drain(_ worker: Int) async {
        await withCheckedContinuation { continuation in
            submit(affinity: worker) { continuation.resume() }
        }
    }
}
