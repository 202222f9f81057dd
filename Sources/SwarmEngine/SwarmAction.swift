import Metainfo
import PeerWire

/// What a swarm engine wants done. Whoever drives it does these in order.
/// Small, since several come of each event: what is rare and large is kept elsewhere.
public enum SwarmAction: Sendable {
    case send(PeerKey, PeerMessage)
    /// Read these blocks and send them; `served` or `serveFailed` answers.
    case serve(PeerKey, [BlockRequest])
    /// The block at `slot` of the batch just handed in is wanted: hash and write it.
    case store(slot: Int, BlockRequest)
    /// Hash these blocks of a file, so that a peer's request can be answered; `leafHashes` answers.
    indirect case serveLeafHashes(PeerKey, HashRequest, FileIndex, blocks: Range<Int>)
    /// Hash the blocks of a piece that is on disk; `blockHashes` answers.
    case hashBlocks(PieceIndex)
    /// Forget these blocks of a piece: they will come again.
    case forget(PieceIndex, blocks: [Int])
    case disconnect(PeerKey, DisconnectReason)
    indirect case dial(PeerAddress)
    /// The info dictionary came from peers and its hash is right; `activated` answers.
    indirect case metadataReceived(TorrentInfo)
    /// The piece layers of a file came from peers and fold to its root.
    indirect case pieceLayersReceived(PieceLayers)
    /// Everything that is wanted is here.
    case completed
}

/// Why a connection is closed.
public enum DisconnectReason: Sendable, Equatable, CustomStringConvertible {
    case protocolViolation(String)
    case corruptData
    case banned
    case ownConnection
    case duplicate
    case tooManyPeers
    /// Neither side has anything for the other.
    case redundant
    case idle

    /// Whether the peer is to blame: it is not asked again.
    public var isMisbehaviour: Bool {
        switch self {
        case .protocolViolation, .corruptData: true
        default: false
        }
    }

    public var description: String {
        switch self {
        case .protocolViolation(let what): "broke the protocol: \(what)"
        case .corruptData: "sent corrupt data"
        case .banned: "was dropped before"
        case .ownConnection: "is this host itself"
        case .duplicate: "is connected already"
        case .tooManyPeers: "is one too many"
        case .redundant: "has everything, as we do"
        case .idle: "was silent for too long"
        }
    }
}
