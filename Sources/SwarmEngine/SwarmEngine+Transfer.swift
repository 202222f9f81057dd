import Metainfo
import PeerWire

/// The life of a transfer: its beginning, its pieces, its end, and pauses.
extension SwarmEngine {
    func activate(_ activation: Activation, now: Instant) {
        guard transfer == nil else { return }
        let info = activation.info
        metadata = nil
        hashes = info.hashes
        hashExchange.load(info, layers: activation.layers)
        var unproven = PieceSet(capacity: info.layout.pieceCount)
        // A hybrid's pieces can be verified by their SHA-1 alone.
        if info.format == .v2 {
            for file in hashExchange.missing {
                for piece in info.layout.pieces(of: file) { unproven.insert(PieceIndex(piece)) }
            }
        }
        let picker = PiecePicker(
            layout: info.layout, have: activation.have, wanted: activation.wanted, unproven: unproven)
        let transfer = Transfer(info: info, picker: picker, now: now)
        if picker.have.isFull {
            transfer.firstCopy = FirstCopy(pieceCount: info.layout.pieceCount, using: &generator)
        }
        self.transfer = transfer
        // A private torrent is known as such only now: what peers told of others is not for it (BEP 27).
        if info.isPrivate { directory.forgetExchanged() }
        for peer in orderedPeers {
            tellPieces(of: transfer, to: peer, now: now)
            resolvePieces(of: peer, now: now)
        }
        completeIfDone(now: now)
        isRequestRoundDue = true
        fillSlots(now: now)
        dial(now: now)
    }

    /// Peers that were connected while the description was being fetched heard "have none".
    private func tellPieces(of transfer: Transfer, to peer: Peer, now: Instant) {
        transfer.picker.have.forEach { send(.have($0), to: peer, now: now) }
        if peer.introduction.supportsExtensions { send(ownExtendedHandshake(for: peer), to: peer, now: now) }
    }

    func pieceVerified(_ piece: PieceIndex, now: Instant) {
        guard let transfer, !transfer.picker.have.contains(piece) else { return }
        if blame.hasAttempts(piece) { actions.append(.hashBlocks(piece)) }
        let wasNeeded = transfer.picker.needs(piece)
        transfer.picker.verified(piece)
        transfer.announcements.append(piece)
        if isUrgent(piece, of: transfer, now: now) { announce(now: now) }
        if wasNeeded {
            for peer in orderedPeers where peer.has(piece) {
                peer.neededCount -= 1
                updateInterest(in: peer, now: now)
            }
        }
        completeIfDone(now: now)
    }

    private func completeIfDone(now: Instant) {
        guard let transfer, transfer.picker.isComplete, !transfer.hasCompleted else { return }
        transfer.hasCompleted = true
        actions.append(.completed)
        for peer in orderedPeers {
            tellInterest(in: peer, now: now)
            tellUploadOnly(to: peer, now: now)
            dropIfRedundant(peer, now: now)
        }
    }

    func pieceLost(_ piece: PieceIndex, now: Instant) {
        guard let transfer, transfer.picker.have.contains(piece) else { return }
        announce(now: now)
        let wasComplete = transfer.picker.isComplete
        transfer.picker.lost(piece)
        transfer.hasCompleted = transfer.picker.isComplete
        isRequestRoundDue = true
        for peer in orderedPeers {
            withdraw(piece, from: peer, now: now)
            if let id = peer.extensions.dontHave, id != 0 {
                actions.append(.send(peer.key, .extended(.dontHave(piece))))
            }
            // Who takes this host for a seeder would part from it.
            if wasComplete, !transfer.hasCompleted, peer.extensions.id(for: .uploadOnly) != nil {
                send(.extended(.uploadOnly(false)), to: peer, now: now)
            }
            guard transfer.picker.wanted.contains(piece), peer.has(piece) else { continue }
            peer.neededCount += 1
            updateInterest(in: peer, now: now)
        }
    }

    /// Blocks of a piece did not reach the disk. They are asked for again once storage works.
    func pieceNotStored(_ piece: PieceIndex) {
        guard let transfer else { return }
        let count = transfer.info.layout.blockCount(piece)
        transfer.picker.reset(piece, blocks: Array(0..<count), exclusively: nil)
        actions.append(.forget(piece, blocks: Array(0..<count)))
    }

    /// Storage fails: nothing more is asked for, connections stay, what is here is still served.
    func pause(now: Instant) {
        guard !isPaused else { return }
        isPaused = true
        for peer in orderedPeers { cancelRequests(of: peer, now: now) }
    }

    func resume(now: Instant) {
        guard isPaused else { return }
        isPaused = false
        isRequestRoundDue = true
        dial(now: now)
    }

    func tick(now: Instant) {
        downloadRate.update(now: now)
        uploadRate.update(now: now)
        servingRate.update(now: now)
        for peer in orderedPeers {
            peer.download.update(now: now)
            peer.upload.update(now: now)
            checkSnubbing(peer, now: now)
            retryRefused(by: peer, now: now)
            tellInterest(in: peer, now: now)
            guard !peer.isGone else { continue }
            checkHashRequests(of: peer, now: now)
            if now - peer.lastReceivedAt > configuration.idleTime, !peer.isWebSeed {
                drop(peer, .idle, now: now)
            } else if now - peer.lastSentAt > configuration.keepAliveTime {
                send(.keepAlive, to: peer, now: now)
            }
        }
        expireLeafTraces(now: now)
        requestMetadataFromAll(now: now)
        exchangePeers(now: now)
        chokeRound(now: now)
        beginTurns(now: now)
        serveMore(now: now)
        announce(now: now)
        checkSuggestions(now: now)
        suggestPieces(now: now)
        isRequestRoundDue = true
        dial(now: now)
    }
}
