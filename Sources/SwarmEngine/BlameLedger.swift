import Metainfo
import PeerWire

/// Who sent what in pieces that turned out bad, until it is known which blocks were.
struct BlameLedger {
    struct Attempt: Equatable {
        /// Sender of each block.
        var senders: [PeerKey?]
        /// SHA-256 of each block as it came.
        var hashes: [MerkleHash]
    }

    private(set) var attempts: [PieceIndex: [Attempt]] = [:]
    /// Leaf hashes being collected from a peer to find the bad blocks of a piece (BEP 52).
    var leafTraces: [PieceIndex: LeafTrace] = [:]

    /// Peers that have left; what they sent may turn out bad only now.
    private(set) var departed: [PeerKey: PeerIntroduction] = [:]
    private var departedOrder: [PeerKey] = []
    /// Pieces of `attempts`, oldest first.
    private var order: [PieceIndex] = []

    /// A stranger can make pieces fail; this much is remembered of them.
    private static let attemptsPerPiece = 4
    private static let maximumPieces = 64
    private static let maximumDeparted = 200

    mutating func departed(_ key: PeerKey, _ introduction: PeerIntroduction) {
        departed[key] = introduction
        departedOrder.append(key)
        if departedOrder.count > Self.maximumDeparted { departed[departedOrder.removeFirst()] = nil }
    }

    mutating func record(_ piece: PieceIndex, _ attempt: Attempt) {
        var list = attempts[piece] ?? []
        if list.isEmpty {
            order.append(piece)
            if order.count > Self.maximumPieces { attempts[order.removeFirst()] = nil }
        }
        if list.count == Self.attemptsPerPiece { list.removeFirst() }
        list.append(attempt)
        attempts[piece] = list
    }

    func hasAttempts(_ piece: PieceIndex) -> Bool { attempts[piece] != nil }

    /// Now that the right hashes of a piece's blocks are known: the peers whose blocks were wrong.
    mutating func liars(in piece: PieceIndex, goodHashes: [MerkleHash]) -> [PeerKey] {
        defer {
            attempts[piece] = nil
            order.removeAll { $0 == piece }
            leafTraces[piece] = nil
        }
        var liars: Set<PeerKey> = []
        for attempt in attempts[piece] ?? [] {
            for (block, hash) in attempt.hashes.enumerated() where block < goodHashes.count {
                if hash != goodHashes[block], block < attempt.senders.count, let sender = attempt.senders[block] {
                    liars.insert(sender)
                }
            }
        }
        return liars.sorted()
    }
}

/// Leaf hashes of one failed piece as they come in, in ranges.
struct LeafTrace {
    var file: FileIndex
    /// Number of the piece in its file.
    var pieceInFile: Int
    var outstanding: Set<HashRequest>
    var leaves: [Int: [MerkleHash]] = [:]
    var askedOf: PeerKey
    var deadline: Instant
}
