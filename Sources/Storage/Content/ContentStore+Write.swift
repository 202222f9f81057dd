import Metainfo
import NIOCore
import Synchronization

extension ContentStore {
    /// Hashes and writes a batch of blocks, best all that arrived in one read: adjacent ones become one system call.
    ///
    /// The batch is split by worker; `completion` is called once for each part with the pieces that were decided and
    /// with the number of bytes that are no longer held, stored or not. An empty batch has no part. Blocks that are
    /// already there are dropped.
    public func write(
        _ blocks: [IncomingBlock],
        completion: @escaping @Sendable (_ outcomes: [BlockOutcome], _ bytes: Int) -> Void
    ) {
        guard let first = blocks.first else { return }
        let worker = worker(of: first.piece)
        if blocks.allSatisfy({ self.worker(of: $0.piece) == worker }) {
            submit(blocks, worker, completion)
        } else {
            for worker in workers.indices {
                let part = blocks.filter { self.worker(of: $0.piece) == worker }
                if !part.isEmpty { submit(part, worker, completion) }
            }
        }
    }

    private func submit(
        _ blocks: [IncomingBlock], _ worker: Int,
        _ completion: @escaping @Sendable (_ outcomes: [BlockOutcome], _ bytes: Int) -> Void
    ) {
        pool.submit(affinity: worker) { [self] in
            let outcomes = store(blocks, worker: worker)
            completion(outcomes, blocks.reduce(0) { $0 + $1.data.readableBytes })
        }
    }

    private func store(_ unordered: [IncomingBlock], worker: Int) -> [BlockOutcome] {
        let blocks = Self.isOrdered(unordered) ? unordered : unordered.sorted(by: Self.precedes)
        var outcomes: [BlockOutcome] = []
        workers[worker].state.withLock { state in
            var next = 0
            while next < blocks.count {
                let piece = blocks[next].piece
                if let error = invalidity(of: blocks[next]) {
                    Self.add(.failedToStore(piece, error), to: &outcomes)
                    next += 1
                    continue
                }
                guard let assembly = assembly(of: piece, in: &state), assembly.needs(Self.number(blocks[next])) else {
                    next += 1
                    continue
                }
                let end = runEnd(from: next, in: blocks, assembly)
                if let outcome = store(blocks[next..<end], assembly) {
                    Self.add(outcome, to: &outcomes)
                    if case .verified = outcome { state.assemblies[piece.rawValue] = nil }
                }
                next = end
            }
        }
        return outcomes
    }

    /// Nil for a piece that is verified: what is good is never overwritten.
    private func assembly(of piece: PieceIndex, in state: inout PieceWorker.State) -> PieceAssembly? {
        if let known = state.assemblies[piece.rawValue] { return known }
        if verified.withLock({ $0.contains(piece) }) { return nil }
        let new = PieceAssembly(piece: piece, in: info)
        state.assemblies[piece.rawValue] = new
        return new
    }

    /// The adjacent blocks of one piece from `start` on, all needed.
    private func runEnd(from start: Int, in blocks: [IncomingBlock], _ assembly: PieceAssembly) -> Int {
        var end = start + 1
        while end < blocks.count, blocks[end].piece == assembly.piece,
            blocks[end].begin == blocks[end - 1].begin + PieceLayout.blockLength,
            invalidity(of: blocks[end]) == nil, assembly.needs(Self.number(blocks[end]))
        {
            end += 1
        }
        return end
    }

    private func store(_ run: ArraySlice<IncomingBlock>, _ assembly: PieceAssembly) -> BlockOutcome? {
        guard let first = run.first else { return nil }
        do throws(StorageError) {
            try writeAndHash(run, first: Self.number(first), assembly)
            assembly.markStored(first: Self.number(first), count: run.count)
            try catchUp(assembly)
            guard assembly.isComplete else { return nil }
            return try conclude(assembly)
        } catch {
            return .failedToStore(first.piece, error)
        }
    }

    // MARK: - Whole pieces

    /// Feeds the SHA-1 with blocks that arrived ahead of their turn.
    private func catchUp(_ assembly: PieceAssembly) throws(StorageError) {
        while case let backlog = assembly.sha1Backlog, !backlog.isEmpty {
            let part = backlog.prefix(Self.readBackBlocks)
            let begin = part.lowerBound * PieceLayout.blockLength
            let end = min(info.layout.dataSize(assembly.piece), part.upperBound * PieceLayout.blockLength)
            try withBytes(of: assembly.piece, begin: begin, length: end - begin) { bytes in
                assembly.addToSHA1(bytes, blocks: part.count)
            }
        }
    }

    private static let readBackBlocks = 8

    private func conclude(_ assembly: PieceAssembly) throws(StorageError) -> BlockOutcome {
        let piece = assembly.piece
        for block in assembly.blocksWithoutLeaf { assembly.setLeaf(try leaf(of: block, in: piece), of: block) }
        let padding = info.layout.pieceSize(piece) - info.layout.dataSize(piece)
        let leaves = assembly.knownLeaves
        let hashes = PieceVerifier.Hashes(sha1: assembly.finishSHA1(padding: padding), leaves: leaves)
        switch verifier.isGood(piece, hashes) {
        case true?:
            try checkLinked(piece)
            verified.withLock { _ = $0.insert(piece) }
            return .verified(piece)
        case false? where verifier.halvesDisagree(piece, hashes):
            throw StorageError(kind: .inconsistent, path: folder.directory + "/" + info.name)
        case false?:
            return .failed(piece, blockHashes: leaves.isEmpty ? try readLeaves(of: piece) : leaves)
        case nil:
            let reason = "the hash of piece \(piece) is not known yet"
            throw StorageError(kind: .invalid(reason), path: folder.directory)
        }
    }

    /// Writing to files whose folder was removed works without an error; only their link count tells.
    private func checkLinked(_ piece: PieceIndex) throws(StorageError) {
        for segment in info.layout.segments(piece, offset: 0, length: info.layout.dataSize(piece)) {
            guard let file = segment.file, folder.isWanted(file) else { continue }
            try folder.checkLinked(try folder.open(file, writable: false))
        }
    }

    // MARK: - Blocks

    private func invalidity(of block: IncomingBlock) -> StorageError? {
        let number = block.begin / PieceLayout.blockLength
        let fits =
            block.begin >= 0 && block.begin.isMultiple(of: PieceLayout.blockLength) && block.data.readableBytes > 0
            && number < info.layout.blockCount(block.piece)
            && block.data.readableBytes == info.layout.blockSize(block.piece, block: number)
        if fits { return nil }
        let reason = "piece \(block.piece) has no block of \(block.data.readableBytes) bytes at \(block.begin)"
        return StorageError(kind: .invalid(reason), path: folder.directory)
    }

    private static func number(_ block: IncomingBlock) -> Int { block.begin / PieceLayout.blockLength }

    private static func precedes(_ first: IncomingBlock, _ second: IncomingBlock) -> Bool {
        (first.piece, first.begin) < (second.piece, second.begin)
    }

    private static func isOrdered(_ blocks: [IncomingBlock]) -> Bool {
        zip(blocks, blocks.dropFirst()).allSatisfy { !precedes($1, $0) }
    }

    /// One failure to store is enough for each piece of a batch.
    private static func add(_ outcome: BlockOutcome, to outcomes: inout [BlockOutcome]) {
        if case .failedToStore(let piece, _) = outcome {
            let isKnown = outcomes.contains { known in
                if case .failedToStore(piece, _) = known { true } else { false }
            }
            if isKnown { return }
        }
        outcomes.append(outcome)
    }
}
