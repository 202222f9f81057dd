import Metainfo
import PeerWire

/// This host as a client: what it asks of peers and what comes of it.
extension SwarmEngine {
    /// Keeps as many requests waiting at a peer as its pipeline says.
    func request(from peer: Peer, now: Instant) {
        requestHashes(from: peer, now: now)
        guard let transfer, !isPaused, peer.weAreInterested, case .known(let pieces) = peer.pieces else { return }
        let allowed = peer.isChokingUs ? peer.allowedFast : nil
        if let allowed, allowed.isEmpty { return }
        let limit = min(configuration.outgoingRequestLimit, peer.requestLimit)
        let depth = peer.isSnubbed ? 1 : min(peer.pipeline.depth, limit)
        let room = depth - peer.outstanding.count
        // Refilled in batches of a quarter, so that requests share packets and the picker its look at the pieces.
        guard room > 0, peer.outstanding.count <= depth - max(depth / 4, 1) else { return }
        var requests: [BlockRequest] = []
        transfer.picker.pick(
            for: peer.key, having: pieces, limit: room, only: allowed, using: &generator, into: &requests)
        if requests.isEmpty, peer.outstanding.isEmpty, allowed == nil, transfer.picker.isEndgame {
            transfer.picker.pickDuplicates(
                for: peer.key, having: pieces, limit: Self.endgameRequests,
                excluding: { peer.outstanding.contains($0) || peer.cancelled.contains($0) }, into: &requests)
        }
        for request in requests {
            peer.outstanding.append(request)
            peer.pipeline.sent(request, now: now)
            actions.append(.send(peer.key, .request(request)))
        }
        if !requests.isEmpty {
            peer.lastSentAt = now
            if peer.outstanding.count == requests.count { peer.lastBlockAt = now }
        }
    }

    func receiveBlock(_ block: BlockRequest, slot: Int, from peer: Peer, now: Instant) {
        guard let transfer else {
            return drop(peer, .protocolViolation("a block before the torrent was known"), now: now)
        }
        guard peer.outstanding.remove(block) else { return receiveUnexpected(block, from: peer, now: now) }
        peer.lastBlockAt = now
        peer.isSnubbed = false
        peer.download.add(block.length)
        peer.pipeline.received(block, now: now)
        switch transfer.picker.receive(block, from: peer.key) {
        case .alreadyHere:
            totals.wasted += Int64(block.length)
        case .accepted(let otherRequesters):
            totals.downloaded += Int64(block.length)
            actions.append(.store(slot: slot, block))
            if otherRequesters { cancelElsewhere(block, except: peer, now: now) }
        }
    }

    /// A block that was cancelled or whose piece was finished meanwhile may still come; anything else is not ours.
    private func receiveUnexpected(_ block: BlockRequest, from peer: Peer, now: Instant) {
        totals.wasted += Int64(block.length)
        if peer.cancelled.remove(block) { return }
        peer.wastedBlocks += 1
        // Without BEP 6 a choke or cancel crosses with blocks on their way; with it every request has one answer.
        let tolerated = peer.introduction.supportsFast ? 0 : 2 * configuration.outgoingRequestLimit
        if peer.wastedBlocks > tolerated {
            drop(peer, .protocolViolation("a block that was not asked for"), now: now)
        }
    }

    private func cancelElsewhere(_ block: BlockRequest, except winner: Peer, now: Instant) {
        for peer in orderedPeers where peer !== winner && peer.outstanding.remove(block) {
            send(.cancel(block), to: peer, now: now)
            if peer.introduction.supportsFast { peer.expectAnswer(to: block) }
            request(from: peer, now: now)
        }
    }

    func choked(by peer: Peer, now: Instant) {
        peer.isChokingUs = true
        peer.unchokedUsAt = nil
        // With BEP 6 nothing is implied: each request is answered by a block or a reject.
        if !peer.introduction.supportsFast {
            releaseRequests(of: peer)
            isRequestRoundDue = true
        }
    }

    func rejected(_ request: BlockRequest, by peer: Peer, now: Instant) {
        if peer.cancelled.remove(request) { return }
        guard peer.outstanding.remove(request) else {
            return drop(peer, .protocolViolation("a reject of what was not asked for"), now: now)
        }
        peer.allowedFast.remove(request.piece)
        peer.pipeline.abandoned()
        transfer?.picker.release(request)
        if !peer.isChokingUs {
            // It has the piece but does not serve it: asking again at once would go on for ever.
            lostPiece(request.piece, by: peer, now: now)
        }
        isRequestRoundDue = true
    }

    /// Gives up all requests at a peer; others may be asked for them.
    func releaseRequests(of peer: Peer) {
        peer.pipeline.abandoned()
        for request in peer.outstanding.removeAll() { transfer?.picker.release(request) }
    }

    /// A peer that has unchoked us and delivers nothing: its blocks go to others, one request stays as a test.
    func checkSnubbing(_ peer: Peer, now: Instant) {
        guard !peer.outstanding.isEmpty, !peer.isSnubbed, now - peer.lastBlockAt > configuration.snubTime else { return }
        peer.isSnubbed = true
        for request in peer.outstanding.removeAll() {
            transfer?.picker.release(request)
            // If an answer comes late it is no offence.
            peer.expectAnswer(to: request)
            send(.cancel(request), to: peer, now: now)
        }
        transfer?.picker.liftExclusiveness(of: peer.key)
        isRequestRoundDue = true
    }

    private static let endgameRequests = 8
}
