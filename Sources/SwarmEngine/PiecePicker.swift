import Metainfo
import PeerWire

/// Decides which block to ask of whom: pieces that were started first, then the rarest, and in endgame what is late.
///
/// Keeps what this host has, what it wants, how common each piece is, and the blocks of each started piece. It knows
/// nothing of connections beyond their keys.
struct PiecePicker {
    let layout: PieceLayout
    private(set) var have: PieceSet
    /// Pieces that the user wants (all, or those of the selected files).
    private(set) var wanted: PieceSet
    /// Pieces that are wanted and not had.
    private(set) var missing: PieceSet
    private(set) var rarity: RarityOrder
    private(set) var partials: [PartialPiece] = []
    /// Index into `partials`, or -1.
    private var partialSlot: [Int32]
    /// Open blocks in all started pieces.
    private var openBlocks = 0
    /// Pieces whose hash is not known yet (BEP 52 magnets before their piece layers came): not startable.
    private var unproven: PieceSet
    /// Changes whenever a piece becomes startable: until then a peer without one to start stays so.
    private(set) var startableVersion = 0

    init(layout: PieceLayout, have: PieceSet, wanted: PieceSet, unproven: PieceSet) {
        self.layout = layout
        self.have = have
        self.wanted = wanted
        missing = wanted.subtracting(have)
        self.unproven = unproven
        rarity = RarityOrder(pieceCount: layout.pieceCount)
        partialSlot = [Int32](repeating: -1, count: layout.pieceCount)
        for piece in 0..<layout.pieceCount { showIfStartable(PieceIndex(piece)) }
    }

    // MARK: What is missing

    var isComplete: Bool { missing.isEmpty }
    var missingCount: Int { missing.count }

    func needs(_ piece: PieceIndex) -> Bool { missing.contains(piece) }

    func awaitsBlocks(of piece: PieceIndex) -> Bool { slot(of: piece).map { !partials[$0].isComplete } ?? false }

    var hasOpenBlocks: Bool { openBlocks > 0 }

    /// Whether every block that is needed has been asked for: what is left is waiting.
    var isEndgame: Bool { openBlocks == 0 && rarity.isEmpty && !partials.isEmpty }

    // MARK: What peers have

    mutating func peerGained(_ piece: PieceIndex) { rarity.increment(piece) }
    mutating func peerLost(_ piece: PieceIndex) { rarity.decrement(piece) }

    // MARK: Picking

    /// Chooses up to `limit` blocks to ask of a peer and marks them as asked for.
    ///
    /// - Parameter isCounted: whether the peer's pieces are counted in their rarity: then it has none that nobody has.
    /// - Parameter canStart: false if it is known that the peer has no piece to start, which saves the search.
    /// - Returns: false if there was no further piece to start.
    @discardableResult
    mutating func pick(
        for peer: PeerKey, having pieces: PieceSet, isCounted: Bool = false, limit: Int,
        only allowed: Set<PieceIndex>? = nil,
        canStart: Bool = true, now: Instant, using generator: inout SeededGenerator,
        into requests: inout [BlockRequest]
    ) -> Bool {
        var room = limit
        let fits = { (piece: PieceIndex) in pieces.contains(piece) && (allowed?.contains(piece) ?? true) }
        // Strict finishing: its own pieces first, then anybody's, before anything new is started.
        for pass in 0..<2 where openBlocks > 0 {
            for slot in partials.indices where room > 0 {
                guard partials[slot].openCount > 0, fits(partials[slot].piece) else { continue }
                let isOwn = partials[slot].starter == peer
                guard isOwn == (pass == 0), isOwn || !partials[slot].isExclusive else { continue }
                room -= take(slot, limit: room, now: now, into: &requests)
            }
        }
        guard canStart else { return false }
        while room > 0 {
            let next =
                have.count < Self.randomFirstPieces
                ? rarity.random(using: &generator, where: fits)
                : rarity.rarest(atLeast: isCounted ? 1 : 0, using: &generator, where: fits)
            guard let next else { return false }
            let slot = start(next, by: peer)
            let taken = take(slot, limit: room, now: now, into: &requests)
            // Nothing to ask for in a piece that is all padding.
            guard taken > 0 else { continue }
            room -= taken
        }
        return true
    }

    /// Chooses up to `limit` blocks of the pieces that a peer suggested, in its order, and forgets suggestions that are
    /// used up or not needed any more.
    mutating func pick(
        for peer: PeerKey, suggested: inout [PieceIndex], only allowed: Set<PieceIndex>?, limit: Int,
        now: Instant, into requests: inout [BlockRequest]
    ) {
        var room = limit
        suggested.removeAll { piece in
            guard needs(piece), !unproven.contains(piece) else { return true }
            guard room > 0, allowed?.contains(piece) ?? true else { return false }
            guard let slot = slot(of: piece) ?? (rarity.isStartable(piece) ? start(piece, by: peer) : nil) else {
                return true
            }
            guard !partials[slot].isExclusive || partials[slot].starter == peer else { return true }
            room -= take(slot, limit: room, now: now, into: &requests)
            return partials[slot].openCount == 0
        }
    }

    /// Endgame: blocks that others were asked for and have not delivered, fewest requesters first, of pieces that have
    /// not moved for a while: what is on its way anyway need not come twice.
    mutating func pickDuplicates(
        for peer: PeerKey, having pieces: PieceSet, limit: Int, requesters maximum: Int = 3,
        now: Instant, excluding asked: (BlockRequest) -> Bool,
        into requests: inout [BlockRequest]
    ) {
        var room = limit
        for requesters in 1..<max(maximum, 2) where room > 0 {
            for slot in partials.indices where room > 0 && !partials[slot].isExclusive {
                let piece = partials[slot].piece
                guard pieces.contains(piece), now - partials[slot].movedAt >= Self.quietTime else { continue }
                var isDuplicated = false
                for block in partials[slot].blocks.indices where room > 0 {
                    guard case .requested(let count) = partials[slot].blocks[block], Int(count) == requesters else {
                        continue
                    }
                    let request = blockRequest(piece, block)
                    guard !asked(request), !requests.contains(request), partials[slot].duplicateRequest(block) else {
                        continue
                    }
                    requests.append(request)
                    room -= 1
                    isDuplicated = true
                }
                if isDuplicated { partials[slot].movedAt = now }
            }
        }
    }

    // MARK: Blocks

    func blockRequest(_ piece: PieceIndex, _ block: Int) -> BlockRequest {
        BlockRequest(
            piece: piece, begin: block * PieceLayout.blockLength, length: layout.blockSize(piece, block: block))
    }

    mutating func release(_ request: BlockRequest) {
        updatePartial(request.piece) { $0.release(request.begin / PieceLayout.blockLength) }
    }

    mutating func receive(_ request: BlockRequest, from peer: PeerKey, now: Instant) -> PartialPiece.Receipt {
        var receipt = PartialPiece.Receipt.alreadyHere
        // A late block would mix the senders of a piece that is left to one peer so that a liar is found.
        if let slot = slot(of: request.piece), partials[slot].isExclusive, partials[slot].starter != peer {
            return receipt
        }
        updatePartial(request.piece) {
            receipt = $0.receive(request.begin / PieceLayout.blockLength, from: peer)
            $0.movedAt = now
        }
        return receipt
    }

    /// Who sent the blocks of a started piece.
    func senders(of piece: PieceIndex) -> [PeerKey?] {
        slot(of: piece).map { partials[$0].senders } ?? []
    }

    // MARK: Outcomes

    mutating func verified(_ piece: PieceIndex) {
        guard have.insert(piece) else { return }
        missing.remove(piece)
        removePartial(piece)
        rarity.hide(piece)
    }

    /// These blocks of a piece have to come again; with `exclusively`, from that one peer only.
    mutating func reset(_ piece: PieceIndex, blocks: [Int], exclusively peer: PeerKey?) {
        updatePartial(piece) { partial in
            for block in blocks { partial.reset(block) }
            if let peer {
                partial.starter = peer
                partial.isExclusive = true
            }
        }
    }

    /// A piece that was left to one peer is anybody's again, since that peer is gone or does not deliver.
    mutating func liftExclusiveness(of peer: PeerKey) {
        for slot in partials.indices where partials[slot].starter == peer {
            partials[slot].isExclusive = false
            partials[slot].starter = nil
        }
    }

    /// - Returns: whether the piece was left to that peer.
    mutating func liftExclusiveness(of peer: PeerKey, piece: PieceIndex) -> Bool {
        guard let slot = slot(of: piece), partials[slot].starter == peer, partials[slot].isExclusive else {
            return false
        }
        partials[slot].isExclusive = false
        partials[slot].starter = nil
        return true
    }

    /// A piece that was had is not on disk any more.
    mutating func lost(_ piece: PieceIndex) {
        guard have.remove(piece) else { return }
        if wanted.contains(piece) { missing.insert(piece) }
        showIfStartable(piece)
    }

    /// The hash of these pieces is known now: they may be started.
    mutating func proven(_ pieces: Range<Int>) {
        for piece in pieces where unproven.remove(PieceIndex(piece)) { showIfStartable(PieceIndex(piece)) }
    }

    // MARK: Helpers

    /// A host's first pieces are chosen by chance instead of rarity (BEP 3 economics): it soon has something to offer.
    private static let randomFirstPieces = 4
    private static let quietTime = TimeSpan.milliseconds(150)

    private func slot(of piece: PieceIndex) -> Int? {
        guard partialSlot.indices.contains(piece.rawValue) else { return nil }
        let slot = Int(partialSlot[piece.rawValue])
        return slot >= 0 ? slot : nil
    }

    private mutating func updatePartial(_ piece: PieceIndex, _ change: (inout PartialPiece) -> Void) {
        guard let slot = slot(of: piece) else { return }
        let before = partials[slot].openCount
        change(&partials[slot])
        openBlocks += partials[slot].openCount - before
    }

    mutating func take(
        _ slot: Int, limit: Int, now: Instant, into requests: inout [BlockRequest]
    ) -> Int {
        partials[slot].movedAt = now
        let piece = partials[slot].piece
        let layout = layout
        let taken = partials[slot].takeOpenBlocks(limit: limit) { block in
            requests.append(
                BlockRequest(
                    piece: piece, begin: block * PieceLayout.blockLength,
                    length: layout.blockSize(piece, block: block)))
        }
        openBlocks -= taken
        return taken
    }

    mutating func start(_ piece: PieceIndex, by peer: PeerKey) -> Int {
        rarity.hide(piece)
        let partial = PartialPiece(piece: piece, blockCount: layout.blockCount(piece), starter: peer)
        partials.append(partial)
        partialSlot[piece.rawValue] = Int32(partials.count - 1)
        openBlocks += partial.openCount
        return partials.count - 1
    }

    private mutating func removePartial(_ piece: PieceIndex) {
        guard let slot = slot(of: piece) else { return }
        openBlocks -= partials[slot].openCount
        partials.swapAt(slot, partials.count - 1)
        partialSlot[partials[slot].piece.rawValue] = Int32(slot)
        partials.removeLast()
        partialSlot[piece.rawValue] = -1
    }

    private mutating func showIfStartable(_ piece: PieceIndex) {
        guard needs(piece), !unproven.contains(piece), slot(of: piece) == nil else { return }
        rarity.show(piece)
        startableVersion += 1
    }
}
