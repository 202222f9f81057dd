import Metainfo
import NIOCore
import PeerWire
import Storage
import SwarmEngine

/// A transfer's way from a link to a verified file, and what is remembered of it on the way.
extension TransferDriver {
    // MARK: Beginning

    func metadataReceived(_ info: TorrentInfo) {
        // Where the description was known from the start, peers may give it all the same until the files are looked through.
        guard phase == .metadata else { return }
        hashes = info.hashes
        core.register(self)
        continuation.yield(.metadata(info))
        phase = .checking
        onMetadata?(info)
        onMetadata = nil
    }

    /// Storage is ready: the engine begins.
    func activate(_ preparation: Preparation) {
        guard !isClosed else { return preparation.store.close() }
        let info = preparation.torrent.info
        self.preparation = preparation
        hashes = info.hashes
        core.register(self)
        let progress = TransferProgress(info: info, selection: preparation.selection, have: preparation.have)
        self.progress = progress
        phase = .fetching
        for notice in preparation.notices { continuation.yield(.notice(notice)) }
        var wanted = PieceSet(capacity: info.layout.pieceCount)
        for file in info.files.indices
        where !preparation.isServedOnly && preparation.selection.contains(FileIndex(file)) {
            for piece in info.layout.pieces(of: FileIndex(file)) { wanted.insert(PieceIndex(piece)) }
        }
        handle(
            .activated(
                Activation(
                    info: info, layers: preparation.torrent.pieceLayers, have: preparation.have, wanted: wanted)))
        guard preparation.lock != nil, !preparation.torrent.webSeeds.isEmpty else { return }
        webSeeds = WebSeeds(preparation.torrent.webSeeds, of: info, driver: self)
        webSeeds?.tick()
    }

    func layersReceived(_ layers: PieceLayers) {
        guard let preparation else { return }
        let info = preparation.torrent.info
        for file in info.files {
            guard let root = file.piecesRoot, let layer = layers[root] else { continue }
            // They were proven hash by hash already; this cannot fail.
            try? self.preparation?.torrent.pieceLayers.insert(
                layer, root: root, fileLength: file.length, pieceLength: info.pieceLength)
        }
        if let known = self.preparation?.torrent.pieceLayers { preparation.store.setPieceLayers(known) }
    }

    // MARK: End

    func completed() {
        guard let preparation, let progress else { return }
        // What is only offered is complete from the start, and was finished by whoever made it.
        guard preparation.lock != nil else {
            phase = .complete
            return
        }
        let total = progress.total
        let path = preparation.directory + "/" + preparation.rootName
        let report = onLoop { (driver: TransferDriver, error: StorageError?) in
            if let error { return driver.pause(error) }
            guard !driver.hasVanished else { return }
            driver.phase = .complete
            let seconds = Double((NIODeadline.now() - driver.startedAt).nanoseconds) / 1e9
            driver.continuation.yield(.done(path: path, bytes: total, seconds: seconds))
            driver.checkpoint()
        }
        let store = preparation.store
        core.pool.submit(affinity: 0) {
            do throws(StorageError) {
                try store.finish()
                // From now on it is the user's: what is edited is not served to others.
                store.holdToStamps()
                report(nil)
            } catch {
                report(error)
            }
        }
    }

    // MARK: Resume state

    private static let checkpointTime = TimeAmount.seconds(5)

    /// Files that became complete are recorded together, not more often than every few seconds.
    func checkpointIfDue() {
        let completed = progress?.takeCompletedFiles() ?? 0
        if completed > 0, nextCheckpoint == nil { nextCheckpoint = .now() + Self.checkpointTime }
        guard let due = nextCheckpoint, due <= .now() else { return }
        checkpoint()
    }

    private func checkpoint() {
        nextCheckpoint = nil
        // A clean stop writes a better one, which this must not overtake.
        guard !isClosed, !isSaving, let save = saving(isClean: false) else { return }
        isSaving = true
        let done = onLoop { (driver: TransferDriver, _: Bool) in driver.isSaving = false }
        core.checkpoints.submit(affinity: 0) {
            save()
            done(true)
        }
    }

    /// The work of saving what is known now; nil for what is only offered. To be run where blocking is allowed.
    func saving(isClean: Bool) -> (@Sendable () -> Void)? {
        guard let preparation, let progress, preparation.lock != nil else { return nil }
        let totals = engine.status.totals
        let record = ResumeRecord(
            torrent: preparation.torrent, directory: preparation.directory, rootName: preparation.rootName,
            wanted: preparation.selection.files, stamps: [], verified: progress.bitfield,
            downloaded: preparation.downloadedBefore + totals.downloaded,
            uploaded: preparation.uploadedBefore + totals.uploaded, isClean: isClean)
        let complete = preparation.torrent.info.files.indices.map { progress.isComplete(FileIndex($0)) }
        let (store, records) = (preparation.store, core.records)
        return {
            // Without stable storage no stamp may say that a file is as recorded: it is hashed again next time.
            let isDurable = (try? store.synchronize()) != nil
            var record = record
            // Once all was whole, as it was then: what the user has changed since is not what was verified.
            let stamps = zip(store.promisedStamps, store.stamps()).map { $0 ?? $1 }
            // A file that is still written to changes between the set of pieces and its stamp, unless all has stopped.
            record.stamps = stamps.indices.map { isDurable && (isClean || complete[$0]) ? stamps[$0] : nil }
            if isClean, isDurable {
                record.spillStamp = FileStamp(
                    path: records.spillPath(hashes: record.torrent.info.hashes, directory: record.directory))
            }
            // A record that cannot be saved costs hashing next time, nothing else.
            try? records.save(record)
        }
    }

    // MARK: What a user sees

    var status: TransferStatus {
        let swarm = engine.status
        return TransferStatus(
            name: preparation?.rootName, phase: phase,
            done: phase == .checking ? checkedBytes : progress?.done ?? 0, total: progress?.total ?? 0,
            downRate: Int64(swarm.downloadRate), upRate: Int64(swarm.uploadRate),
            downloaded: swarm.totals.downloaded, uploaded: swarm.totals.uploaded, copied: swarm.totals.copied,
            peers: swarm.peers, webSeeds: swarm.webSeeds, clients: swarm.clients,
            partners: engine.traffic.map {
                PartnerTraffic(
                    address: $0.name, wire: $0.webSeed == nil ? .peer : .http, downloaded: $0.downloaded,
                    uploaded: $0.uploaded)
            })
    }
}
