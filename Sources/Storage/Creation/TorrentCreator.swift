import Metainfo

/// Makes a torrent of a file or folder: scans it, hashes the content on all workers of a pool, builds the metainfo.
///
/// The content streams through small buffers, so memory does not grow with it. A file that changes meanwhile is an
/// error rather than a torrent that nobody can complete. One that may not be read is left out, whether that is seen when
/// the folder is scanned or when the file is opened; one that the disk does not give is an error.
public enum TorrentCreator {
    /// - Parameters:
    ///   - path: a file or a folder; the torrent is named after the last component of the resolved path.
    ///   - progress: bytes hashed so far and in all; called now and then on the pool's threads, one call at a time.
    /// - Throws: ``CreationError``; ``CreationError/cancelled`` soon after the task is cancelled.
    public static func create(
        path: String, options: CreationOptions = CreationOptions(), pool: DiskPool,
        progress: @escaping @Sendable (_ done: Int64, _ total: Int64) -> Void = { _, _ in }
    ) async throws(CreationError) -> CreatedTorrent {
        let scan = try await pool.scan(path)
        return try await create(scan, options: options, reusing: nil, pool: pool, progress: progress).created
    }

    /// - Parameter known: an earlier torrent of the same folder, to take the hashes of unchanged files from.
    /// - Returns: also the scan as the torrent has it.
    static func create(
        _ scan: FolderScan, options: CreationOptions, reusing known: ShareRecord?, pool: DiskPool,
        opening: @escaping ContentOpening = FolderScan.openContent,
        progress: @escaping @Sendable (_ done: Int64, _ total: Int64) -> Void
    ) async throws(CreationError) -> (created: CreatedTorrent, scan: FolderScan) {
        var scan = scan.asSingleFile(for: options.format)
        // Each time around with one file less at least.
        while true {
            let plan = try plan(scan, options: options, reusing: known)
            let reporter = CreationProgress(total: plan.plan.bytesToHash, report: progress)
            progress(0, plan.plan.bytesToHash)
            let run = HashRun(
                plan: plan.plan, known: plan.hashes, pool: pool, progress: reporter, opening: opening)
            let result = await run.run()
            if case .failure(.storage(let refusal)) = result, refusal.kind == .notPermitted, !scan.isSingleFile {
                let (before, candidates) = (scan, plan.plan.filesToHash)
                let rest = await pool.value {
                    before.leavingOut(refusal.path, candidates: candidates, opening: opening)
                }
                guard rest.files.count < scan.files.count else { throw .storage(refusal) }
                scan = rest.asSingleFile(for: options.format)
                continue
            }
            let torrent = try build(plan.plan, try result.get(), options)
            return (CreatedTorrent(torrent: torrent, scan: scan, hashedBytes: plan.plan.bytesToHash), scan)
        }
    }

    /// What is to be hashed, and what is known already.
    private static func plan(
        _ scan: FolderScan, options: CreationOptions, reusing known: ShareRecord?
    ) throws(CreationError) -> (plan: HashPlan, hashes: PieceHashes) {
        guard scan.totalSize > 0 else {
            throw FolderScan.nothingReadable(scan.path, scan.omitted)
                ?? .notShareable(path: scan.path, reason: CreationError.onlyEmptyFiles)
        }
        let pieceLength = try options.pieceLength(for: scan)
        let reusable = known?.reusableFiles(in: scan, format: options.format, pieceLength: pieceLength) ?? []
        let plan = HashPlan(
            scan: scan, format: options.format, pieceLength: pieceLength, skipping: reusable.map { $0 != nil })
        var hashes = PieceHashes(plan: plan)
        if let known { hashes.copy(reusable, from: known.torrent, plan: plan) }
        return (plan, hashes)
    }
}

extension DiskPool {
    /// Scans on a worker, since it blocks.
    func scan(_ path: String) async throws(CreationError) -> FolderScan {
        let cancellation = CancellationFlag()
        let result: Result<FolderScan, CreationError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                submit(affinity: 0) {
                    do throws(CreationError) {
                        let scan = try FolderScan(path: path, isCancelled: { cancellation.isSet })
                        continuation.resume(returning: .success(scan))
                    } catch {
                        continuation.resume(returning: .failure(error))
                    }
                }
            }
        } onCancel: {
            cancellation.set()
        }
        return try result.get()
    }
}
