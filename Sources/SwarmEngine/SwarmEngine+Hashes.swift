import Metainfo
import PeerWire

/// Piece layers and leaf hashes over the wire (BEP 52 messages 21 to 23), both ways.
extension SwarmEngine {
    private static let hashRequestsPerPeer = 2
    private static let leafRequestsPerPeer = 2
    /// Blocks that are read from disk for one answer at the most: 64 MiB, a piece four times as large as ours get.
    private static let maximumLeaves = 4096
    private static let hashAnswerTime = TimeSpan.seconds(15)
    private static let hashLookInterval = TimeSpan.milliseconds(200)
    /// One that refused a range is asked for it again only after this time: it may have learnt it meanwhile.
    private static let hashRefusalTime = TimeSpan.seconds(10)

    /// Asks for piece layers that are not known yet.
    func requestHashes(from peer: Peer, now: Instant) {
        guard transfer != nil, peer.introduction.isV2, !hashExchange.missing.isEmpty else { return }
        // A host must serve the hashes of what it has; one that has nothing may not know them either.
        guard case .known(let pieces) = peer.pieces, !pieces.isEmpty else { return }
        guard now >= peer.nextHashLook else { return }
        while peer.hashRequests.count < Self.hashRequestsPerPeer {
            guard let request = hashExchange.nextRequest(for: peer.key, except: peer.refusedHashes, now: now) else {
                // Everything is being asked for: no need to look through all files with every block that arrives.
                peer.nextHashLook = now + Self.hashLookInterval
                return
            }
            peer.hashRequests[request] = now
            send(.hashRequest(request), to: peer, now: now)
        }
    }

    func receiveHashMessage(_ message: PeerMessage, from peer: Peer, now: Instant) {
        // libtorrent that gets to know over a v1 connection that the torrent is a hybrid asks for hashes on it.
        guard peer.introduction.isV2 || transfer?.info.hashes.v2 != nil else {
            return drop(peer, .protocolViolation("a hash message on a v1 connection"), now: now)
        }
        switch message {
        case .hashRequest(let request): serveHashes(request, to: peer, now: now)
        case .hashes(let request, let hashes): receiveHashes(request, hashes, from: peer, now: now)
        case .hashReject(let request):
            guard peer.hashRequests.removeValue(forKey: request) != nil else { return }
            hashExchange.release(request)
            peer.refusedHashes[request] = now
            leafRequestFailed(request, now: now)
        default: break
        }
    }

    private func receiveHashes(_ request: HashRequest, _ hashes: [MerkleHash], from peer: Peer, now: Instant) {
        // One that was given up meanwhile is no offence, and of no use.
        guard peer.hashRequests.removeValue(forKey: request) != nil else { return }
        switch hashExchange.receive(request, hashes) {
        case .wrong: drop(peer, .corruptData, now: now)
        case .proven: leavesProven(request, hashes, now: now)
        case .fileComplete(let file): layerCompleted(file, now: now)
        }
    }

    private func layerCompleted(_ file: FileIndex, now: Instant) {
        guard let transfer, let tree = hashExchange.tree(of: file), let layer = tree.pieceLayer else { return }
        var layers = PieceLayers()
        let info = transfer.info
        guard
            (try? layers.insert(
                layer, root: tree.root, fileLength: info.files[file.rawValue].length, pieceLength: info.pieceLength))
                != nil
        else { return }
        actions.append(.pieceLayersReceived(layers))
        // Files of equal content share their root and so their layer.
        for other in [file] + hashExchange.twins(of: tree.root) {
            if other != file { hashExchange.share(layer, with: other) }
            transfer.picker.proven(info.layout.pieces(of: other))
        }
        isRequestRoundDue = true
    }

    /// Requests that were never answered are free to go elsewhere; a peer that leaves them all open gets no more.
    func checkHashRequests(of peer: Peer, now: Instant) {
        if !peer.refusedHashes.isEmpty {
            peer.refusedHashes = peer.refusedHashes.filter { now - $0.value < Self.hashRefusalTime }
        }
        guard !peer.hashRequests.isEmpty else { return }
        let late = peer.hashRequests.filter { now - $0.value > Self.hashAnswerTime }.keys
        // In a fixed order, so that a run repeats.
        for request in late.sorted(by: { ($0.index, $0.root) < ($1.index, $1.root) }) {
            peer.hashRequests[request] = nil
            peer.refusedHashes[request] = now
            hashExchange.release(request)
            leafRequestFailed(request, now: now)
        }
    }

    // MARK: Serving

    private func serveHashes(_ request: HashRequest, to peer: Peer, now: Instant) {
        guard let transfer, let file = hashExchange.file(of: request.root), let tree = hashExchange.tree(of: file),
            FileHashTree.isPlausible(
                baseLayer: request.baseLayer, index: request.index, length: request.length,
                proofLayers: request.proofLayers, fileHeight: tree.height)
        else { return send(.hashReject(request), to: peer, now: now) }
        // Fifty bytes ask for up to 256 KiB: what one read can make this host hold has a limit.
        let size = request.length * MerkleHash.byteCount
        guard size <= peer.answerBudget else { return send(.hashReject(request), to: peer, now: now) }
        peer.answerBudget -= size
        if request.baseLayer == 0, request.baseLayer != tree.pieceLevel || tree.pieceLayer == nil {
            let blocks = tree.leavesNeeded(index: request.index, length: request.length)
            guard canReadLeaves(blocks, file: file, transfer: transfer),
                peer.leafRequestsBeingServed < Self.leafRequestsPerPeer
            else { return send(.hashReject(request), to: peer, now: now) }
            peer.leafRequestsBeingServed += 1
            return actions.append(.serveLeafHashes(peer.key, request, file, blocks: blocks))
        }
        answer(request, tree: tree, leaves: nil, to: peer, now: now)
    }

    /// Leaves are read from disk, so the pieces they lie in must be here.
    private func canReadLeaves(_ blocks: Range<Int>, file: FileIndex, transfer: Transfer) -> Bool {
        let pieces = transfer.info.layout.pieces(of: file)
        let blocksPerPiece = max(1, transfer.info.pieceLength / PieceLayout.blockLength)
        guard !blocks.isEmpty, blocks.count <= Self.maximumLeaves else { return false }
        let first = pieces.lowerBound + blocks.lowerBound / blocksPerPiece
        let last = pieces.lowerBound + (blocks.upperBound - 1) / blocksPerPiece
        guard first >= pieces.lowerBound, first < pieces.upperBound else { return false }
        return (first...min(last, pieces.upperBound - 1)).allSatisfy {
            transfer.picker.have.contains(PieceIndex($0))
        }
    }

    func answerLeafRequest(_ request: HashRequest, from key: PeerKey, leaves: [MerkleHash]?) {
        guard let peer = peers[key] else { return }
        peer.leafRequestsBeingServed = max(0, peer.leafRequestsBeingServed - 1)
        guard let leaves, let file = hashExchange.file(of: request.root), let tree = hashExchange.tree(of: file) else {
            return actions.append(.send(key, .hashReject(request)))
        }
        answer(request, tree: tree, leaves: leaves, to: peer, now: peer.lastSentAt)
    }

    private func answer(
        _ request: HashRequest, tree: FileHashTree, leaves: [MerkleHash]?, to peer: Peer, now: Instant
    ) {
        let hashes = tree.reply(
            baseLayer: request.baseLayer, index: request.index, length: request.length,
            proofLayers: request.proofLayers, leaves: leaves)
        send(hashes.map { .hashes(request, $0) } ?? .hashReject(request), to: peer, now: now)
    }
}
