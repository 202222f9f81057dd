import Metainfo
import NIOCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension ContentStore {
    /// The most that one ``read(_:gap:completion:)`` gives.
    public static let maximumRead = 16 << 20

    /// Reads blocks for upload into one buffer, each preceded by `gap` bytes that `fill` turns into a header.
    ///
    /// Adjacent blocks are read by one system call. Padding and what lies past the end of a file within
    /// `layout.servableSize` are zeros; a file that was cut short is an error. Only for pieces that are verified.
    ///
    /// - Parameter fill: called on the worker with the number of each block and its gap, which holds zeros. The headers
    ///   are written here, since the buffer is not shared with anybody yet: later the writing would copy all of it.
    public func read(
        _ blocks: [BlockRequest], gap: Int,
        fill: @escaping @Sendable (Int, UnsafeMutableRawBufferPointer) -> Void = { _, _ in },
        completion: @escaping @Sendable (Result<ByteBuffer, StorageError>) -> Void
    ) {
        pool.submit(affinity: worker(of: blocks.first?.piece ?? PieceIndex(0))) { [self] in
            do throws(StorageError) {
                let buffer = try gather(blocks, gap: gap, cachedOnly: false, fill: fill)
                completion(.success(buffer ?? ByteBuffer()))
            } catch {
                completion(.failure(error))
            }
        }
    }

    /// The same at once, on the thread of the caller: for a few blocks, since their bytes are copied there.
    ///
    /// - Returns: nil if some of it is not in memory or not open, or cannot be read: ``read(_:gap:fill:completion:)`` waits
    ///   for it, or says what is wrong.
    public func readCached(
        _ blocks: [BlockRequest], gap: Int, fill: (Int, UnsafeMutableRawBufferPointer) -> Void
    ) -> ByteBuffer? {
        (try? gather(blocks, gap: gap, cachedOnly: true, fill: fill)) ?? nil
    }

    /// The SHA-256 of each block of a piece as it is on disk: to find out who sent bad data.
    public func leafHashes(
        piece: PieceIndex, completion: @escaping @Sendable (Result<[MerkleHash], StorageError>) -> Void
    ) {
        submit(piece) { [self] _ in
            do throws(StorageError) {
                completion(.success(try readLeaves(of: piece)))
            } catch {
                completion(.failure(error))
            }
        }
    }

    /// The leaves of a v2 file's hash tree (BEP 52), of a range of its blocks: to answer hash requests with base layer
    /// 0. Blocks past the end of the file are left out.
    public func leafHashes(
        file: FileIndex, blocks: Range<Int>,
        completion: @escaping @Sendable (Result<[MerkleHash], StorageError>) -> Void
    ) {
        let blocksPerPiece = max(1, info.pieceLength / PieceLayout.blockLength)
        let pieces = info.layout.pieces(of: file)
        let blocks = blocks.clamped(to: 0..<pieces.count * blocksPerPiece)
        let first = pieces.lowerBound + blocks.lowerBound / blocksPerPiece
        pool.submit(affinity: worker(of: PieceIndex(first))) { [self] in
            do throws(StorageError) {
                var leaves: [MerkleHash] = []
                for block in blocks {
                    let piece = PieceIndex(pieces.lowerBound + block / blocksPerPiece)
                    let number = block % blocksPerPiece
                    guard number < info.layout.blockCount(piece) else { break }
                    leaves.append(try leaf(of: number, in: piece))
                }
                completion(.success(leaves))
            } catch {
                completion(.failure(error))
            }
        }
    }

    // MARK: - On a worker

    func readLeaves(of piece: PieceIndex) throws(StorageError) -> [MerkleHash] {
        var leaves: [MerkleHash] = []
        for block in 0..<info.layout.blockCount(piece) { leaves.append(try leaf(of: block, in: piece)) }
        return leaves
    }

    func leaf(of block: Int, in piece: PieceIndex) throws(StorageError) -> MerkleHash {
        var leaf = MerkleHash.zero
        let begin = block * PieceLayout.blockLength
        try withBytes(of: piece, begin: begin, length: info.layout.blockSize(piece, block: block)) { bytes in
            leaf = MerkleTree.leaf(bytes)
        }
        return leaf
    }

    /// Gives bytes as they are on disk.
    func withBytes(
        of piece: PieceIndex, begin: Int, length: Int, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(StorageError) {
        var failure: StorageError?
        withUnsafeTemporaryAllocation(byteCount: max(0, length), alignment: 16) { bytes in
            do throws(StorageError) {
                try read(piece, begin: begin, into: bytes)
                body(UnsafeRawBufferPointer(bytes))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    func read(_ piece: PieceIndex, begin: Int, into bytes: UnsafeMutableRawBufferPointer) throws(StorageError) {
        var done = 0
        for segment in info.layout.segments(piece, offset: begin, length: bytes.count) {
            let part = UnsafeMutableRawBufferPointer(rebasing: bytes[done..<done + segment.length])
            if let (file, offset) = try source(segment) {
                try file.read(into: part, at: offset)
            } else {
                part.initializeMemory(as: UInt8.self, repeating: 0)
            }
            done += segment.length
        }
        guard done == bytes.count else { throw outOfRange(piece, begin, bytes.count) }
    }

    /// - Returns: nil if `cachedOnly` and not all is in memory.
    private func gather(
        _ blocks: [BlockRequest], gap: Int, cachedOnly: Bool, fill: (Int, UnsafeMutableRawBufferPointer) -> Void
    ) throws(StorageError) -> ByteBuffer? {
        let gap = max(0, gap)
        var total = 0
        for block in blocks {
            let limit = info.layout.servableSize(block.piece)
            guard block.begin >= 0, block.length > 0, block.begin <= limit, block.length <= limit - block.begin,
                gap <= Self.maximumRead, total <= Self.maximumRead - block.length - gap
            else { throw outOfRange(block.piece, block.begin, block.length) }
            total += gap + block.length
        }
        var buffer = ByteBufferAllocator().buffer(capacity: total)
        var failure: StorageError?
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: total) { bytes in
            do throws(StorageError) {
                guard try gather(blocks, gap: gap, cachedOnly: cachedOnly, into: bytes) else { return 0 }
                var start = 0
                for (number, block) in blocks.enumerated() where gap > 0 {
                    fill(number, UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + gap]))
                    start += gap + block.length
                }
                return total
            } catch {
                failure = error
                return 0
            }
        }
        if let failure { throw failure }
        return buffer.readableBytes == total ? buffer : nil
    }

    private func gather(
        _ blocks: [BlockRequest], gap: Int, cachedOnly: Bool, into bytes: UnsafeMutableRawBufferPointer
    ) throws(StorageError) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        var position = 0
        var next = 0
        while next < blocks.count {
            let first = blocks[next]
            var list = ScatterList(capacity: blocks.count - next)
            var end = first.begin
            while next < blocks.count, blocks[next].piece == first.piece, blocks[next].begin == end {
                (base + position).initializeMemory(as: UInt8.self, repeating: 0, count: gap)
                list.append(base + position + gap, count: blocks[next].length)
                position += gap + blocks[next].length
                end += blocks[next].length
                next += 1
            }
            for segment in info.layout.segments(first.piece, offset: first.begin, length: end - first.begin) {
                var vectors = list.take(segment.length)
                if cachedOnly, let index = segment.file {
                    guard folder.isWanted(index), let file = folder.opened(index),
                        try file.readCached(&vectors, at: segment.offset)
                    else { return false }
                    try checkPromise(segment, file)
                } else if let (file, offset) = try source(segment) {
                    try file.read(&vectors, at: offset)
                    try checkPromise(segment, file)
                } else {
                    for vector in vectors {
                        vector.iov_base.initializeMemory(as: UInt8.self, repeating: 0, count: vector.iov_len)
                    }
                }
            }
            guard list.byteCount == 0 else { throw outOfRange(first.piece, first.begin, end - first.begin) }
        }
        return true
    }

    /// Looked at after reading, so that what was read is what was promised.
    private func checkPromise(_ segment: FileSegment, _ file: OpenFile) throws(StorageError) {
        guard let index = segment.file?.rawValue else { return }
        let stamp = promised.withLock { $0.indices.contains(index) ? $0[index] : nil }
        guard let stamp, try FileStamp(file.status()) != stamp else { return }
        if !folder.isSeparated(index) { throw StorageError(kind: .changed, path: file.path) }
    }

    private func outOfRange(_ piece: PieceIndex, _ begin: Int, _ length: Int) -> StorageError {
        let reason = "piece \(piece) has no \(length) bytes at \(begin)"
        return StorageError(kind: .invalid(reason), path: folder.directory)
    }
}
