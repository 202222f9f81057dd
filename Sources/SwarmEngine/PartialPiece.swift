import Metainfo

/// A piece that has been started: which of its blocks are open, asked for, or here.
struct PartialPiece {
    enum Block: Equatable {
        case open
        /// Asked of this many peers (more than one only in endgame).
        case requested(UInt8)
        /// Here, from this peer; not verified yet.
        case received(PeerKey)
    }

    let piece: PieceIndex
    private(set) var blocks: [Block]
    private(set) var openCount: Int
    private(set) var receivedCount = 0
    /// Who started it. A piece is preferably finished by its starter: its blocks then arrive in order, and if it
    /// turns out bad the sender is known.
    var starter: PeerKey?
    /// After a failed check nobody else may contribute, so that a second failure has one suspect.
    var isExclusive = false
    /// When a block of it was last asked for or came: a piece that moves is finished by those that move it.
    var movedAt = Instant.zero
    private var firstPossiblyOpen = 0

    init(piece: PieceIndex, blockCount: Int, starter: PeerKey?) {
        self.piece = piece
        self.starter = starter
        blocks = [Block](repeating: .open, count: blockCount)
        openCount = blockCount
    }

    var isComplete: Bool { receivedCount == blocks.count }

    /// Marks up to `limit` open blocks as asked for and calls `body` with each.
    mutating func takeOpenBlocks(limit: Int, _ body: (Int) -> Void) -> Int {
        var taken = 0
        var index = firstPossiblyOpen
        while index < blocks.count, taken < limit, openCount > 0 {
            if blocks[index] == .open {
                blocks[index] = .requested(1)
                openCount -= 1
                taken += 1
                body(index)
            }
            index += 1
        }
        firstPossiblyOpen = index
        return taken
    }

    /// Adds a second requester in endgame. False if the block is not one that is on its way.
    mutating func duplicateRequest(_ block: Int) -> Bool {
        guard blocks.indices.contains(block), case .requested(let count) = blocks[block], count < .max else {
            return false
        }
        blocks[block] = .requested(count + 1)
        return true
    }

    /// One requester gave the block up (choked, rejected, gone).
    mutating func release(_ block: Int) {
        guard blocks.indices.contains(block), case .requested(let count) = blocks[block] else { return }
        if count > 1 {
            blocks[block] = .requested(count - 1)
        } else {
            reopen(block)
        }
    }

    enum Receipt: Equatable {
        /// `requesters`: how many peers had been asked for it.
        case accepted(requesters: Int)
        case alreadyHere
    }

    mutating func receive(_ block: Int, from sender: PeerKey) -> Receipt {
        guard blocks.indices.contains(block) else { return .alreadyHere }
        switch blocks[block] {
        case .received:
            return .alreadyHere
        case .open:
            openCount -= 1
            blocks[block] = .received(sender)
            receivedCount += 1
            return .accepted(requesters: 0)
        case .requested(let count):
            blocks[block] = .received(sender)
            receivedCount += 1
            return .accepted(requesters: Int(count))
        }
    }

    /// A block that was here has to come again: it was bad, or could not be stored.
    mutating func reset(_ block: Int) {
        guard blocks.indices.contains(block), case .received = blocks[block] else { return }
        receivedCount -= 1
        reopen(block)
    }

    /// Who sent each block; nil where it is not here.
    var senders: [PeerKey?] {
        blocks.map { if case .received(let sender) = $0 { sender } else { nil } }
    }

    private mutating func reopen(_ block: Int) {
        blocks[block] = .open
        openCount += 1
        firstPossiblyOpen = min(firstPossiblyOpen, block)
    }
}
