import Metainfo
import PeerWire
import Testing

@testable import SwarmEngine

/// A source that gives out its first copy, seen by peers that are played.
@Suite struct FirstCopyTests {
    /// A source and two peers that have nothing; what was suggested to each.
    private func source() throws -> (probe: Probe, peers: [PeerKey], suggested: [[PieceIndex]]) {
        let torrent = try TestTorrent(.v1, blocks: [80])
        let probe = Probe(torrent, have: Array(0..<torrent.pieceCount))
        let peers = [1, 2].map { probe.connect($0) }
        for key in peers { probe.receive(key, .haveNone, .interested) }
        let suggested = peers.map { key in
            probe.sent(to: key).compactMap { if case .suggest(let piece) = $0 { piece } else { nil } }
        }
        return (probe, peers, suggested)
    }

    private func block(_ piece: PieceIndex, _ number: Int) -> BlockRequest {
        BlockRequest(piece: piece, begin: number * PieceLayout.blockLength, length: PieceLayout.blockLength)
    }

    @Test func eachPieceIsSuggestedToOnePeer() throws {
        let (_, _, suggested) = try source()
        #expect(suggested.allSatisfy { $0.count >= 2 })
        #expect(Set(suggested[0]).isDisjoint(with: suggested[1]))
    }

    /// Whoever is cut off in the middle of a piece still gets the rest of it; what it has not begun goes to others.
    @Test func aPeerThatIsChokedFinishesItsPiece() throws {
        let (probe, peers, suggested) = try source()
        let begun = suggested[0][0]
        probe.receive(peers[0], .request(block(begun, 0)))
        let peer = try #require(probe.engine.peers[peers[0]])
        probe.forgetActions()
        probe.engine.choke(peer, now: probe.now)
        let said = probe.engine.actions.compactMap {
            if case .send(peers[0], let message) = $0 { message } else { nil }
        }
        #expect(said.prefix(2) == [.allowedFast(begun), .choke])
        probe.receive(peers[0], .request(block(begun, 1)), .request(block(suggested[0][1], 0)))
        #expect(probe.sent(to: peers[0]).last == .reject(block(suggested[0][1], 0)))
        #expect(!probe.sent(to: peers[0]).contains(.reject(block(begun, 1))))
        #expect(peer.suggestedByUs.isEmpty)
        #expect(probe.engine.transfer?.firstCopy?.promised(to: peers[0]) == [begun])
    }

    /// As programs do that know nothing of suggestions.
    @Test func whoAsksForOtherPiecesIsSuggestedNoMore() throws {
        let (probe, peers, suggested) = try source()
        let others = Set((0..<40).map { PieceIndex($0) }).subtracting(suggested.flatMap(\.self)).sorted()
        var asked = 0
        probe.pass(seconds: 3) {
            probe.receive(peers[0], .request(block(others[asked % others.count], 0)))
            probe.hand(.served(peers[0], bytes: PieceLayout.blockLength))
            asked += 1
        }
        #expect(probe.engine.peers[peers[0]]?.ignoresSuggestions == true)
        #expect(probe.engine.peers[peers[0]]?.suggestedByUs.isEmpty == true)
    }

    @Test func aSlowPeerKeepsItsSuggestionsAndASilentOneDoesNot() throws {
        let (probe, peers, suggested) = try source()
        let blocks = TestTorrent.pieceLength / PieceLayout.blockLength
        var asked = 0
        probe.pass(seconds: 8) {
            // A block a second, whatever there is; the source sees it leave at once.
            guard (probe.now - .zero).nanoseconds % 1_000_000_000 == 0 else { return }
            let request = block(suggested[0][0], asked % blocks)
            asked += 1
            probe.receive(peers[0], .request(request))
            probe.hand(.served(peers[0], bytes: request.length))
        }
        #expect(probe.engine.peers[peers[0]]?.ignoresSuggestions == false)
        #expect(probe.engine.peers[peers[0]]?.suggestedByUs[suggested[0][1]] != nil)
        #expect(probe.engine.peers[peers[1]]?.ignoresSuggestions == true)
        #expect(probe.engine.peers[peers[1]]?.suggestedByUs.isEmpty == true)
    }
}

@Suite struct SwarmRateTests {
    /// Nobody ticks an engine that is alone.
    @Test func thereIsNoRateWithoutPeers() throws {
        let torrent = try TestTorrent(.v1, blocks: [80])
        let probe = Probe(torrent, have: Array(0..<torrent.pieceCount))
        let key = probe.connect(1)
        probe.receive(key, .haveNone, .interested)
        probe.pass(seconds: 2) {
            probe.receive(key, .request(BlockRequest(piece: PieceIndex(0), begin: 0, length: 16384)))
            probe.hand(.served(key, bytes: 16384))
        }
        #expect(probe.engine.status.uploadRate > 50_000 && probe.engine.status.uploadRate < 80_000)
        probe.hand(.peerDisconnected(key))
        #expect(probe.engine.status.uploadRate == 0)
    }
}

@Suite struct UploadTurnsTests {
    /// Who waits for what nobody else has comes first, but not for ever.
    @Test func theFirstCopyComesFirst() {
        var turns = UploadTurns()
        let keys = (0..<12).map { PeerKey($0) }
        for key in keys { turns.enter(key, now: .zero) }
        let urgent: Set = [keys[5], keys[9]]
        func next(_ now: Instant) -> PeerKey? {
            let key = turns.beginNext(now: now, pieces: { _ in 0 }, isUrgent: urgent.contains)
            if let key { turns.end(key, again: urgent.contains(key), now: now) }
            return key
        }
        let soon = Instant.zero + .seconds(1)
        #expect([next(soon), next(soon), next(soon)] == [keys[5], keys[9], keys[5]])
        let late = Instant.zero + .seconds(11)
        #expect(next(late) == keys[0])
    }
}
