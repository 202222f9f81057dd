import Metainfo
import PeerWire

@testable import SwarmEngine

/// One host of a ``TestSwarm``: an engine, a store of block hashes, and ways to misbehave.
final class TestHost {
    let number: Int
    let torrent: TestTorrent
    let id: PeerID
    let address: PeerAddress
    private(set) var engine: SwarmEngine
    private let seed: UInt64

    // Behaviour, set before the start.
    var configuration = SwarmConfiguration()
    var bytesPerSecond = 4 << 20
    var speaksFast = true
    var speaksV2 = true
    var isListening = true
    /// Takes requests and never delivers.
    var servesNothing = false
    /// Which blocks it sends wrong.
    var corrupts: (BlockRequest) -> Bool = { _ in false }
    /// Messages of its engine that never leave.
    var isMute: (PeerMessage) -> Bool = { _ in false }

    // What happened.
    var sent: [PeerMessage] = []
    var dialed: [PeerAddress] = []
    var disconnections: [(number: Int, reason: DisconnectReason)] = []
    var completedAt: Instant?
    var hasMetadata = false
    var layersReceived = 0
    var failedPieces = 0
    var blocksSent = 0
    var busyUntil = Instant.zero

    private var blocks: [PieceIndex: [MerkleHash?]] = [:]

    init(number: Int, torrent: TestTorrent, seed: UInt64) {
        self.number = number
        self.torrent = torrent
        self.seed = seed
        address = PeerAddress(ipv4: 0x0A00_0001 + UInt32(number) << 8, port: 6881)
        id = TestHost.id(number)
        engine = SwarmEngine(hashes: torrent.info.hashes, ownID: id, configuration: configuration, seed: seed)
    }

    static func id(_ number: Int) -> PeerID {
        var generator = SeededGenerator(seed: UInt64(number) &+ 77)
        return PeerID.make(using: &generator)
    }

    func start() {
        configuration.listenPort = 6881
        engine = SwarmEngine(
            hashes: torrent.info.hashes, ownID: id, configuration: configuration, seed: seed &+ UInt64(number))
    }

    var isComplete: Bool { engine.status.isComplete }
    var peerCount: Int { engine.peers.count }

    func droppedForCorruption(_ other: TestHost) -> Bool {
        disconnections.contains { $0.number == other.number && $0.reason == .corruptData }
    }

    // MARK: Store

    func hold(_ pieces: PieceSet) {
        pieces.forEach { blocks[$0] = goodHashes(of: $0) }
    }

    /// - Returns: the piece, if all its blocks are here now.
    func store(_ block: BlockRequest, _ hash: MerkleHash) -> PieceIndex? {
        let count = torrent.info.layout.blockCount(block.piece)
        var list = blocks[block.piece] ?? [MerkleHash?](repeating: nil, count: count)
        list[block.begin / PieceLayout.blockLength] = hash
        blocks[block.piece] = list
        return list.contains(nil) ? nil : block.piece
    }

    func forget(_ piece: PieceIndex, _ numbers: [Int]) {
        for number in numbers where blocks[piece] != nil { blocks[piece]?[number] = nil }
    }

    func hashes(of piece: PieceIndex) -> [MerkleHash] { (blocks[piece] ?? []).compactMap { $0 } }

    func goodHashes(of piece: PieceIndex) -> [MerkleHash] {
        (0..<torrent.info.layout.blockCount(piece)).map { torrent.hash(piece, $0) }
    }

    func hashToSend(_ request: BlockRequest) -> MerkleHash {
        corrupts(request) ? TestTorrent.badHash : torrent.hash(request.piece, request.begin / PieceLayout.blockLength)
    }
}
