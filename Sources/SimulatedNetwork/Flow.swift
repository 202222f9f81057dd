import Metainfo
import PeerWire
import SwarmEngine

/// One direction of a connection: what waits at its sender, what is on its way, in order as TCP keeps it.
///
/// Flow `k` is what the owner of peer key `k` sends; the other direction is flow `k ^ 1`.
struct Flow {
    /// The sender.
    let host: Int32
    /// Which of the sender's torrents.
    let slot: Int32
    var isOpen = true
    var waiting = FirstInFirstOut<Segment>()
    var flying = FirstInFirstOut<Segment>()
    /// How many of the first that wait are leaving together.
    var leaving = 1
    /// Payload bytes between the sender's link and the receiver: TCP's window lets no more be there.
    var flyingBytes = 0
    var window = 128 << 10
    /// Whether it has a place in the sender's round.
    var isInRound = false
    /// Lost packets are being sent again until then.
    var isRecovering = false
    /// Segments that have not reached the receiver's link yet; used where delays differ.
    var crossing = FirstInFirstOut<Segment>()
    /// No later segment arrives before an earlier one.
    var lastReach = Instant.zero
    var lastArrival = Instant.zero
    /// Its owner lost it in a crash.
    var isForgotten = false
    /// Payload bytes that arrived, whatever they were.
    var carried: Int64 = 0
    /// Payload bytes of blocks that arrived.
    var delivered: Int64 = 0
    /// For a stream: bytes that the server has still to put into segments.
    var streamLeft: Int64 = 0

    init(host: Int32, slot: Int32) {
        self.host = host
        self.slot = slot
    }
}

/// What travels as a whole. `bytes` is its length as TCP payload.
enum Segment {
    /// `served`: bytes of the read that this block ends, to be reported when it has left; 0 within one.
    case block(BlockRequest, isBad: Bool, served: Int32)
    /// Blocks that leave and arrive together, as they do where network cards take over the cutting into packets.
    case group([PeerInput], areBad: UInt8, served: Int32, bytes: Int)
    case messages([PeerInput], bytes: Int)
    /// Part of a file that a plain server sends.
    case stream(bytes: Int)
    /// What is left of a segment, after packets were lost.
    indirect case rest(Segment, bytes: Int)

    var bytes: Int {
        switch self {
        case .block(let request, _, _): request.length + PeerMessage.pieceHeaderLength
        case .group(_, _, _, let bytes), .messages(_, let bytes), .stream(let bytes), .rest(_, let bytes): bytes
        }
    }

    /// The segment itself, whatever of it had to be sent again.
    var whole: Segment {
        if case .rest(let segment, _) = self { segment } else { self }
    }
}

extension PeerMessage {
    /// Length on the wire in bytes; of the rare long ones near enough for a link's time.
    var wireLength: Int {
        switch self {
        case .keepAlive: 4
        case .choke, .unchoke, .interested, .notInterested, .haveAll, .haveNone, .unknown: 5
        case .port: 7
        case .have, .suggest, .allowedFast: 9
        case .bitfield(let bytes): 5 + bytes.count
        case .request, .cancel, .reject: 17
        case .hashRequest, .hashReject: 53
        case .hashes(_, let hashes): 53 + 32 * hashes.count
        case .extended(let message):
            switch message {
            case .handshake: 160
            case .metadata(.data(_, _, let bytes)): 60 + bytes.count
            case .metadata: 40
            case .pex(let exchange): 60 + 7 * exchange.added.count + 6 * exchange.dropped.count
            case .dontHave: 10
            case .uploadOnly, .unknown: 7
            }
        }
    }
}
