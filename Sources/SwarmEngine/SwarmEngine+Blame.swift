import Metainfo
import PeerWire

/// Bad data: found at the check of a piece, traced to the peer that sent it, and that peer dropped.
///
/// With BEP 52 the leaf hashes of the piece are asked of a peer and say which blocks are bad; only these come again.
/// Without (or without an answer) the piece is fetched anew from one peer alone, and once it is good its blocks are
/// compared with those of the failed attempts.
extension SwarmEngine {
    private static let traceTime = TimeSpan.seconds(5)

    func pieceFailed(_ piece: PieceIndex, blockHashes: [MerkleHash], now: Instant) {
        guard let transfer else { return }
        totals.failedPieces += 1
        let senders = transfer.picker.senders(of: piece)
        blame.record(piece, BlameLedger.Attempt(senders: senders, hashes: blockHashes))
        let suspects = Set(senders.compactMap { $0 })
        if suspects.count == 1, let only = suspects.first {
            // One sender: no need to look further.
            fetchAgain(piece, blocks: Array(senders.indices), exclusively: nil)
            punish(only, now: now)
        } else if !traceByLeaves(piece, avoiding: suspects, transfer: transfer, now: now) {
            fetchAloneAgain(piece, now: now)
        }
        isRequestRoundDue = true
    }

    /// The right hashes of a piece's blocks are known: whoever sent other ones is dropped.
    func accuse(of piece: PieceIndex, goodHashes: [MerkleHash], now: Instant) {
        for key in blame.liars(in: piece, goodHashes: goodHashes) { punish(key, now: now) }
    }

    /// Also one that has left before it was found out is not asked again.
    private func punish(_ key: PeerKey, now: Instant) {
        if let liar = peers[key] {
            drop(liar, .corruptData, now: now)
        } else if let gone = blame.departed[key] {
            directory.ban(gone, listeningAt: nil)
        }
    }

    private func fetchAgain(_ piece: PieceIndex, blocks: [Int], exclusively peer: PeerKey?) {
        transfer?.picker.reset(piece, blocks: blocks, exclusively: peer)
        actions.append(.forget(piece, blocks: blocks))
    }

    /// All blocks again, from a single peer that has the piece: then a second failure has one suspect.
    private func fetchAloneAgain(_ piece: PieceIndex, now: Instant) {
        guard let transfer else { return }
        let all = orderedPeers.filter { $0.has(piece) && !$0.isChokingUs && !$0.isSnubbed }
        // Web seeds may be resting.
        let peers = all.filter { !$0.isWebSeed }
        let holders = peers.isEmpty ? all : peers
        let chosen = holders.max { $0.download.rate < $1.download.rate }?.key
        fetchAgain(piece, blocks: Array(0..<transfer.info.layout.blockCount(piece)), exclusively: chosen)
    }

    // MARK: By leaf (BEP 52)

    private func traceByLeaves(
        _ piece: PieceIndex, avoiding suspects: Set<PeerKey>, transfer: Transfer, now: Instant
    ) -> Bool {
        guard transfer.info.format != .v1, let file = transfer.info.layout.file(of: piece),
            let tree = hashExchange.tree(of: file), let root = transfer.info.files[file.rawValue].piecesRoot,
            tree.height > 0
        else { return false }
        let holders = orderedPeers.filter { $0.introduction.isV2 && $0.has(piece) }
        guard let witness = holders.first(where: { !suspects.contains($0.key) }) ?? holders.first else { return false }
        let pieceInFile = piece.rawValue - transfer.info.layout.pieces(of: file).lowerBound
        // In a hybrid whose layer is not known yet leaves would fold to nothing that is trusted.
        guard tree.pieceHash(pieceInFile) != nil else { return false }
        let canonical = hashExchange.file(of: root) ?? file
        let requests = hashExchange.leafRequests(for: pieceInFile, in: canonical)
        guard !requests.isEmpty else { return false }
        blame.leafTraces[piece] = LeafTrace(
            file: canonical, pieceInFile: pieceInFile, outstanding: Set(requests), askedOf: witness.key,
            deadline: now + Self.traceTime)
        for request in requests {
            witness.hashRequests[request] = now
            send(.hashRequest(request), to: witness, now: now)
        }
        return true
    }

    /// A range of leaves was proven; when all of a traced piece are there, its bad blocks are known.
    func leavesProven(_ request: HashRequest, _ hashes: [MerkleHash], now: Instant) {
        guard let piece = tracedPiece(of: request), var trace = blame.leafTraces[piece] else { return }
        trace.outstanding.remove(request)
        trace.leaves[request.index] = Array(hashes.prefix(request.length))
        blame.leafTraces[piece] = trace
        guard trace.outstanding.isEmpty, let transfer else { return }
        let good = trace.leaves.sorted { $0.key < $1.key }.flatMap(\.value)
        let ours = blame.attempts[piece]?.last?.hashes ?? []
        let bad = ours.indices.filter { $0 < good.count && ours[$0] != good[$0] }
        guard !bad.isEmpty else {
            // The blocks are right one by one and the piece is not: v1 and v2 halves disagree. Nobody here is to blame.
            blame.leafTraces[piece] = nil
            return fetchAloneAgain(piece, now: now)
        }
        let count = transfer.info.layout.blockCount(piece)
        fetchAgain(piece, blocks: bad.filter { $0 < count }, exclusively: nil)
        accuse(of: piece, goodHashes: good, now: now)
        isRequestRoundDue = true
    }

    func leafRequestFailed(_ request: HashRequest, now: Instant) {
        guard let piece = tracedPiece(of: request) else { return }
        giveUpTrace(of: piece, now: now)
    }

    func abandonLeafTraces(of key: PeerKey, now: Instant) {
        for (piece, trace) in blame.leafTraces.sorted(by: { $0.key < $1.key }) where trace.askedOf == key {
            giveUpTrace(of: piece, now: now)
        }
    }

    func expireLeafTraces(now: Instant) {
        for (piece, trace) in blame.leafTraces.sorted(by: { $0.key < $1.key }) where trace.deadline < now {
            giveUpTrace(of: piece, now: now)
        }
    }

    private func giveUpTrace(of piece: PieceIndex, now: Instant) {
        blame.leafTraces[piece] = nil
        fetchAloneAgain(piece, now: now)
        isRequestRoundDue = true
    }

    private func tracedPiece(of request: HashRequest) -> PieceIndex? {
        blame.leafTraces.first { $0.value.outstanding.contains(request) }?.key
    }
}
