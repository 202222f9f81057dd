import Metainfo
import NIOCore
import Synchronization

/// A block as it came from a peer.
public struct IncomingBlock: Sendable {
    public let piece: PieceIndex
    /// A multiple of 16,384.
    public let begin: Int
    /// Exactly as many bytes as `layout.blockSize` says, without what a v2 peer sends past the end of the file.
    public let data: ByteBuffer

    public init(piece: PieceIndex, begin: Int, data: ByteBuffer) {
        self.piece = piece
        self.begin = begin
        self.data = data
    }
}

/// What became of a piece.
public enum BlockOutcome: Sendable, Equatable {
    /// All of it is written, and its hashes are right.
    case verified(PieceIndex)
    /// All of it is written, and its hashes are wrong. The SHA-256 of each block, as it is on disk, tells which one
    /// when compared with the leaves of the torrent or with what another peer sends. The piece takes no more blocks
    /// until ``ContentStore/forget(piece:)`` or ``ContentStore/resetBlocks(piece:blocks:)``.
    case failed(PieceIndex, blockHashes: [MerkleHash])
    /// Some blocks of the piece could not be written, or it could not be read back. What the blocks held is lost; call
    /// ``ContentStore/forget(piece:)`` before it is fetched again.
    case failedToStore(PieceIndex, StorageError)
}

/// One torrent's content on disk: takes blocks, hashes and writes them, verifies whole pieces, reads blocks for upload.
///
/// All work is done on the workers of a ``DiskPool``; the calls with a completion return at once and may come from any
/// thread. The completion runs on a worker. The calls without one (``finish()``, ``synchronize()``, ``stamps()``)
/// wait for the disk: not for an event loop.
///
/// A torrent of one file is DIRECTORY/NAME, any other is below DIRECTORY/NAME/. Files appear when their first block is
/// written, at full length, sparse. Padding (BEP 47) is never written. No link is followed below the directory.
public final class ContentStore: Sendable {
    public let info: TorrentInfo
    let pool: DiskPool
    let folder: ContentFolder
    let verifier: PieceVerifier
    let workers: [PieceWorker]
    let verified: Mutex<PieceSet>
    /// See ``holdToStamps()``; empty if files may change.
    let promised = Mutex<[FileStamp?]>([])
    /// So that the first pieces of many small torrents do not all meet on the first worker.
    private let spread: Int

    /// Looks whether the directory is there; touches nothing.
    ///
    /// - Parameters:
    ///   - directory: where the user wants the torrent; must exist.
    ///   - rootName: the name below it, if it is not the torrent's own.
    ///   - wanted: the files to create; nil for all. Bytes of other files, which pieces at their edges bring along, go
    ///     to `spill`.
    ///   - spill: path of that side file, made when it is needed, in a folder that exists.
    ///   - separatesLinks: whether a file that has other names elsewhere (hard links) is given its own copy before
    ///     anything is written to it. For content that was put together from files of the user's.
    ///   - files: open files are kept here; one table can serve all stores of a process.
    public init(
        info: TorrentInfo, directory: String, rootName: String? = nil, wanted: Set<FileIndex>? = nil,
        spill: String? = nil, separatesLinks: Bool = false, pool: DiskPool, files: FileTable = FileTable()
    ) throws(StorageError) {
        if let rootName {
            let isUnsafe =
                rootName.isEmpty || rootName == "." || rootName == ".."
                || rootName.utf8.contains { $0 == 0x2F || $0 == 0 }
            if isUnsafe {
                throw StorageError(kind: .invalid("\(rootName) is not the name of a file"), path: directory)
            }
        }
        self.info = info
        self.pool = pool
        folder = ContentFolder(
            info: info, directory: directory, rootName: rootName, wanted: wanted, spill: spill,
            separatesLinks: separatesLinks, table: files)
        verifier = PieceVerifier(info: info)
        workers = (0..<pool.workerCount).map { _ in PieceWorker() }
        verified = Mutex(PieceSet(capacity: info.layout.pieceCount))
        spread = info.hashes.wireHashes.first?.bytes.first.map(Int.init) ?? 0
        _ = try folder.openFolder([], create: false)
    }

    /// Sets the hashes of v2 pieces. They can become known late, when only a magnet link was there; the ones of a piece
    /// must be known before its last block is written.
    public func setPieceLayers(_ layers: PieceLayers) {
        verifier.setPieceLayers(layers)
    }

    /// Takes pieces as good that were verified earlier: blocks for them are dropped from now on.
    public func setVerified(_ pieces: some Sequence<PieceIndex>) {
        verified.withLock { verified in
            for piece in pieces { verified.insert(piece) }
        }
    }

    /// Drops what is known about a piece, which will be written again from the first block.
    public func forget(piece: PieceIndex) {
        submit(piece) { [self] worker in
            verified.withLock { _ = $0.remove(piece) }
            workers[worker].state.withLock { $0.assemblies[piece.rawValue] = nil }
        }
    }

    /// Some blocks of a piece will be written again; the others stay as they are on disk.
    public func resetBlocks(piece: PieceIndex, blocks: [Int]) {
        guard (0..<info.layout.pieceCount).contains(piece.rawValue) else { return }
        submit(piece) { [self] worker in
            verified.withLock { _ = $0.remove(piece) }
            workers[worker].state.withLock { state in
                if let assembly = state.assemblies[piece.rawValue] {
                    assembly.reset(blocks)
                } else {
                    let assembly = PieceAssembly(piece: piece, in: info)
                    assembly.assumeStored(except: blocks)
                    state.assemblies[piece.rawValue] = assembly
                }
            }
        }
    }

    /// Creates empty files and links, and checks that every other wanted file is there with its full length and its
    /// executable bit. To be called when all wanted pieces are verified.
    public func finish() throws(StorageError) {
        try folder.finish()
    }

    /// Puts everything written since the last call on stable storage, names included. Pieces reported as verified
    /// before the call survive a power failure after it.
    public func synchronize() throws(StorageError) {
        try folder.synchronize()
    }

    /// What tells for each file of the torrent, unread, whether it was changed; nil for padding, links, files not
    /// wanted and files that are not there. Files seen here and missing later are reported, not made anew.
    public func stamps() -> [FileStamp?] {
        folder.stamps()
    }

    /// From now on a file that is not as it is at this moment is not read for upload: ``StorageError/Kind/changed``.
    ///
    /// For content that somebody may edit while it is offered. Wrong blocks would get this host banned by those who
    /// fetch them.
    public func holdToStamps() {
        hold(to: folder.stamps())
    }

    /// The same for the stamps of an earlier moment, one for each file of the torrent; nil for those that may change. A
    /// file that gets its own copy to be written to (`separatesLinks`) is let off.
    public func hold(to stamps: [FileStamp?]) {
        promised.withLock { $0 = stamps }
    }

    /// One for each file of the torrent; nil where nothing was promised.
    public var promisedStamps: [FileStamp?] {
        let stamps = promised.withLock { $0 }
        return info.files.indices.map { stamps.indices.contains($0) ? stamps[$0] : nil }
    }

    /// Where a file of the torrent is or will be.
    public func path(of file: FileIndex) -> String {
        folder.path(of: file)
    }

    /// Closes files that were deleted while they were open, so that the disk has their space back. Blocks.
    public func closeDeleted() {
        folder.closeDeleted(movedToo: false)
    }

    /// Closes all files and folders until they are needed again. A disk with an open one cannot be unmounted.
    public func closeFiles() {
        folder.table.removeAll(store: folder.number)
    }

    /// Looks whether all that was here was deleted or moved away, and closes what is not at its place any more. Blocks;
    /// cheap enough to be called every few seconds.
    public func isGone() -> Bool {
        folder.closeDeleted(movedToo: true)
        return folder.isGone()
    }

    /// Closes the files. Jobs that still run end with ``StorageError/Kind/closed``.
    public func close() {
        folder.close()
    }

    // MARK: - Workers

    func worker(of piece: PieceIndex) -> Int {
        pool.worker(of: piece.rawValue &+ spread)
    }

    func submit(_ piece: PieceIndex, _ job: @escaping @Sendable (_ worker: Int) -> Void) {
        let worker = worker(of: piece)
        pool.submit(affinity: worker) { job(worker) }
    }
}
