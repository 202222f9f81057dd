import Metainfo

/// Makes a torrent of a file or folder: scans it, hashes the content on all workers of a pool, builds the metainfo.
///
/// The content streams through small buffers, so memory does not grow with it. A file that changes meanwhile is an
/// error rather than a torrent that nobody can complete.
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
        return try await create(scan, options: options, reusing: nil, pool: pool, progress: progress)
    }

    /// - Parameter known: an earlier torrent of the same folder, to take the hashes of unchanged files from.
    static func create(
        _ scan: FolderScan, options: CreationOptions, reusing known: ShareRecord?, pool: DiskPool,
        progress: @escaping @Sendable (_ done: Int64, _ total: Int64) -> Void
    ) async throws(CreationError) -> CreatedTorrent {
        let scan = scan.asSingleFile(for: options.format)
        guard scan.totalSize > 0 else {
            throw .notShareable(path: scan.path, reason: CreationError.onlyEmptyFiles)
        }
        let pieceLength = try options.pieceLength(for: scan)
        let reusable = known?.reusableFiles(in: scan, format: options.format, pieceLength: pieceLength) ?? []
        let plan = HashPlan(
            scan: scan, format: options.format, pieceLength: pieceLength, skipping: reusable.map { $0 != nil })
        var hashes = PieceHashes(plan: plan)
        if let known { hashes.copy(reusable, from: known.torrent, plan: plan) }

        let reporter = CreationProgress(total: plan.bytesToHash, report: progress)
        progress(0, plan.bytesToHash)
        let run = HashRun(plan: plan, known: hashes, pool: pool, progress: reporter)
        hashes = try await run.run()
        let torrent = try build(plan, hashes, options)
        return CreatedTorrent(torrent: torrent, scan: scan, hashedBytes: plan.bytesToHash)
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
