import Metainfo
import PeerWire

extension SwarmEngine {
    /// Everything that one read brought: looked at in order, answered together.
    func receive(_ inputs: [PeerInput], from key: PeerKey, now: Instant) {
        guard let peer = peers[key] else { return }
        peer.lastReceivedAt = now
        peer.answerBudget = Self.answerBytesPerBatch
        for input in inputs {
            switch input {
            case .block(let request, let slot): receiveBlock(request, slot: slot, from: peer, now: now)
            case .message(let message): receive(message, from: peer, now: now)
            }
            guard !peer.isGone else { return }
        }
        request(from: peer, now: now)
        serve(peer, now: now)
    }

    private func receive(_ message: PeerMessage, from peer: Peer, now: Instant) {
        switch message {
        case .keepAlive, .port, .unknown: break
        case .choke: choked(by: peer, now: now)
        case .unchoke:
            // No news of blocks: one that unchokes over and over and delivers nothing snubs all the same.
            peer.isChokingUs = false
            peer.unchokedUsAt = now
        case .interested:
            guard !peer.isInterested else { return }
            peer.isInterested = true
            if peer.isChoked { peer.chokeChangedAt = now } else { resumeService(of: peer, now: now) }
            fillSlots(now: now)
            welcome(peer, now: now)
        case .notInterested:
            guard peer.isInterested else { return }
            peer.isInterested = false
            // It keeps its slot until somebody else needs it: it may want something again at any moment.
            fillSlots(now: now)
            dropIfRedundant(peer, now: now)
        case .have(let piece): have(piece, by: peer, now: now)
        case .bitfield(let bytes): receiveBitfield(bytes, from: peer, now: now)
        case .request(let request): requested(request, by: peer, now: now)
        case .cancel(let request): cancelled(request, by: peer, now: now)
        case .extended(let extended): receive(extended, from: peer, now: now)
        case .suggest, .haveAll, .haveNone, .reject, .allowedFast: receiveFast(message, from: peer, now: now)
        case .hashRequest, .hashes, .hashReject: receiveHashMessage(message, from: peer, now: now)
        }
    }

    private func receiveFast(_ message: PeerMessage, from peer: Peer, now: Instant) {
        guard peer.introduction.supportsFast else {
            return drop(peer, .protocolViolation("a fast message that was not negotiated"), now: now)
        }
        switch message {
        case .haveAll: receiveFirstPieces(.all, from: peer, now: now)
        case .suggest(let piece): suggested(piece, by: peer, now: now)
        case .haveNone: receiveFirstPieces(.early(bitfield: nil, haves: []), from: peer, now: now)
        case .reject(let request): rejected(request, by: peer, now: now)
        case .allowedFast(let piece):
            // Bounded: nobody needs more of these than a handful.
            if peer.allowedFast.count == 64, let transfer {
                peer.allowedFast = peer.allowedFast.filter { transfer.picker.needs($0) }
            }
            if peer.allowedFast.count < 64 { peer.allowedFast.insert(piece) }
            peer.exhausted = nil
        default: break
        }
    }

    // MARK: What a peer has

    /// Bitfield, have all or have none: once, before any `have`.
    private func receiveFirstPieces(_ pieces: PeerPieces, from peer: Peer, now: Instant) {
        guard peer.pieces == .unsaid else {
            return drop(peer, .protocolViolation("its pieces told twice"), now: now)
        }
        peer.pieces = pieces
        if transfer != nil { resolvePieces(of: peer, now: now) }
    }

    /// BEP 3 has it once and first; aria2 sends another in place of many `have`s, which can only add to what it has.
    private func receiveBitfield(_ bytes: [UInt8], from peer: Peer, now: Instant) {
        switch peer.pieces {
        case .unsaid, .all:
            receiveFirstPieces(.early(bitfield: bytes, haves: []), from: peer, now: now)
        case .early(_, let haves):
            peer.pieces = .early(bitfield: bytes, haves: haves)
        case .known(let old):
            guard let new = PieceSet(bitfield: bytes, capacity: old.capacity) else {
                return drop(peer, .protocolViolation("a bitfield that does not fit the torrent"), now: now)
            }
            new.subtracting(old).forEach { have($0, by: peer, now: now) }
        }
    }

    /// Turns what a peer said into a set of this torrent's pieces.
    func resolvePieces(of peer: Peer, now: Instant) {
        guard let transfer else { return }
        let capacity = transfer.info.layout.pieceCount
        var set = PieceSet(capacity: capacity)
        switch peer.pieces {
        case .known: return
        case .unsaid: break
        case .all: set = PieceSet(fullWithCapacity: capacity)
        case .early(let bitfield, let haves):
            if let bitfield {
                guard let parsed = PieceSet(bitfield: bitfield, capacity: capacity) else {
                    return drop(peer, .protocolViolation("a bitfield that does not fit the torrent"), now: now)
                }
                set = parsed
            }
            guard haves.allSatisfy({ $0.rawValue >= 0 && $0.rawValue < capacity }) else {
                return drop(peer, .protocolViolation("a piece number beyond the torrent"), now: now)
            }
            for piece in haves { set.insert(piece) }
        }
        // Somebody who said nothing yet may still send a bitfield.
        if peer.pieces == .unsaid && set.isEmpty { return }
        peer.pieces = .known(set)
        // Pieces that everybody of these has do not change which is rarest.
        peer.countsInRarity = !set.isFull && !peer.isWebSeed
        if peer.countsInRarity { set.forEach { transfer.picker.peerGained($0) } }
        // Not of one that says it has everything: that may be a boast, and another seeder gives out its own.
        if !set.isFull { set.forEach { transfer.firstCopy?.appeared($0) } }
        peer.neededCount = transfer.picker.missing.intersectionCount(set)
        updateInterest(in: peer, now: now)
        dropIfRedundant(peer, now: now)
    }

    private func have(_ piece: PieceIndex, by peer: Peer, now: Instant) {
        guard let transfer else { return haveEarly(piece, by: peer, now: now) }
        let capacity = transfer.info.layout.pieceCount
        guard piece.rawValue >= 0, piece.rawValue < capacity else {
            return drop(peer, .protocolViolation("a piece number beyond the torrent"), now: now)
        }
        var set: PieceSet
        if case .known(let known) = peer.pieces { set = known } else { set = PieceSet(capacity: capacity) }
        // Lets the set be changed in place.
        peer.pieces = .unsaid
        defer {
            peer.pieces = .known(set)
            if set.isFull { dropIfRedundant(peer, now: now) }
        }
        if !peer.refused.isEmpty { peer.refused[piece] = nil }
        guard set.insert(piece) else { return }
        peer.exhausted = nil
        firstCopyAppeared(piece, at: peer)
        // One that was counted stays so when it has all: going over to the others would cost a walk over all pieces.
        if !peer.isWebSeed {
            peer.countsInRarity = true
            transfer.picker.peerGained(piece)
        }
        guard transfer.picker.needs(piece) else { return }
        peer.neededCount += 1
        updateInterest(in: peer, now: now)
    }

    private func haveEarly(_ piece: PieceIndex, by peer: Peer, now: Instant) {
        guard piece.rawValue >= 0, piece.rawValue < 1 << 21 else {
            return drop(peer, .protocolViolation("a piece number beyond any torrent"), now: now)
        }
        switch peer.pieces {
        case .unsaid: peer.pieces = .early(bitfield: nil, haves: [piece])
        case .early(let bitfield, var haves):
            peer.pieces = .all
            // What does not fit is forgotten: the peer then seems to have less than it has, which harms nobody.
            if haves.count < 1 << 14 { haves.insert(piece) }
            peer.pieces = .early(bitfield: bitfield, haves: haves)
        case .all, .known: break
        }
    }

    /// The `lt_donthave` message (BEP 54): a piece is gone from a peer.
    func lostPiece(_ piece: PieceIndex, by peer: Peer, now: Instant) {
        peer.refused[piece] = nil
        guard let transfer, case .known(var set) = peer.pieces else { return }
        // Lets the set be changed in place.
        peer.pieces = .unsaid
        defer { peer.pieces = .known(set) }
        guard set.remove(piece) else { return }
        if peer.countsInRarity {
            transfer.picker.peerLost(piece)
        } else if !peer.isWebSeed {
            set.forEach { transfer.picker.peerGained($0) }
            peer.countsInRarity = true
        }
        // Were it left to this peer alone, nobody would deliver it.
        if transfer.picker.liftExclusiveness(of: peer.key, piece: piece) { isRequestRoundDue = true }
        if transfer.picker.needs(piece) {
            peer.neededCount -= 1
            updateInterest(in: peer, now: now)
        }
    }

    /// A piece that a peer refused a while ago may be asked of it again: it may have been short of something.
    func retryRefused(by peer: Peer, now: Instant) {
        guard !peer.refused.isEmpty else { return }
        for (piece, since) in peer.refused.sorted(by: { $0.key < $1.key }) where now - since > Self.refusalTime {
            have(piece, by: peer, now: now)
        }
    }

    private static let refusalTime = TimeSpan.seconds(20)
    /// Bytes of metadata and hashes that are answered to what one read brought; beyond it they are refused.
    private static let answerBytesPerBatch = 2 << 20

    /// Interest is told at once. That it is over is told at the next tick, unless it is back by then: among peers that
    /// have about the same, it comes and goes with every piece, and each time the other side would give up a slot.
    func updateInterest(in peer: Peer, now: Instant) {
        if peer.neededCount == 0, let transfer, !transfer.picker.isComplete { return }
        tellInterest(in: peer, now: now)
    }

    func tellInterest(in peer: Peer, now: Instant) {
        let isInteresting = peer.neededCount > 0
        guard isInteresting != peer.weAreInterested else { return }
        peer.weAreInterested = isInteresting
        send(isInteresting ? .interested : .notInterested, to: peer, now: now)
    }
}
