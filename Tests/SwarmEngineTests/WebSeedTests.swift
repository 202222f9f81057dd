import Metainfo
import PeerWire
import Testing
import TestSupport

@testable import SwarmEngine

/// Web seeds (BEP 19) as the engine sees them.
@Suite struct WebSeedTests {
    private static let torrentBlocks = 400

    private static func probe(have: [Int] = []) throws -> Probe {
        Probe(try TestTorrent(.v1, blocks: [torrentBlocks]), have: have)
    }

    private static func requests(_ probe: Probe, _ key: PeerKey) -> [BlockRequest] {
        probe.sent(to: key).compactMap { if case .request(let request) = $0 { request } else { nil } }
    }

    private static func isInOrder(_ requests: [BlockRequest]) -> Bool {
        let positions = requests.map { $0.piece.rawValue * 2 + $0.begin / 16384 }
        return zip(positions, positions.dropFirst()).allSatisfy { $1 == $0 + 1 }
    }

    @Test func aloneItIsAskedAtOnceForALongStretch() throws {
        let probe = try Self.probe(have: [0, 1, 2, 150])
        let seed = probe.connectWebSeed(1)
        let requests = Self.requests(probe, seed)
        #expect(requests.count == 64)
        #expect(Self.isInOrder(requests))
        // The longest gap begins behind piece 2.
        #expect(requests.first?.piece == PieceIndex(3))
        #expect(!probe.sent(to: seed).contains(.haveNone))
        #expect(probe.engine.status.peers == 0 && probe.engine.status.webSeeds == 1)
    }

    @Test func whatIsAskedNextGoesOnThere() throws {
        let probe = try Self.probe()
        let seed = probe.connectWebSeed(1)
        for _ in 0..<4 {
            let open = Self.requests(probe, seed)
            probe.now = probe.now + .milliseconds(100)
            probe.deliver(open.suffix(64), from: seed)
        }
        #expect(Self.isInOrder(Self.requests(probe, seed)))
        #expect(Self.requests(probe, seed).count > 128)
    }

    @Test func peersThatGiveSpareIt() throws {
        let probe = try Self.probe()
        let peer = probe.connect(1)
        probe.receive(peer, .haveAll, .unchoke)
        let seed = probe.connectWebSeed(2)
        var answered = 0
        probe.pass(seconds: 6) {
            let requests = Self.requests(probe, peer)
            probe.deliver(requests[answered...].prefix(20), from: peer)
            answered = min(answered + 20, requests.count)
        }
        #expect(answered > 300)
        #expect(Self.requests(probe, seed).isEmpty)
    }

    @Test func peersThatGiveNothingDoNot() throws {
        let probe = try Self.probe()
        let peer = probe.connect(1)
        probe.receive(peer, .haveAll)
        let seed = probe.connectWebSeed(2)
        probe.pass(seconds: 2)
        #expect(Self.requests(probe, seed).isEmpty)
        probe.pass(seconds: 2)
        #expect(Self.requests(probe, seed).count >= 64)
    }

    @Test func slowPeersAreHelped() throws {
        let probe = try Self.probe()
        let peer = probe.connect(1)
        probe.receive(peer, .haveAll, .unchoke)
        let seed = probe.connectWebSeed(2)
        var answered = 0
        probe.pass(seconds: 5) {
            probe.deliver(Self.requests(probe, peer)[answered...].prefix(1), from: peer)
            answered += 1
        }
        #expect(!Self.requests(probe, seed).isEmpty)
    }

    @Test func whatNoPeerHasIsAskedOfIt() throws {
        let probe = try Self.probe()
        let peer = probe.connect(1)
        probe.receive(peer, .bitfield(PieceSetFactory.set(Array(0..<150), of: 200).bitfield), .unchoke)
        let seed = probe.connectWebSeed(2)
        var answered = 0
        probe.pass(seconds: 4) {
            let requests = Self.requests(probe, peer)
            probe.deliver(requests[answered...].prefix(18), from: peer)
            answered = min(answered + 18, requests.count)
        }
        let requests = Self.requests(probe, seed)
        #expect(!requests.isEmpty && requests.allSatisfy { $0.piece.rawValue >= 150 })
    }

    @Test("The web seed of a host that is a peer too is spared as long as that gives anything")
    func sameHost() throws {
        for isSame in [true, false] {
            let probe = try Self.probe()
            let peer = probe.connect(1)
            probe.receive(peer, .haveAll, .unchoke)
            let address = PeerAddress(ipv4: isSame ? 0x0B00_0101 : 0x0B00_0909, port: 80)
            let seed = probe.connectWebSeed(2, at: address)
            var answered = 0
            probe.pass(seconds: 5) {
                probe.deliver(Self.requests(probe, peer)[answered...].prefix(1), from: peer)
                answered += 1
            }
            #expect(Self.requests(probe, seed).isEmpty == isSame)
            probe.pass(seconds: 5)
            #expect(!Self.requests(probe, seed).isEmpty)
        }
    }

    @Test func whoSendsWrongBytesIsBannedAndNobodyElseAtItsAddress() throws {
        let probe = try Self.probe()
        let address = PeerAddress(ipv4: 0x0B00_0909, port: 80)
        let liar = probe.connectWebSeed(1, at: address)
        let piece = PieceIndex(0)
        probe.deliver(Self.requests(probe, liar).prefix(2), from: liar, verifies: false)
        probe.hand(.pieceFailed(piece, blockHashes: [TestTorrent.badHash, TestTorrent.badHash]))
        #expect(probe.reason(liar) == .corruptData)
        let again = probe.connectWebSeed(1, at: address)
        #expect(probe.reason(again) == .banned)
        let other = probe.connectWebSeed(3, at: address)
        #expect(probe.reason(other) == nil)
        #expect(!Self.requests(probe, other).isEmpty)
    }

    @Test func whatItDoesNotHaveIsNotAskedOfItAgain() throws {
        let probe = try Self.probe()
        let seed = probe.connectWebSeed(1)
        for request in Self.requests(probe, seed) { probe.receive(seed, .reject(request)) }
        for piece in 0..<200 where piece != 120 { probe.receive(seed, .extended(.dontHave(PieceIndex(piece)))) }
        probe.forgetActions()
        probe.pass(seconds: 60)
        #expect(Self.requests(probe, seed).allSatisfy { $0.piece == PieceIndex(120) })
    }

    @Test func itIsNotIdleAndLeavesWhenAllIsThere() throws {
        let probe = try Self.probe()
        let peer = probe.connect(1)
        probe.receive(peer, .haveAll, .unchoke)
        let seed = probe.connectWebSeed(2)
        probe.pass(seconds: 200) { probe.receive(peer, .keepAlive) }
        #expect(probe.reason(seed) == nil)
        for piece in 0..<200 { probe.hand(.pieceVerified(PieceIndex(piece))) }
        #expect(probe.reason(seed) == .redundant)
    }

    @Test func twoShareTheWork() throws {
        let probe = try Self.probe()
        let first = probe.connectWebSeed(1)
        let second = probe.connectWebSeed(2)
        let (one, two) = (Self.requests(probe, first), Self.requests(probe, second))
        #expect(Set(one).isDisjoint(with: two))
        #expect(Self.isInOrder(one) && Self.isInOrder(two))
        // Not side by side, where they would cut each other's stretches.
        #expect((two.first?.piece.rawValue ?? 0) > 100)
    }
}

extension Probe {
    fileprivate func connectWebSeed(
        _ number: Int, at address: PeerAddress = PeerAddress(ipv4: 0x0C00_0001, port: 80)
    ) -> PeerKey {
        let key = PeerKey(1000 + number + actions.count)
        hand(
            .peerConnected(
                key,
                PeerIntroduction(
                    id: TestHost.id(5000 + number), address: address, isOutgoing: false, supportsFast: true,
                    supportsExtensions: false, isV2: false, webSeed: "mirror.example")))
        guard reason(key) == nil else { return key }
        receive(key, .haveAll, .unchoke)
        return key
    }

    /// Blocks come, and each piece that is complete is right.
    fileprivate func deliver(_ requests: some Sequence<BlockRequest>, from key: PeerKey, verifies: Bool = true) {
        let requests = Array(requests)
        guard !requests.isEmpty else { return }
        hand(.received(key, requests.enumerated().map { .block($1, slot: $0) }))
        guard verifies else { return }
        for piece in Set(requests.map(\.piece)).sorted() {
            if engine.transfer?.picker.senders(of: piece).allSatisfy({ $0 != nil }) ?? false,
                engine.transfer?.picker.needs(piece) ?? false
            {
                hand(.pieceVerified(piece))
            }
        }
    }
}
