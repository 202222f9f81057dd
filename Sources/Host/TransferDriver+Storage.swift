import Metainfo
import NIOCore
import PeerWire
import Storage
import SwarmEngine
import Transport

/// Blocks between connections and disk.
extension TransferDriver {
    /// Blocks that arrived: those whose piece is whole, or that need not wait for the rest of it, go to storage.
    func gather(_ blocks: [IncomingBlock]) {
        guard preparation != nil, !isClosed, !hasVanished else { return }
        core.hold(blocks.reduce(0) { $0 + $1.data.readableBytes })
        var ready: [IncomingBlock] = []
        if blocks.count >= Self.manyBlocks {
            // A fast link: nothing is gained by waiting for more.
            ready = blocks
            if !gathering.isEmpty { for piece in Set(blocks.map(\.piece)).sorted() { ready += gathering.take(piece) } }
        } else {
            for block in blocks {
                let isEnough = gathering.add(block)
                if isEnough || !engine.awaitsBlocks(of: block.piece) { ready += gathering.take(block.piece) }
            }
        }
        if core.isMemoryShort { ready += gathering.takeAll() }
        store(ready)
    }

    /// In one read.
    private static let manyBlocks = 4

    /// Blocks whose piece has not moved for a while go to storage as they are.
    func storeOld() {
        store(gathering.takeOld())
    }

    private func store(_ blocks: [IncomingBlock]) {
        guard !blocks.isEmpty, let store = preparation?.store else { return }
        let report = onLoop { (driver: TransferDriver, result: (outcomes: [BlockOutcome], bytes: Int)) in
            driver.core.release(result.bytes)
            for outcome in result.outcomes { driver.stored(outcome) }
        }
        store.write(blocks) { outcomes, bytes in report((outcomes, bytes)) }
    }

    /// They will come again.
    func forget(_ blocks: [Int], of piece: PieceIndex) {
        core.release(gathering.drop(blocks, of: piece))
        preparation?.store.resetBlocks(piece: piece, blocks: blocks)
    }

    private func stored(_ outcome: BlockOutcome) {
        switch outcome {
        case .verified(let piece):
            progress?.add(piece)
            handle(.pieceVerified(piece))
            announceSoon()
            checkpointIfDue()
        case .failed(let piece, let hashes):
            handle(.pieceFailed(piece, blockHashes: hashes))
        case .failedToStore(let piece, let error):
            pause(error)
            handle(.pieceNotStored(piece))
        }
    }

    /// Reads blocks and sends them: one buffer, one write, with the headers between the blocks.
    func serve(_ requests: [BlockRequest], to peer: PeerKey) {
        guard let store = preparation?.store else { return }
        let payload = requests.reduce(0) { $0 + $1.length }
        // Few blocks that are in memory are read sooner than a worker is woken.
        if requests.count <= Self.fewBlocks,
            let buffer = store.readCached(
                requests, gap: PeerMessage.pieceHeaderLength,
                fill: { number, gap in PeerMessage.writePieceHeader(requests[number], into: gap) })
        {
            return send(buffer, payload: payload, to: peer)
        }
        let report = onLoop { (driver: TransferDriver, result: Result<ByteBuffer, StorageError>) in
            switch result {
            case .success(let buffer):
                guard let link = driver.links[peer] else { return }
                link.send(blocks: buffer, payload: payload)
                link.flush()
            case .failure(let error):
                driver.cannotServe(requests, to: peer, error)
            }
        }
        store.read(
            requests, gap: PeerMessage.pieceHeaderLength,
            fill: { number, gap in PeerMessage.writePieceHeader(requests[number], into: gap) }, completion: report)
    }

    private static let fewBlocks = 8

    /// What cannot be read is not offered any longer; if it comes back, sharing it again offers it again.
    private func cannotServe(_ requests: [BlockRequest], to peer: PeerKey, _ error: StorageError) {
        let pieces = Set(requests.map(\.piece)).sorted()
        guard error.kind != .closed, !isClosed else { return handle(.serveFailed(peer, requests)) }
        // Read together, they failed together: each by itself tells which one it is.
        if pieces.count > 1 {
            for piece in pieces { serve(requests.filter { $0.piece == piece }, to: peer) }
            return
        }
        handle(.serveFailed(peer, requests))
        for piece in pieces {
            preparation?.store.forget(piece: piece)
            progress?.remove(piece)
            handle(.pieceLost(piece))
        }
        report(error)
    }

    func serveLeafHashes(_ request: HashRequest, of file: FileIndex, blocks: Range<Int>, to peer: PeerKey) {
        guard let store = preparation?.store else { return handle(.leafHashes(peer, request, nil)) }
        let report = onLoop { (driver: TransferDriver, result: Result<[MerkleHash], StorageError>) in
            driver.handle(.leafHashes(peer, request, try? result.get()))
        }
        store.leafHashes(file: file, blocks: blocks, completion: report)
    }

    func hashBlocks(of piece: PieceIndex) {
        let report = onLoop { (driver: TransferDriver, result: Result<[MerkleHash], StorageError>) in
            if case .success(let hashes) = result { driver.handle(.blockHashes(piece, hashes)) }
        }
        preparation?.store.leafHashes(piece: piece, completion: report)
    }

    // MARK: When storage fails

    private static let retryTime = TimeAmount.seconds(5)

    /// Stops asking for more; tries again by and by, since a disk can be emptied and a folder can come back.
    func pause(_ error: StorageError) {
        guard !hasVanished else { return }
        retryAt = .now() + Self.retryTime
        if case .paused = phase { return }
        phase = .paused(message: error.description)
        handle(.paused)
        report(error)
    }

    private func report(_ error: StorageError) {
        // Each piece of a file fails by itself; the user hears of the file once.
        guard reported.insert(error.description).inserted else { return }
        continuation.yield(.failed(message: error.description))
    }

    func retryIfDue() {
        guard case .paused = phase, let retryAt, retryAt <= .now() else { return }
        self.retryAt = nil
        reported = []
        phase = .fetching
        handle(.resumed)
        // What failed may have been the end of it, when there is nothing left to ask for.
        if engine.status.isComplete { completed() }
    }
}
