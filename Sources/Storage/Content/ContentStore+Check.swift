import Crypto
import Metainfo
import Synchronization

extension ContentStore {
    /// Checks what is on disk and returns the good pieces in ascending order. Ends early when the task is cancelled.
    ///
    /// Pieces of files that are missing, too short or, as far as the file system can tell, never written are not read.
    /// Must not run for pieces that are being written.
    ///
    /// - Parameters:
    ///   - pieces: all if nil.
    ///   - progress: the bytes checked so far, called on the workers; calls can overtake each other.
    /// - Throws: ``StorageError`` if a file is there but cannot be read; `CancellationError`.
    public func check(
        pieces: [PieceIndex]? = nil, progress: @escaping @Sendable (Int64) -> Void = { _ in }
    ) async throws -> [PieceIndex] {
        let pieces = pieces ?? (0..<info.layout.pieceCount).map { PieceIndex($0) }
        let good = try await PieceCheck(store: self, pieces: pieces, progress: progress).run()
        verified.withLock { verified in
            for piece in pieces { verified.remove(piece) }
            for piece in good { verified.insert(piece) }
        }
        return good
    }

    // MARK: - On a worker

    func goodPieces(_ pieces: ArraySlice<PieceIndex>) throws(StorageError) -> [PieceIndex] {
        var good: [PieceIndex] = []
        var failure: StorageError?
        let chunk = min(Self.checkedAtOnce, max(info.pieceLength, PieceLayout.blockLength))
        withUnsafeTemporaryAllocation(byteCount: chunk, alignment: 16) { buffer in
            do throws(StorageError) {
                for piece in pieces where try isGood(piece, buffer) { good.append(piece) }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return good
    }

    /// A multiple of the block length that stays in the processor's cache between reading and hashing.
    private static let checkedAtOnce = 8 * PieceLayout.blockLength

    private func isGood(_ piece: PieceIndex, _ buffer: UnsafeMutableRawBufferPointer) throws(StorageError) -> Bool {
        guard info.layout.pieceSize(piece) > 0 else { return false }
        do throws(StorageError) {
            if try isHole(piece) { return verifier.isGoodAsZeros(piece) }
            return verifier.isGood(piece, try hash(piece, buffer)) ?? false
        } catch {
            // Neither is a reason to give up: the piece is simply not there.
            guard error.kind == .missing || error.kind == .changed else { throw error }
            return false
        }
    }

    private func isHole(_ piece: PieceIndex) throws(StorageError) -> Bool {
        let segments = info.layout.segments(piece, offset: 0, length: info.pieceLength)
        guard segments.count == 1, let segment = segments.first, segment.length == info.pieceLength,
            let (file, offset) = try source(segment)
        else { return false }
        // Past the end of a file there is no data either; that is not a hole.
        guard try file.size() >= offset + Int64(segment.length) else {
            throw StorageError(kind: .changed, path: file.path)
        }
        return file.isHole(at: offset, length: segment.length)
    }

    private func hash(
        _ piece: PieceIndex, _ buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError) -> PieceVerifier.Hashes {
        let dataSize = info.layout.dataSize(piece)
        var sha1 = info.format == .v2 ? nil : Insecure.SHA1()
        var leaves: [MerkleHash] = []
        if info.format != .v1 { leaves.reserveCapacity(info.layout.blockCount(piece)) }
        for begin in stride(from: 0, to: dataSize, by: buffer.count) {
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, dataSize - begin)])
            try read(piece, begin: begin, into: part)
            sha1?.update(bufferPointer: UnsafeRawBufferPointer(part))
            guard info.format != .v1 else { continue }
            for block in stride(from: 0, to: part.count, by: PieceLayout.blockLength) {
                let bytes = part[block..<min(part.count, block + PieceLayout.blockLength)]
                leaves.append(MerkleTree.leaf(UnsafeRawBufferPointer(rebasing: bytes)))
            }
        }
        sha1?.update(zeros: info.layout.pieceSize(piece) - dataSize)
        return PieceVerifier.Hashes(sha1: sha1.map { Array($0.finalize()) }, leaves: leaves)
    }
}
