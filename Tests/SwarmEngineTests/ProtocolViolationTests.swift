import Metainfo
import PeerWire
import Testing

@testable import SwarmEngine

@Suite struct ProtocolViolationTests {
    private static func block(_ piece: Int, _ begin: Int, _ length: Int) -> BlockRequest {
        BlockRequest(piece: PieceIndex(piece), begin: begin, length: length)
    }
    private static let huge = Int(UInt32.max)
    private static let hashes = HashRequest(root: .zero, baseLayer: 0, index: 0, length: 2, proofLayers: 0)

    /// What a peer may not send to a host that has pieces 0 to 9 of 20, after its own bitfield.
    static let violations: [PeerMessage] = [
        .haveAll, .haveNone, .bitfield([0]), .bitfield([0xFF, 0xFF, 0xFF]),
        .bitfield([UInt8](repeating: 0, count: 9999)),
        .have(PieceIndex(20)), .have(PieceIndex(huge)), .have(PieceIndex(-1)),
        .request(block(20, 0, 16384)), .request(block(huge, 0, 16384)), .request(block(0, 32768, 1)),
        .request(block(0, huge, huge)), .request(block(0, 0, 0)), .request(block(0, 0, 16385)),
        .request(block(0, 0, huge)), .request(block(0, 16385, 16384)), .request(block(0, Int.max, 2)),
        .request(block(0, -1, 2)), .reject(block(0, 0, 16384)), .reject(block(huge, 0, 0)),
    ]

    @Test(arguments: violations.indices) func eachIsTheEnd(number: Int) throws {
        let message = Self.violations[number]
        let probe = Probe(try TestTorrent(.v1, blocks: [40]), have: Array(0..<10))
        let key = probe.connect(1)
        probe.receive(key, .bitfield([0xFF, 0, 0]), .interested, message, .have(PieceIndex(3)))
        #expect(probe.reason(key)?.isMisbehaviour == true, "\(message)")
        #expect(probe.engine.peers.isEmpty)
        _ = probe.connect(1)
        #expect(probe.engine.peers.isEmpty, "banned")
    }

    @Test func blocksThatWereNotAskedFor() throws {
        let probe = Probe(try TestTorrent(.v1, blocks: [40]), have: [])
        let key = probe.connect(1)
        probe.receive(key, .haveAll, .unchoke)
        var stray = try #require(probe.requests(key).first)
        stray = BlockRequest(piece: stray.piece, begin: stray.begin, length: stray.length - 1)
        probe.hand(.received(key, [.block(stray, slot: 0)]))
        #expect(probe.reason(key)?.isMisbehaviour == true)
        #expect(!probe.actions.contains { if case .store = $0 { true } else { false } })
    }

    @Test func aBlockComesOnlyOnce() throws {
        let probe = Probe(try TestTorrent(.v1, blocks: [40]), have: [])
        let key = probe.connect(1)
        probe.receive(key, .haveAll, .unchoke)
        let block = try #require(probe.requests(key).first)
        probe.hand(.received(key, [.block(block, slot: 0), .block(block, slot: 1)]))
        #expect(probe.reason(key)?.isMisbehaviour == true)
    }

    @Test func fastMessagesWithoutFast() throws {
        for message in [
            PeerMessage.haveAll, .haveNone, .suggest(PieceIndex(0)), .allowedFast(PieceIndex(0)),
            .reject(Self.block(0, 0, 1)),
        ] {
            let probe = Probe(try TestTorrent(.v1, blocks: [40]), have: [])
            let key = probe.connect(1, fast: false)
            probe.receive(key, message)
            #expect(probe.reason(key)?.isMisbehaviour == true)
        }
    }

    @Test func hashMessagesWithoutV2() throws {
        for message in [
            PeerMessage.hashRequest(Self.hashes), .hashes(Self.hashes, [.zero, .zero]), .hashReject(Self.hashes),
        ] {
            let probe = Probe(try TestTorrent(.v1, blocks: [40]), have: [])
            let key = probe.connect(1, v2: false)
            probe.receive(key, message)
            #expect(probe.reason(key)?.isMisbehaviour == true)
        }
    }

    /// libtorrent asks so once it has learnt over a v1 connection that the torrent is a hybrid.
    @Test func hashRequestOnAV1ConnectionOfAHybrid() throws {
        let probe = Probe(try TestTorrent(.hybrid, blocks: [40]), have: [])
        let key = probe.connect(1, v2: false)
        probe.receive(key, .hashRequest(Self.hashes))
        #expect(probe.reason(key) == nil)
        #expect(probe.sent(to: key).contains(.hashReject(Self.hashes)))
    }

    @Test func wrongHashes() throws {
        let probe = Probe(try TestTorrent(.v2, blocks: [40]), have: [], layers: false)
        let key = probe.connect(1)
        probe.receive(key, .haveAll)
        let request = try #require(probe.engine.peers[key]?.hashRequests.keys.first)
        probe.receive(
            key, .hashes(request, [MerkleHash](repeating: TestTorrent.badHash, count: request.hashCount ?? 2)))
        #expect(probe.reason(key) == .corruptData)
    }

    @Test func hashRejectsAreNotAnsweredAtOnceWithTheSameRequest() throws {
        let probe = Probe(try TestTorrent(.v2, blocks: [40]), have: [], layers: false)
        let key = probe.connect(1)
        probe.receive(key, .haveAll)
        for _ in 0..<100 {
            for request in probe.engine.peers[key].map({ Array($0.hashRequests.keys) }) ?? [] {
                probe.receive(key, .hashReject(request))
            }
            probe.pass(seconds: 0)
        }
        let count = { probe.sent(to: key).count { if case .hashRequest = $0 { true } else { false } } }
        #expect(count() == 1)
        probe.pass(seconds: 12)
        #expect(count() == 2)
    }

    @Test func oneReadCannotMakeAHostHoldMuch() throws {
        let torrent = try TestTorrent(.v2, blocks: [8000])
        let probe = Probe(torrent, have: [0])
        let key = probe.connect(1)
        let root = try #require(torrent.info.files.first?.piecesRoot)
        let request = HashRequest(root: root, baseLayer: 1, index: 0, length: 4096, proofLayers: 0)
        probe.hand(.received(key, (0..<1000).map { _ in .message(.hashRequest(request)) }))
        let answers = probe.sent(to: key).reduce(0) {
            if case .hashes(_, let list) = $1 { $0 + list.count } else { $0 }
        }
        #expect(answers > 0 && answers * 32 <= 2 << 20)
        let rejects = probe.sent(to: key).count { if case .hashReject = $0 { true } else { false } }
        #expect(rejects + answers / 4096 == 1000, "each one is answered")
    }

    @Test func earlyPiecesThatDoNotFitTheTorrent() throws {
        let torrent = try TestTorrent(.v1, blocks: [40])
        for message in [PeerMessage.bitfield([1]), .have(PieceIndex(20))] {
            let probe = Probe(torrent, have: nil)
            let key = probe.connect(1)
            probe.receive(key, message)
            #expect(probe.reason(key) == nil)
            probe.hand(
                .activated(
                    Activation(
                        info: torrent.info, layers: torrent.layers, have: PieceSet(capacity: 20), wanted: torrent.full))
            )
            #expect(probe.reason(key)?.isMisbehaviour == true)
        }
        let probe = Probe(torrent, have: nil)
        let key = probe.connect(1)
        probe.receive(key, .have(PieceIndex(Self.huge)))
        #expect(probe.reason(key)?.isMisbehaviour == true)
    }

    @Test func aFloodOfPeerExchange() throws {
        let probe = Probe(try TestTorrent(.v1, blocks: [40]), have: [])
        let key = probe.connect(1)
        for _ in 0..<7 { probe.receive(key, .extended(.pex(PexMessage()))) }
        #expect(probe.reason(key)?.isMisbehaviour == true)
    }

    @Test func crossingsOfAChokeAreNoOffenceWithoutFast() throws {
        let probe = Probe(try TestTorrent(.v1, blocks: [40]), have: [])
        let key = probe.connect(1, fast: false)
        probe.receive(key, .bitfield([0xFF, 0xFF, 0xF0]), .unchoke)
        let requests = probe.requests(key)
        probe.receive(key, .choke)
        #expect(probe.requests(key).isEmpty)
        probe.hand(.received(key, requests.enumerated().map { .block($1, slot: $0) }))
        #expect(probe.reason(key) == nil)
        #expect(probe.engine.status.totals.wasted == 0, "and what came is of use")
    }
}
