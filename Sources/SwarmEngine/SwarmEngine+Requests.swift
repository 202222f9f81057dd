import Metainfo
import PeerWire

/// This host as a client: what it asks of peers and what comes of it.
extension SwarmEngine {
    /// Keeps as many requests waiting at a peer as its pipeline says.
    func request(from peer: Peer, now: Instant) {
        requestHashes(from: peer, now: now)
        guard let transfer, !isPaused, peer.weAreInterested, case .known(let pieces) = peer.pieces else { return }
        if peer.isWebSeed { return requestInRow(from: peer, having: pieces, now: now) }
        let allowed = peer.isChokingUs ? peer.allowedFast : nil
        if let allowed, allowed.isEmpty { return }
        let limit = min(configuration.outgoingRequestLimit, peer.requestLimit)
        let depth = peer.isSnubbed ? 1 : min(peer.pipeline.depth, limit)
        let room = depth - peer.outstanding.count
        // Refilled in batches, so that requests share packets and the picker its look at the pieces.
        guard room > 0, peer.outstanding.count <= depth - min(max(depth / 4, Self.batch), depth) else { return }
        var requests: [BlockRequest] = []
        if followsSuggestions(of: peer, now: now) {
            transfer.picker.pick(
                for: peer.key, suggested: &peer.suggestions, only: allowed, limit: room, now: now,
                into: &requests)
        } else {
            let version = transfer.picker.startableVersion
            let foundAll = transfer.picker.pick(
                for: peer.key, having: pieces, isCounted: peer.countsInRarity, limit: room, only: allowed,
                canStart: peer.exhausted != version, now: now, using: &generator, into: &requests)
            if allowed == nil { peer.exhausted = foundAll ? nil : version }
        }
        if requests.isEmpty, peer.outstanding.isEmpty, allowed == nil, transfer.picker.isEndgame {
            transfer.picker.pickDuplicates(
                for: peer.key, having: pieces, limit: min(room, Self.endgameRequests),
                requesters: isProven(peer) ? Self.provenRequesters : Self.unprovenRequesters,
                now: now, excluding: { peer.outstanding.contains($0) }, into: &requests)
        }
        send(requests, to: peer, now: now)
    }

    func send(_ requests: [BlockRequest], to peer: Peer, now: Instant) {
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
        let isAwaited = peer.outstanding.remove(block)
        if isAwaited {
            peer.pipeline.received(
                block, now: now, queueTime: configuration.queueTime,
                limit: min(configuration.outgoingRequestLimit, peer.requestLimit))
        } else {
            guard isLate(block, from: peer, now: now), !isPaused else {
                totals.wasted += Int64(block.length)
                return
            }
        }
        peer.lastBlockAt = now
        peer.isSnubbed = false
        peer.download.add(block.length)
        if !peer.introduction.isOwnHost { downloadRate.add(block.length) }
        switch transfer.picker.receive(block, from: peer.key, now: now) {
        case .alreadyHere:
            totals.wasted += Int64(block.length)
        case .accepted(let requesters):
            if peer.introduction.isOwnHost {
                totals.copied += Int64(block.length)
            } else {
                totals.downloaded += Int64(block.length)
            }
            actions.append(.store(slot: slot, block))
            if requesters > (isAwaited ? 1 : 0) { cancelElsewhere(block, except: peer, now: now) }
        }
    }

    /// A block that was given up may still come, and be of use; anything else is not ours.
    private func isLate(_ block: BlockRequest, from peer: Peer, now: Instant) -> Bool {
        if peer.cancelled.remove(block) { return true }
        peer.wastedBlocks += 1
        // Without BEP 6 a choke or cancel crosses with blocks on their way; with it every request has one answer.
        let tolerated = peer.introduction.supportsFast ? peer.forgottenAnswers : 2 * configuration.outgoingRequestLimit
        if peer.wastedBlocks > tolerated {
            drop(peer, .protocolViolation("a block that was not asked for"), now: now)
        }
        return false
    }

    private func cancelElsewhere(_ block: BlockRequest, except winner: Peer, now: Instant) {
        for peer in orderedPeers where peer !== winner && peer.outstanding.remove(block) {
            send(.cancel(block), to: peer, now: now)
            peer.expectAnswer(to: block)
            peer.pipeline.abandoned(block)
            request(from: peer, now: now)
        }
    }

    func choked(by peer: Peer, now: Instant) {
        peer.isChokingUs = true
        peer.unchokedUsAt = nil
        peer.exhausted = nil
        // They are suggested to others meanwhile, but for what it lets this host finish.
        peer.suggestions.removeAll { !peer.allowedFast.contains($0) }
        // What was left to this peer alone would wait for as long as it likes.
        transfer?.picker.liftExclusiveness(of: peer.key)
        isRequestRoundDue = true
        // With BEP 6 nothing is implied: each request is answered by a block or a reject.
        if !peer.introduction.supportsFast {
            for request in releaseRequests(of: peer) { peer.expectAnswer(to: request) }
        }
    }

    func rejected(_ request: BlockRequest, by peer: Peer, now: Instant) {
        if peer.cancelled.remove(request) { return }
        guard peer.outstanding.remove(request) else {
            peer.wastedBlocks += 1
            if peer.wastedBlocks <= peer.forgottenAnswers { return }
            return drop(peer, .protocolViolation("a reject of what was not asked for"), now: now)
        }
        peer.allowedFast.remove(request.piece)
        peer.pipeline.abandoned(request)
        transfer?.picker.release(request)
        if !peer.isChokingUs {
            // It has the piece but does not serve it: asking again at once would go on for ever.
            // Forgiven after a while, lest one bad read at a lone seeder ends the transfer.
            lostPiece(request.piece, by: peer, now: now)
            peer.refused[request.piece] = now
        }
        isRequestRoundDue = true
    }

    /// Gives up all requests at a peer; others may be asked for them.
    @discardableResult
    func releaseRequests(of peer: Peer) -> [BlockRequest] {
        peer.pipeline.abandoned()
        let given = peer.outstanding.removeAll()
        for request in given { transfer?.picker.release(request) }
        return given
    }

    /// Gives them up and says so; an answer that is on its way is no offence.
    func cancelRequests(of peer: Peer, now: Instant) {
        for request in releaseRequests(of: peer) {
            peer.expectAnswer(to: request)
            send(.cancel(request), to: peer, now: now)
        }
    }

    /// A peer that has unchoked us and delivers nothing: its blocks go to others, one request stays as a test.
    func checkSnubbing(_ peer: Peer, now: Instant) {
        guard !peer.outstanding.isEmpty, now - peer.lastBlockAt > configuration.snubTime else { return }
        // Also the one request that stays as a test changes hands: its block may be all that a piece waits for.
        peer.isSnubbed = true
        cancelRequests(of: peer, now: now)
        transfer?.picker.liftExclusiveness(of: peer.key)
        isRequestRoundDue = true
    }

    /// Whether a peer has delivered about as much as the best: what slow or silent ones hold it may be asked for however
    /// many of them hold it.
    private func isProven(_ peer: Peer) -> Bool {
        let most = orderedPeers.reduce(0) { max($0, $1.isChokingUs || $1.isWebSeed ? 0 : $1.download.total) }
        return peer.download.total >= most / 2
    }

    /// Requests that travel together at least.
    private static let batch = 2
    private static let endgameRequests = 8
    private static let unprovenRequesters = 2
    private static let provenRequesters = 16
}
