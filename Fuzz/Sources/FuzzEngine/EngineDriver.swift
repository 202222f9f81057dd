import Metainfo
import PeerWire
import SwarmEngine

/// Stands in for the host: hands events to an engine and does what it says, with answers out of the fuzzer's bytes.
///
/// What must hold whatever peers send: actions name live peers, blocks of the torrent, pieces that are here; there is no
/// endless work in one step.
struct EngineDriver {
    private enum Pending {
        case event(SwarmEvent)
        case pieceCheck(PieceIndex)
        case serve(PeerKey, [BlockRequest])
        case leafHashes(PeerKey, HashRequest, blocks: Range<Int>)
        case dial(PeerAddress)
    }

    private let engine: SwarmEngine
    private let source: MessageSource
    private let info: TorrentInfo
    private var input: InputReader
    private var now = Instant.zero
    private var nextKey = 0
    private var alive: [PeerKey] = []
    private var stored: [PieceIndex: Set<Int>] = [:]
    private var pending: [Pending] = []
    private var isActive = false

    init?(_ bytes: [UInt8]) {
        input = InputReader(bytes)
        let samples = SampleTorrent.all
        guard !samples.isEmpty else { return nil }
        let torrent = samples[input.number(below: samples.count)].torrent
        guard let id = PeerID([UInt8](repeating: 7, count: 20)) else { return nil }
        info = torrent.info
        source = MessageSource(info: info, layers: torrent.pieceLayers)
        engine = SwarmEngine(
            hashes: info.hashes, ownID: id, configuration: SwarmConfiguration(), seed: UInt64(input.byte()))
        if input.flag() { activate(layers: input.flag() ? torrent.pieceLayers : PieceLayers()) }
    }

    mutating func run() {
        while !input.isAtEnd { step() }
    }

    private mutating func step() {
        switch input.number(below: 16) {
        case 0: connect(isOutgoing: input.flag(), address: address())
        case 1, 2, 3, 4, 5, 6: receive()
        case 7: disconnect()
        case 8:
            now = now + .milliseconds(250 * (1 + Int(input.byte())))
            hand(.tick)
        case 9: hand(.discovered([address(), address()], from: input.flag() ? .given : .exchange))
        case 10: hand(input.flag() ? .paused : .resumed)
        case 11: losePiece()
        case 12: if !isActive { activate(layers: PieceLayers()) }
        default: answer()
        }
    }

    private mutating func address() -> PeerAddress {
        PeerAddress(ipv4: 0x0A00_0000 | UInt32(input.byte()), port: 6881)
    }

    private mutating func activate(layers: PieceLayers) {
        isActive = true
        let count = info.layout.pieceCount
        var have = PieceSet(capacity: count)
        for number in 0..<count where input.byte() > 200 { have.insert(PieceIndex(number)) }
        var wanted = PieceSet(fullWithCapacity: count)
        if input.byte() > 200 { wanted.remove(PieceIndex(0)) }
        hand(.activated(Activation(info: info, layers: layers, have: have, wanted: wanted)))
    }

    private mutating func connect(isOutgoing: Bool, address: PeerAddress) {
        guard let id = PeerID([UInt8](repeating: input.byte() & 15, count: 20)) else { return }
        let key = PeerKey(nextKey)
        nextKey += 1
        alive.append(key)
        let features = input.byte()
        hand(
            .peerConnected(
                key,
                PeerIntroduction(
                    id: id, address: address, isOutgoing: isOutgoing, supportsFast: features & 1 == 0,
                    supportsExtensions: features & 2 == 0, isV2: features & 4 == 0 && info.format != .v1)))
    }

    private mutating func disconnect() {
        guard !alive.isEmpty else { return }
        let key = alive.remove(at: input.number(below: alive.count))
        hand(input.flag() ? .peerDisconnected(key) : .peerMisbehaved(key))
    }

    private mutating func receive() {
        guard !alive.isEmpty else { return }
        let key = alive[input.number(below: alive.count)]
        var batch: [PeerInput] = []
        for _ in 0...input.number(below: 4) {
            if input.byte() & 3 == 0 {
                var request = source.block(&input)
                request.length = min(max(1, request.length), 16384)
                batch.append(.block(request, slot: batch.count))
            } else {
                batch.append(.message(source.message(&input)))
            }
        }
        hand(.received(key, batch), batch: batch)
    }

    private mutating func losePiece() {
        let piece = PieceIndex(input.number(below: info.layout.pieceCount))
        guard engine.have?.contains(piece) == true else { return }
        stored[piece] = nil
        hand(.pieceLost(piece))
    }

    private mutating func answer() {
        guard !pending.isEmpty else { return }
        let good = input.byte() < 200
        switch pending.remove(at: input.number(below: pending.count)) {
        case .event(let event): hand(event)
        case .pieceCheck(let piece):
            guard stored[piece]?.count == info.layout.blockCount(piece) else { return }
            if good {
                hand(.pieceVerified(piece))
            } else if input.flag() {
                let hashes = (0..<info.layout.blockCount(piece)).map { _ in
                    input.flag() ? MerkleHash.zero : SampleTorrent.leaves[0]
                }
                hand(.pieceFailed(piece, blockHashes: hashes))
            } else {
                stored[piece] = nil
                hand(.pieceNotStored(piece))
            }
        case .serve(let key, let requests):
            hand(good ? .served(key, bytes: requests.reduce(0) { $0 + $1.length }) : .serveFailed(key, requests))
        case .leafHashes(let key, let request, let blocks):
            let leaves = SampleTorrent.leaves[blocks.clamped(to: 0..<SampleTorrent.leaves.count)]
            hand(.leafHashes(key, request, good ? Array(leaves) : nil))
        case .dial(let address):
            if good { connect(isOutgoing: true, address: address) } else { hand(.dialFailed(address)) }
        }
    }

    // MARK: Actions

    private mutating func hand(_ event: SwarmEvent, batch: [PeerInput] = []) {
        let actions = engine.handle(event, now: now)
        precondition(actions.count < 20_000, "endless work")
        for action in actions { perform(action, batch: batch) }
        _ = engine.status
    }

    private mutating func perform(_ action: SwarmAction, batch: [PeerInput]) {
        switch action {
        case .send(let key, _): precondition(alive.contains(key), "a message to nobody")
        case .disconnect(let key, _):
            // After `peerMisbehaved` the connection is gone already.
            alive.removeAll { $0 == key }
        case .serve(let key, let requests):
            precondition(alive.contains(key), "blocks to nobody")
            for request in requests { checkServed(request) }
            pending.append(.serve(key, requests))
        case .store(let slot, let request):
            guard batch.indices.contains(slot), case .block(request, slot: slot) = batch[slot] else {
                preconditionFailure("stores what did not come")
            }
            store(request)
        case .serveLeafHashes(let key, let request, let file, let blocks):
            precondition(alive.contains(key), "hashes to nobody")
            precondition(file.rawValue == 0, "hashes of no file")
            precondition(
                blocks.lowerBound >= 0 && blocks.upperBound <= SampleTorrent.leaves.count, "hashes of no block")
            pending.append(.leafHashes(key, request, blocks: blocks))
        case .hashBlocks(let piece):
            let leaves = SampleTorrent.leaves.dropFirst(2 * piece.rawValue).prefix(2)
            pending.append(.event(.blockHashes(piece, Array(leaves))))
        case .forget(let piece, let blocks): stored[piece]?.subtract(blocks)
        case .dial(let address): pending.append(.dial(address))
        case .metadataReceived(let found): precondition(found.encoded == info.encoded)
        case .pieceLayersReceived(let layers): precondition(!layers.isEmpty)
        case .completed: break
        }
    }

    private func checkServed(_ request: BlockRequest) {
        precondition((0..<info.layout.pieceCount).contains(request.piece.rawValue), "serves no piece")
        precondition(request.begin >= 0 && (1...1 << 17).contains(request.length), "serves no block")
        precondition(request.begin + request.length <= info.layout.servableSize(request.piece), "serves too much")
        precondition(engine.have?.contains(request.piece) == true, "serves what is not here")
    }

    private mutating func store(_ request: BlockRequest) {
        precondition((0..<info.layout.pieceCount).contains(request.piece.rawValue), "stores no piece")
        precondition(request.begin % PieceLayout.blockLength == 0, "stores no block")
        let block = request.begin / PieceLayout.blockLength
        precondition(block < info.layout.blockCount(request.piece), "stores beyond the piece")
        precondition(request.length == info.layout.blockSize(request.piece, block: block), "stores half a block")
        stored[request.piece, default: []].insert(block)
        if stored[request.piece]?.count == info.layout.blockCount(request.piece) {
            pending.append(.pieceCheck(request.piece))
        }
    }
}
