import Metainfo
import PeerWire
import Testing
import TestSupport

@testable import SwarmEngine

/// Random events, most of them nonsense: nothing may trap, and what a stranger can grow stays bounded.
@Suite struct EngineFuzzTests {
    @Test(arguments: EveryFormat.all, 0..<4)
    func anySequenceOfEvents(format: TorrentFormat, seed: Int) throws {
        var run = try FuzzRun(format, seed: UInt64(seed))
        for _ in 0..<9000 { try run.step() }
        #expect(run.stepsWithPeers > 3000)
    }
}

private struct FuzzRun {
    let torrent: TestTorrent
    let engine: SwarmEngine
    var generator: SeededGenerator
    var now = Instant.zero
    var alive: [PeerKey] = []
    var nextKey = 0
    var isActive = false
    var stepsWithPeers = 0
    var pendingServes: [(PeerKey, [BlockRequest])] = []
    var pendingLeaves: [(PeerKey, HashRequest)] = []
    var configuration = SwarmConfiguration()

    init(_ format: TorrentFormat, seed: UInt64) throws {
        torrent = try TestTorrent(format, blocks: [25, 2, 7], isPrivate: seed == 3)
        configuration.maximumPeers = seed == 0 ? 200 : 8
        configuration.uploadSlots = Int(seed)
        configuration.incomingRequestLimit = 50
        engine = SwarmEngine(
            hashes: torrent.info.hashes, ownID: TestHost.id(0), configuration: configuration, seed: seed)
        generator = SeededGenerator(seed: seed &* 31 &+ 5)
        if seed != 1 { try activate() }
    }

    mutating func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &generator) }

    mutating func step() throws {
        now = now + .milliseconds(number(0..<20))
        if !alive.isEmpty { stepsWithPeers += 1 }
        switch number(0..<40) {
        case 0...2: try connect()
        case 3 where number(0..<6) == 0: try disconnect()
        case 3, 4:
            now = now + .milliseconds(250)
            try hand(.tick)
        case 5: try hand(number(0..<2) == 0 ? .paused : .resumed)
        case 6: try hand(.pieceVerified(piece()))
        case 7:
            let hashes = (0..<number(0..<4)).map { _ in number(0..<2) == 0 ? TestTorrent.badHash : .zero }
            try hand(.pieceFailed(piece(), blockHashes: hashes))
        case 8: try hand(number(0..<2) == 0 ? .pieceLost(piece()) : .pieceNotStored(piece()))
        case 9: try hand(.blockHashes(piece(), [TestTorrent.badHash, .zero, .zero]))
        case 10:
            let addresses = (0..<5).map { _ in address() }
            try hand(.discovered(addresses, from: number(0..<2) == 0 ? .given : .exchange))
        case 11: try hand(.dialFailed(address()))
        case 12: if !isActive, number(0..<20) == 0 { try activate() }
        case 13...17: try answer()
        case 18:
            // An event of a connection that is gone or never was.
            let key = PeerKey(number(-5..<nextKey + 5))
            guard !alive.contains(key) else { return }
            try hand(.received(key, [.message(message()), .block(block(), slot: 0)]))
            try hand(.served(key, bytes: 16384))
            try hand(.leafHashes(key, hashRequest(), nil))
        default: try receive()
        }
        if number(0..<8) == 0 { try check() }
    }

    // MARK: Events

    mutating func activate() throws {
        isActive = true
        let count = torrent.pieceCount
        let have = (0..<count).filter { _ in number(0..<3) == 0 }
        try hand(
            .activated(
                Activation(
                    info: torrent.info, layers: number(0..<2) == 0 ? torrent.layers : PieceLayers(),
                    have: PieceSetFactory.set(have, of: count), wanted: torrent.full)))
    }

    mutating func address() -> PeerAddress {
        PeerAddress(ipv4: 0x0A00_0000 | UInt32(number(0..<500)), port: UInt16(number(0..<4)))
    }

    mutating func connect() throws {
        nextKey += 1
        alive.append(PeerKey(nextKey))
        try hand(
            .peerConnected(
                PeerKey(nextKey),
                PeerIntroduction(
                    id: TestHost.id(number(0..<4000)), address: PeerAddress(ipv4: UInt32(nextKey) + 1 << 24, port: 7),
                    isOutgoing: number(0..<2) == 0, supportsFast: number(0..<4) > 0, supportsExtensions: true,
                    isV2: torrent.info.format.hasV2 && number(0..<4) > 0,
                    webSeed: number(0..<6) == 0 ? "h:80" : nil)))
    }

    mutating func disconnect() throws {
        guard !alive.isEmpty else { return }
        let key = alive.remove(at: number(0..<alive.count))
        try hand(number(0..<2) == 0 ? .peerDisconnected(key) : .peerMisbehaved(key))
    }

    mutating func answer() throws {
        if !pendingServes.isEmpty, number(0..<3) > 0 {
            let (key, requests) = pendingServes.removeFirst()
            let bytes = requests.reduce(0) { $0 + $1.length }
            try hand(number(0..<8) == 0 ? .serveFailed(key, requests) : .served(key, bytes: bytes))
        } else if !pendingLeaves.isEmpty {
            let (key, request) = pendingLeaves.removeFirst()
            let leaves = number(0..<2) == 0 ? nil : [MerkleHash](repeating: .zero, count: number(0..<30))
            try hand(.leafHashes(key, request, leaves))
        }
    }

    mutating func receive() throws {
        guard !alive.isEmpty else { return }
        let key = alive[number(0..<alive.count)]
        var inputs: [PeerInput] = []
        for slot in 0...number(0..<4) {
            let waiting = engine.peers[key].map { Array($0.outstanding.all) } ?? []
            if let wanted = waiting.first, number(0..<2) == 0 {
                inputs.append(number(0..<6) == 0 ? .message(.reject(wanted)) : .block(wanted, slot: slot))
            } else if number(0..<300) == 0 {
                inputs.append(.block(block(), slot: slot))
            } else {
                inputs.append(.message(message()))
            }
        }
        try hand(.received(key, inputs), count: inputs.count)
    }

    // MARK: Nonsense

    /// Mostly small, sometimes at an edge.
    mutating func wild(_ usual: Int) -> Int {
        number(0..<500) == 0
            ? [Int(UInt32.max), Int(Int32.max), -1, Int.max, Int.min, usual][number(0..<6)] : number(0..<max(usual, 1))
    }

    mutating func piece() -> PieceIndex { PieceIndex(wild(torrent.pieceCount)) }

    mutating func block() -> BlockRequest {
        BlockRequest(
            piece: piece(), begin: number(0..<300) == 0 ? wild(40000) : 16384 * number(0..<2),
            length: number(0..<300) == 0 ? wild(20000) : 16284)
    }

    mutating func hashRequest() -> HashRequest {
        let roots = torrent.info.files.compactMap(\.piecesRoot) + [.zero]
        return HashRequest(
            root: roots[number(0..<roots.count)], baseLayer: wild(4), index: wild(16), length: 1 << number(0..<14),
            proofLayers: wild(5))
    }

    mutating func message() -> PeerMessage {
        switch number(0..<60) {
        case 0...3: return .unchoke
        case 4: return .choke
        case 5...7: return .interested
        case 8: return .notInterested
        case 9...14: return .have(piece())
        case 15:
            let length = number(0..<20) == 0 ? number(0..<5) : (torrent.pieceCount + 7) / 8
            return .bitfield((0..<length).map { UInt8(number(0..<256)) & ($0 == length - 1 ? 0xC0 : 0xFF) })
        case 16...21: return .request(block())
        case 22, 23: return .cancel(block())
        case 24: return .port(1)
        case 25: return .suggest(piece())
        case 26: return number(0..<6) > 0 ? .keepAlive : number(0..<2) == 0 ? .haveAll : .haveNone
        case 27: return number(0..<40) == 0 ? .reject(block()) : .keepAlive
        case 28, 29: return .allowedFast(piece())
        case 30...33: return .hashRequest(hashRequest())
        case 34: return .hashReject(hashRequest())
        case 35: return .hashes(hashRequest(), [MerkleHash](repeating: .zero, count: number(0..<9)))
        case 36: return .unknown(id: 99)
        default: return .extended(extended())
        }
    }

    mutating func extended() -> ExtendedMessage {
        let size = torrent.info.encoded.count
        switch number(0..<9) {
        case 0, 1:
            return .handshake(
                ExtendedHandshake(
                    ids: number(0..<3) == 0 ? .none : .ours, listenPort: UInt16(number(0..<70)), client: "x",
                    yourIP: [1, 2, 3, UInt8(number(0..<3))], requestQueue: wild(300),
                    metadataSize: number(0..<2) == 0 ? size : wild(1 << 26), uploadOnly: number(0..<5) == 0))
        case 2: return .metadata(.request(piece: wild(3)))
        case 3:
            let isGood = number(0..<3) > 0
            return .metadata(
                .data(
                    piece: wild(2), totalSize: isGood ? size : wild(1 << 26),
                    bytes: isGood ? torrent.info.encoded : [1, 2]))
        case 4: return .metadata(.reject(piece: wild(3)))
        case 5:
            guard number(0..<20) == 0 else { return .uploadOnly(false) }
            let added = (0..<number(0..<250)).map { _ in PexMessage.Peer(address: address()) }
            return .pex(PexMessage(added: added, dropped: added.map(\.address)))
        case 6: return .dontHave(piece())
        case 7: return .uploadOnly(number(0..<5) == 0)
        default: return .unknown(id: 200)
        }
    }

    // MARK: What must hold

    mutating func hand(_ event: SwarmEvent, count: Int = 0) throws {
        let actions = engine.handle(event, now: now)
        try must(actions.count < 5000)
        for action in actions {
            switch action {
            case .send(let key, _): try must(alive.contains(key))
            case .serve(let key, let requests):
                try must(alive.contains(key))
                for request in requests {
                    try must(request.begin + request.length <= torrent.info.layout.servableSize(request.piece))
                    try must(engine.have?.contains(request.piece) == true)
                }
                pendingServes.append((key, requests))
            case .store(let slot, let block):
                try must(slot < count)
                try must(block.length == torrent.info.layout.blockSize(block.piece, block: block.begin / 16384))
            case .serveLeafHashes(let key, let request, let file, let blocks):
                try must(alive.contains(key) && blocks.lowerBound >= 0)
                try must(blocks.upperBound <= torrent.leaves(of: file).count)
                pendingLeaves.append((key, request))
            case .disconnect(let key, _): alive.removeAll { $0 == key }
            case .metadataReceived(let info): try must(info.encoded == torrent.info.encoded)
            case .hashBlocks, .forget, .dial, .pieceLayersReceived, .completed: break
            }
        }
    }

    private struct Broken: Error {
        let line: Int
    }

    /// Plain, since it runs a million times.
    private func must(_ holds: Bool, line: Int = #line) throws {
        if !holds { throw Broken(line: line) }
    }

    func check() throws {
        try must(engine.peers.count == engine.orderedPeers.count)
        try must(engine.peers.count <= configuration.maximumPeers)
        try must(alive.count == engine.peers.count && alive.allSatisfy { engine.peers[$0] != nil })
        for peer in engine.peers.values {
            let limit = min(configuration.outgoingRequestLimit, max(0, peer.requestLimit))
            try must(peer.outstanding.count <= max(limit, 32))
            try must(peer.incoming.count <= configuration.incomingRequestLimit)
            try must(peer.bytesBeingServed <= configuration.uploadWindow + 1 << 18)
            try must(peer.cancelled.count <= 2000 && peer.allowedFast.count <= 64)
            try must(peer.hashRequests.count <= 64 && peer.listenAddresses.count <= 8)
            try must((0...torrent.pieceCount).contains(peer.neededCount))
            if case .known(let set) = peer.pieces, let picker = engine.transfer?.picker {
                let needed = picker.wanted.subtracting(picker.have).intersectionCount(set)
                // That interest is over is told later, but for those that have everything.
                try must(peer.neededCount == needed && (peer.weAreInterested || needed == 0))
                try must(!picker.isComplete || !peer.weAreInterested)
            }
        }
        try must(engine.blame.attempts.count <= 64 && engine.blame.departed.count <= 200)
    }
}
