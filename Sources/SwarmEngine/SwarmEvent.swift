import Metainfo
import PeerWire

/// What can happen to a swarm engine.
public enum SwarmEvent: Sendable {
    /// A connection is through its handshake.
    indirect case peerConnected(PeerKey, PeerIntroduction)
    /// Everything that one read from a peer brought.
    case received(PeerKey, [PeerInput])
    case peerDisconnected(PeerKey)
    /// A connection ended because the peer sent what the codecs refuse. It is not asked again.
    case peerMisbehaved(PeerKey)
    indirect case dialFailed(PeerAddress)
    /// Addresses at which peers of this torrent may be found.
    case discovered([PeerAddress], from: PeerSource)
    /// The torrent's description is at hand and its storage is ready: the transfer can begin.
    indirect case activated(Activation)
    case pieceVerified(PieceIndex)
    /// All blocks of a piece came and its hash is wrong. `blockHashes`: SHA-256 of each block that came.
    case pieceFailed(PieceIndex, blockHashes: [MerkleHash])
    /// Blocks of a piece could not be written: they have to come again when storage works again.
    case pieceNotStored(PieceIndex)
    /// A piece that was had turned out to be gone or changed on disk.
    case pieceLost(PieceIndex)
    /// Hashes of the blocks of a piece or range, asked for by `hashBlocks`.
    case blockHashes(PieceIndex, [MerkleHash])
    /// Answer to `serveLeafHashes`; nil if they could not be read.
    indirect case leafHashes(PeerKey, HashRequest, [MerkleHash]?)
    /// Payload bytes that were asked for by `serve` have left towards a peer.
    case served(PeerKey, bytes: Int)
    /// Blocks asked for by `serve` could not be read.
    case serveFailed(PeerKey, [BlockRequest])
    /// Storage fails: nothing is asked for until `resumed`.
    case paused
    case resumed
    /// ``SwarmEngine/announceDelay`` has passed since ``SwarmEngine/hasUnannounced`` became true.
    case announce
    /// Time has passed. To be called about four times a second.
    case tick
}

/// One item of a batch from a peer. A block's bytes stay outside; `slot` is its place in the batch.
public enum PeerInput: Sendable, Equatable {
    case message(PeerMessage)
    case block(BlockRequest, slot: Int)
}

/// What is known of a peer after its handshake.
public struct PeerIntroduction: Sendable, Equatable {
    public var id: PeerID
    public var address: PeerAddress
    /// Whether this host opened the connection.
    public var isOutgoing: Bool
    /// Features that both sides have.
    public var supportsFast: Bool
    public var supportsExtensions: Bool
    /// Whether the connection speaks BEP 52.
    public var isV2: Bool
    /// What a web seed (BEP 19) is called: a web server that whoever drives the engine asks in a peer's stead. Nil for a
    /// peer.
    public var webSeed: String?
    /// It is another transfer of this very host: what goes between the two crosses no network and is counted apart.
    public var isOwnHost: Bool

    public init(
        id: PeerID, address: PeerAddress, isOutgoing: Bool, supportsFast: Bool, supportsExtensions: Bool, isV2: Bool,
        webSeed: String? = nil, isOwnHost: Bool = false
    ) {
        self.id = id
        self.address = address
        self.isOutgoing = isOutgoing
        self.supportsFast = supportsFast
        self.supportsExtensions = supportsExtensions
        self.isV2 = isV2
        self.webSeed = webSeed
        self.isOwnHost = isOwnHost
    }
}

/// How an address became known; those that the user gave are tried most patiently.
public enum PeerSource: Int, Sendable, Comparable {
    case given, incoming, exchange

    public static func < (left: PeerSource, right: PeerSource) -> Bool { left.rawValue < right.rawValue }
}

/// What a transfer begins with.
public struct Activation: Sendable {
    public var info: TorrentInfo
    public var layers: PieceLayers
    /// Pieces that are on disk and good.
    public var have: PieceSet
    /// Pieces that are to be fetched.
    public var wanted: PieceSet

    public init(info: TorrentInfo, layers: PieceLayers, have: PieceSet, wanted: PieceSet) {
        self.info = info
        self.layers = layers
        self.have = have
        self.wanted = wanted
    }
}
