import Metainfo
import NIOCore
import PeerWire
import Storage
import SwarmEngine
import Synchronization
import Transport

extension DuplexHost {
    /// Begins or goes on to fetch into a folder, which must exist. What is there is served until the host is stopped.
    ///
    /// - Parameters:
    ///   - peers: where to ask first, beside those in the link.
    ///   - rootName: what to call it in the folder, if not by the torrent's own name.
    ///   - globs: patterns of the files to fetch; empty for all.
    /// What this host has in another folder already comes from there.
    ///
    /// - Throws: ``TransferError`` if this host shares it from the same folder, `TransferLock.LockError` if it is being
    ///   fetched into the same folder.
    public func fetch(
        _ source: FetchSource, into directory: String, rootName: String? = nil, peers: [PeerAddress],
        select globs: [String]
    ) async throws -> TransferID {
        let here = try await othersHere(like: source.hashes, directory, rootName)
        let lock = try TransferLock(state, hashes: source.hashes, directory: directory)
        var known: Torrent?
        var numbers: [ClosedRange<Int>]?
        var addresses = here.isEmpty ? peers : here
        var webSeeds: [String] = []
        switch source {
        case .torrent(let torrent): known = torrent
        case .magnet(let link):
            numbers = link.selectedFiles
            if here.isEmpty {
                addresses += link.peers.compactMap { PeerAddress(parsing: $0) }.flatMap(Self.withEveryZone)
            }
            // The description may be known from an earlier run.
            let (records, hashes) = (preparer.records, source.hashes)
            let found = await pool.value { records.load(hashes: hashes, directory: directory) }
            if case .record(let record) = found { known = record.torrent }
            webSeeds = link.webSeeds
            let recorded = known?.webSeeds ?? []
            known?.webSeeds += webSeeds.filter { !recorded.contains($0) }
        }
        let request = FetchRequest(
            directory: directory, rootName: rootName, patterns: globs, numbers: numbers, lock: lock)
        let expanded = addresses.flatMap(Self.withZones)
        let hashes = known?.info.hashes ?? source.hashes
        let (describing, linked) = (known, webSeeds)
        return try await runUnlessStopped { [self] core in
            let driver = try core.add(hashes: hashes)
            if let describing {
                driver.phase = .checking
                prepareInBackground(describing, request, for: driver.id)
            } else {
                driver.onMetadata = { info in
                    self.prepareInBackground(Torrent(info: info, webSeeds: linked), request, for: driver.id)
                }
            }
            driver.handle(.discovered(expanded, from: .given))
            return driver.id
        }
    }

    private struct FetchRequest: Sendable {
        let directory: String
        let rootName: String?
        let patterns: [String]
        let numbers: [ClosedRange<Int>]?
        let lock: TransferLock
    }

    /// Where this host itself can be asked for content that it has in another folder.
    ///
    /// - Throws: ``TransferError`` if it shares just what is at that place: a fetch would repair what its owner edits.
    private func othersHere(
        like hashes: InfoHashes, _ directory: String, _ rootName: String?
    ) async throws -> [PeerAddress] {
        try await runUnlessStopped { core in
            let same = core.same(as: hashes)
            for driver in same {
                guard let preparation = driver.preparation, preparation.lock == nil else { continue }
                let name = rootName ?? preparation.torrent.info.name
                if preparation.directory == directory, preparation.rootName == name {
                    throw TransferError.isThereAlready
                }
            }
            return same.isEmpty ? [] : Array(core.listenAddresses.prefix(1))
        }
    }

    private func prepareInBackground(_ torrent: Torrent, _ request: FetchRequest, for id: TransferID) {
        life.withLock { life in
            guard life.stopping == nil else { return }
            life.preparing[id] = Task {
                await prepareAndTell(torrent, request, for: id)
                self.life.withLock { $0.preparing[id] = nil }
            }
        }
    }

    private func prepareAndTell(_ torrent: Torrent, _ request: FetchRequest, for id: TransferID) async {
        do {
            try await prepare(torrent, request, for: id)
        } catch {
            guard !Task.isCancelled else { return }
            let message = "\(error)"
            try? await run { core in
                core.transfers[id]?.phase = .paused(message: message)
                core.transfers[id]?.continuation.yield(.failed(message: message))
            }
        }
    }

    private func prepare(_ torrent: Torrent, _ request: FetchRequest, for id: TransferID) async throws {
        let report: @Sendable (Int64) -> Void = { [core] bytes in
            core.eventLoop.execute { core.value.transfers[id]?.checkedBytes = bytes }
        }
        let preparation = try await preparer.fetch(
            torrent, into: request.directory, rootName: request.rootName, patterns: request.patterns,
            numbers: request.numbers,
            lock: request.lock, progress: report)
        // Recorded before the first byte is written: what is found there later is known to be ours.
        let records = preparer.records
        do {
            let record = ResumeRecord(
                torrent: preparation.torrent, directory: preparation.directory, rootName: preparation.rootName,
                wanted: preparation.selection.files, stamps: preparation.recordedStamps,
                verified: preparation.have.bitfield,
                downloaded: preparation.downloadedBefore, uploaded: preparation.uploadedBefore)
            try await pool.value { Result { () throws(StorageError) in try records.save(record) } }.get()
            try await run { core in
                guard let driver = core.transfers[id] else { return preparation.store.close() }
                driver.activate(preparation)
            }
        } catch {
            preparation.store.close()
            throw error
        }
    }
}
