import Metainfo
import PeerWire

/// One connected peer as the engine sees it: the state of both directions of BEP 3 and what its extensions told.
///
/// A class, because many of an engine's steps look at a peer and at the picker at once. It never leaves its engine.
final class Peer {
    // What nearly every message concerns, together: these lie in a few of the processor's cache lines.
    let key: PeerKey
    /// What it has.
    var pieces: PeerPieces
    /// Pieces it has that this host needs. Interest is kept truthful by this count.
    var neededCount = 0
    /// State of the picker in which it had no piece to start for this peer.
    var exhausted: Int?
    /// Its connection has ended.
    var isGone = false
    /// Whether its pieces are counted one by one; those of one that came with everything are not.
    var countsInRarity = false
    /// It is a web server (BEP 19).
    let isWebSeed: Bool
    var isUploadOnly = false
    var isChokingUs = true
    var weAreInterested = false
    var isSnubbed = false
    var isChoked = true
    var isInterested = false
    var isOptimistic = false
    /// It did not ask for what was suggested, as programs do that know nothing of it.
    var ignoresSuggestions = false
    // What it told of itself (BEP 10).
    var extensions = ExtensionIDs()
    var requestLimit = 250
    var lastReceivedAt: Instant
    var lastSentAt: Instant
    var lastBlockAt: Instant
    /// Bytes of answers that the present batch of its messages may still cause at once.
    var answerBudget = 0
    var outstanding = RequestQueue()
    var incoming = RequestQueue()
    var bytesBeingServed = 0
    var uploadWindow = UploadWindow()
    var pipeline = Pipeline()
    var suggestedAt: Instant?
    /// Pieces that it suggests to ask of it, in its order, and (above) when it did so last (BEP 6).
    var suggestions: [PieceIndex] = []
    /// Pieces that it has and refused to send, since when.
    var refused: [PieceIndex: Instant] = [:]

    let introduction: PeerIntroduction
    /// Of a web seed: the piece after the last one that was asked of it.
    var nextInRow: PieceIndex?
    let connectedAt: Instant
    var metadataSize: Int?
    /// Where it takes connections: the address that others are told, and further ones that turned out to be it.
    private(set) var listenAddresses: [PeerAddress] = []

    // This host as its client.
    var allowedFast: Set<PieceIndex> = []
    /// Requests that were cancelled but will still be answered (BEP 6).
    var cancelled = RequestQueue()
    /// Answers that may still come and are not in `cancelled` any more.
    private(set) var forgottenAnswers = 0
    var download: RateEstimator
    var wastedBlocks = 0
    var unchokedUsAt: Instant?

    // This host as its server.
    var offeredFast: Set<PieceIndex> = []
    /// Pieces that this host suggested to it and that it has not asked for yet, and since when.
    var suggestedByUs: [PieceIndex: Instant] = [:]
    /// The piece that it took up last of those that were suggested, and when it last asked for a block of that.
    var takenSuggestion: PieceIndex?
    var followedAt: Instant
    var upload: RateEstimator
    /// Start of this unchoke, or of the wait for one.
    var chokeChangedAt: Instant
    var uploadedAtUnchoke: Int64 = 0
    var leafRequestsBeingServed = 0

    // Hash requests of ours that wait for an answer (BEP 52).
    var hashRequests: [HashRequest: Instant] = [:]
    var refusedHashes: [HashRequest: Instant] = [:]
    var nextHashLook: Instant

    // What it was told of others (BEP 11).
    var exchangedPeers: Set<PeerAddress> = []
    var lastExchangeAt: Instant?
    var exchangeMessages = 0

    init(key: PeerKey, introduction: PeerIntroduction, pieces: PeerPieces, now: Instant) {
        self.key = key
        self.introduction = introduction
        isWebSeed = introduction.webSeed != nil
        self.pieces = pieces
        connectedAt = now
        download = RateEstimator(start: now)
        upload = RateEstimator(start: now)
        lastBlockAt = now
        followedAt = now
        chokeChangedAt = now
        lastReceivedAt = now
        lastSentAt = now
        nextHashLook = now
        if introduction.isOutgoing { listenAddresses = [introduction.address] }
    }

    var listenAddress: PeerAddress? { listenAddresses.first }

    func addListenAddress(_ address: PeerAddress) {
        guard listenAddresses.count < 8, !listenAddresses.contains(address) else { return }
        listenAddresses.append(address)
    }

    /// Remembers a request that was given up but may still be answered. A peer without BEP 6 may never answer, so only
    /// the latest are remembered.
    func expectAnswer(to request: BlockRequest) {
        if cancelled.count >= 2000, cancelled.popFirst() != nil { forgottenAnswers += 1 }
        cancelled.append(request)
    }

    func has(_ piece: PieceIndex) -> Bool {
        if case .known(let set) = pieces { set.contains(piece) } else { false }
    }

    /// Pieces that it has, as far as it said.
    var pieceCount: Int {
        switch pieces {
        case .known(let set): set.count
        case .all: .max
        case .unsaid, .early: 0
        }
    }

    var hasEverything: Bool {
        if case .known(let set) = pieces { set.isFull && set.capacity > 0 } else { pieces == .all }
    }
}

/// What a peer has. Before the torrent's description is known, only what it said can be kept.
enum PeerPieces: Equatable {
    /// Nothing said yet.
    case unsaid
    /// Have all (BEP 6), number of pieces unknown.
    case all
    /// Said before the number of pieces was known; bounded by the size of a message and the largest torrent.
    case early(bitfield: [UInt8]?, haves: Set<PieceIndex>)
    case known(PieceSet)
}
