import Metainfo
import PeerWire

/// One torrent's part in its swarm: decides what to ask of whom, whom to serve, and whom to believe.
///
/// Free of I/O: events and their instants go in by ``handle(_:now:)``, actions come out, chance comes from a seed.
/// Block bytes never pass through it; it sees their indices. Both roles run at once: what a host has it serves while
/// it fetches the rest. Follows BEP 3, 6, 9, 10, 11, 21, 40 and 52.
///
/// Not `Sendable`: whoever drives it confines it, the host to its event loop and a simulation to its thread.
public final class SwarmEngine {
    public let ownID: PeerID
    public internal(set) var configuration: SwarmConfiguration
    public internal(set) var hashes: InfoHashes

    var generator: SeededGenerator
    /// The description being fetched (BEP 9); nil once it is known.
    var metadata: MetadataExchange? = MetadataExchange()
    /// The running transfer; nil until the description is known and the host has storage ready.
    var transfer: Transfer?
    var peers = PeerTable()
    /// In the order of their connection, so that every walk over them is the same in each run.
    var orderedPeers: [Peer] { peers.values }
    var directory: PeerDirectory
    var choker: Choker
    var blame = BlameLedger()
    var hashExchange = HashExchange()
    var uploadTurns = UploadTurns()
    /// Bytes that are asked for and have not left.
    var uploadLoad = 0
    /// Slots beyond the configured ones, since those left the link idle.
    var extraSlots = 0
    var wasIdle = false
    var isPaused = false
    /// Blocks became free to ask for: at the end of this step every peer with room is asked.
    var isRequestRoundDue = false
    /// The address that two peers said they see this host under.
    var seenAddress: PeerAddress?
    var lastSeenVote: PeerAddress?
    var actions: [SwarmAction] = []
    var totals = SwarmTotals()
    /// Of all peers together. Peers take turns, so their own rates, which rise faster than they fall, add up to more.
    var downloadRate = RateEstimator()
    var uploadRate = RateEstimator()
    /// The same with what goes to other transfers of this very host.
    var servingRate = RateEstimator()
    var departedTraffic = DepartedTraffic()

    /// - Parameters:
    ///   - ownID: this host's peer id in this swarm.
    ///   - seed: all of the engine's chance.
    public init(hashes: InfoHashes, ownID: PeerID, configuration: SwarmConfiguration, seed: UInt64) {
        self.hashes = hashes
        self.ownID = ownID
        self.configuration = configuration
        generator = SeededGenerator(seed: seed)
        directory = PeerDirectory(maximumDialing: configuration.maximumDialing)
        choker = Choker()
    }

    /// Takes one event and returns what is to be done about it, in order.
    public func handle(_ event: SwarmEvent, now: Instant) -> [SwarmAction] {
        var actions: [SwarmAction] = []
        handle(event, now: now, into: &actions)
        return actions
    }

    /// The same into an array that whoever drives many engines uses again and again.
    public func handle(_ event: SwarmEvent, now: Instant, into result: inout [SwarmAction]) {
        swap(&actions, &result)
        defer { swap(&actions, &result) }
        switch event {
        case .peerConnected(let key, let introduction): connect(key, introduction, now: now)
        case .received(let key, let inputs): receive(inputs, from: key, now: now)
        case .peerDisconnected(let key): removePeer(key, now: now)
        case .peerMisbehaved(let key):
            if let peer = peers[key] { drop(peer, .protocolViolation("not the peer protocol"), now: now) }
        case .dialFailed(let address): directory.dialFailed(address, now: now)
        case .discovered(let addresses, let source):
            for address in addresses { directory.add(address, from: source) }
            dial(now: now)
        case .activated(let activation): activate(activation, now: now)
        case .pieceVerified(let piece): pieceVerified(piece, now: now)
        case .pieceFailed(let piece, let blockHashes): pieceFailed(piece, blockHashes: blockHashes, now: now)
        case .pieceNotStored(let piece): pieceNotStored(piece)
        case .pieceLost(let piece): pieceLost(piece, now: now)
        case .blockHashes(let piece, let hashes): accuse(of: piece, goodHashes: hashes, now: now)
        case .leafHashes(let key, let request, let leaves): answerLeafRequest(request, from: key, leaves: leaves)
        case .served(let key, let bytes): served(key, bytes: bytes, now: now)
        case .serveFailed(let key, let requests): serveFailed(key, requests, now: now)
        case .paused: pause(now: now)
        case .resumed: resume(now: now)
        case .announce: announce(now: now)
        case .tick: tick(now: now)
        }
        if isRequestRoundDue {
            isRequestRoundDue = false
            // Whoever snubs comes last: what it did not deliver goes to others first. So do web seeds.
            let asked = orderedPeers
            for peer in asked where !peer.isSnubbed && !peer.isWebSeed { request(from: peer, now: now) }
            for peer in asked where peer.isSnubbed || peer.isWebSeed { request(from: peer, now: now) }
        }
    }

    /// Bytes that may be on their way from disk to each peer; a host with many swarms shares its memory so.
    public func setUploadWindow(_ bytes: Int) {
        configuration.uploadWindow = max(bytes, PieceLayout.blockLength)
    }
}

/// The running part of a torrent.
final class Transfer {
    let info: TorrentInfo
    var picker: PiecePicker
    var hasCompleted = false
    let startedAt: Instant
    /// Verified pieces that peers have not been told of.
    var announcements: [PieceIndex] = []
    var announcedAt = Instant(nanoseconds: .min / 2)
    /// What this seeder gives out once; nil where everything was not there from the start.
    var firstCopy: FirstCopy?

    init(info: TorrentInfo, picker: PiecePicker, now: Instant) {
        self.info = info
        self.picker = picker
        startedAt = now
    }
}

/// Counts since the engine was made.
public struct SwarmTotals: Sendable, Equatable {
    /// Payload bytes of blocks that were wanted.
    public var downloaded: Int64 = 0
    public var uploaded: Int64 = 0
    /// Payload bytes of wanted blocks that came from another transfer of this very host; no part of the above.
    public var copied: Int64 = 0
    /// Payload bytes that came twice or were not wanted any more.
    public var wasted: Int64 = 0
    public var failedPieces = 0
}

/// What a user sees of a swarm at one moment.
public struct SwarmStatus: Sendable, Equatable {
    public var peers: Int
    /// Web seeds that are asked for something now; they are not among the peers.
    public var webSeeds: Int
    /// Peers that serve this host now.
    public var servers: Int
    /// Peers that this host serves now.
    public var clients: Int
    /// Bytes a second.
    public var downloadRate: Double
    public var uploadRate: Double
    public var totals: SwarmTotals
    public var isComplete: Bool
}

extension SwarmEngine {
    public var status: SwarmStatus {
        // Without peers there may be no ticks, and the rates are those of when there were some.
        let isAlone = peers.values.isEmpty
        var status = SwarmStatus(
            peers: 0, webSeeds: 0, servers: 0, clients: 0, downloadRate: isAlone ? 0 : downloadRate.rate,
            uploadRate: isAlone ? 0 : uploadRate.rate, totals: totals,
            isComplete: transfer?.picker.isComplete ?? false)
        for peer in peers.values {
            guard !peer.isWebSeed else {
                if !peer.outstanding.isEmpty { status.webSeeds += 1 }
                continue
            }
            status.peers += 1
            if !peer.isChokingUs && peer.weAreInterested { status.servers += 1 }
            if !peer.isChoked && peer.isInterested && !peer.introduction.isOwnHost { status.clients += 1 }
        }
        return status
    }

    /// Whether blocks of a piece that was started are still to come.
    public func awaitsBlocks(of piece: PieceIndex) -> Bool { transfer?.picker.awaitsBlocks(of: piece) ?? false }

    /// Pieces that are here and verified; nil while the description is being fetched.
    public var have: PieceSet? { transfer?.picker.have }
}
