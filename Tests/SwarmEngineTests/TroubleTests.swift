import Metainfo
import PeerWire
import Testing

@testable import SwarmEngine

/// Peers that lie, stall or refuse.
@Suite struct TroubleTests {
    @Test(arguments: EveryFormat.all, [true, false])
    func aCorruptSenderIsFoundDroppedAndNotAskedAgain(format: TorrentFormat, sendsAllWrong: Bool) throws {
        let torrent = try TestTorrent(format, blocks: [200])
        let swarm = TestSwarm(seed: 11)
        let good = swarm.add(torrent, have: torrent.full) { $0.bytesPerSecond = 1 << 20 }
        let bad = swarm.add(torrent, have: torrent.full) { host in
            host.bytesPerSecond = 1 << 20
            host.corrupts = { sendsAllWrong || $0.piece.rawValue % 7 == 0 }
        }
        let leecher = swarm.add(torrent, have: PieceSet(capacity: torrent.pieceCount))
        swarm.introduce(leecher, to: good)
        swarm.introduce(leecher, to: bad)
        swarm.run(seconds: 120) { leecher.completedAt != nil }
        #expect(leecher.isComplete)
        #expect(leecher.failedPieces > 0)
        #expect(leecher.droppedForCorruption(bad))
        #expect(!leecher.droppedForCorruption(good))
        let dials = leecher.dialed.filter { $0 == bad.address }.count
        swarm.handle(leecher, .pieceLost(PieceIndex(0)))
        swarm.run(seconds: 100)
        #expect(leecher.dialed.filter { $0 == bad.address }.count == dials)
        // Not let in either when it calls.
        swarm.connect(bad, to: leecher)
        #expect(leecher.disconnections.last?.reason == .banned)
    }

    @Test(arguments: EveryFormat.all)
    func oneBadBlockAmongManySendersIsTracedToItsSender(format: TorrentFormat) throws {
        let torrent = try TestTorrent(format, blocks: [60])
        let swarm = TestSwarm(seed: 3)
        let hosts = (0..<4).map { number in
            swarm.add(torrent, have: torrent.full) { host in
                host.bytesPerSecond = 300_000
                if number == 2 { host.corrupts = { $0.begin > 0 } }
            }
        }
        let leecher = swarm.add(torrent, have: PieceSet(capacity: torrent.pieceCount))
        for host in hosts { swarm.introduce(leecher, to: host) }
        swarm.run(seconds: 120) { leecher.completedAt != nil }
        #expect(leecher.isComplete)
        #expect(leecher.droppedForCorruption(hosts[2]))
        #expect(leecher.disconnections.filter { $0.reason == .corruptData }.count == 1)
    }

    @Test func aLiarThatLeavesAtOnceIsNotLetInAgain() throws {
        let torrent = try TestTorrent(.v1, blocks: [60])
        let swarm = TestSwarm(seed: 3)
        let good = swarm.add(torrent, have: torrent.full) { $0.bytesPerSecond = 200_000 }
        let bad = swarm.add(torrent, have: torrent.full) { host in
            host.bytesPerSecond = 200_000
            host.corrupts = { _ in true }
        }
        let leecher = swarm.add(torrent, have: PieceSet(capacity: torrent.pieceCount))
        swarm.introduce(leecher, to: good)
        swarm.introduce(leecher, to: bad)
        swarm.run(seconds: 30) { bad.blocksSent == 1 }
        swarm.after(.milliseconds(6)) { swarm.cut(bad) }
        swarm.run(seconds: 200) { leecher.completedAt != nil }
        #expect(leecher.isComplete)
        #expect(leecher.engine.directory.isBanned(bad.address))
    }

    @Test func aSnubbingPeerDoesNotHoldUp() throws {
        let torrent = try TestTorrent(.v1, blocks: [300])
        let swarm = TestSwarm()
        let good = swarm.add(torrent, have: torrent.full) { $0.bytesPerSecond = 1 << 20 }
        let snub = swarm.add(torrent, have: torrent.full) { $0.servesNothing = true }
        let leecher = swarm.add(torrent, have: PieceSet(capacity: torrent.pieceCount))
        swarm.introduce(leecher, to: snub)
        swarm.introduce(leecher, to: good)
        swarm.run(seconds: 20) { leecher.completedAt != nil }
        #expect(leecher.isComplete, "endgame asks the good one for what the other keeps back")
        #expect(leecher.engine.status.totals.wasted == 0)
    }

    @Test func aSnubbingPeerLosesItsTestBlockToo() throws {
        // The last piece is at nobody, so there is no endgame, and all else must come all the same.
        let torrent = try TestTorrent(.v1, blocks: [40])
        var most = torrent.full
        most.remove(PieceIndex(torrent.pieceCount - 1))
        let swarm = TestSwarm()
        let good = swarm.add(torrent, have: most)
        let snub = swarm.add(torrent, have: most) { $0.servesNothing = true }
        let leecher = swarm.add(torrent, have: PieceSet(capacity: torrent.pieceCount))
        swarm.introduce(leecher, to: snub)
        swarm.introduce(leecher, to: good)
        swarm.run(seconds: 90) { leecher.engine.have?.count == most.count }
        #expect(leecher.engine.have == most)
    }

    @Test func cancelsGoOutInEndgame() throws {
        let torrent = try TestTorrent(.v1, blocks: [100])
        let swarm = TestSwarm()
        let fast = swarm.add(torrent, have: torrent.full)
        let slow = swarm.add(torrent, have: torrent.full) { $0.bytesPerSecond = 100_000 }
        let leecher = swarm.add(torrent, have: PieceSet(capacity: torrent.pieceCount))
        swarm.introduce(leecher, to: slow)
        swarm.introduce(leecher, to: fast)
        swarm.run(seconds: 4) { leecher.completedAt != nil }
        #expect(leecher.isComplete)
        #expect(leecher.sent.contains { $0.isCancel })
        #expect(leecher.disconnections.allSatisfy { !$0.reason.isMisbehaviour })
    }

    @Test func aRefusalIsNotForEver() throws {
        let torrent = try TestTorrent(.v1, blocks: [4])
        let swarm = TestSwarm()
        let seeder = swarm.add(torrent, have: torrent.full) { $0.servesNothing = true }
        let leecher = swarm.add(torrent, have: PieceSet(capacity: torrent.pieceCount))
        swarm.introduce(leecher, to: seeder)
        swarm.run(seconds: 1)
        let blocks = Array(try #require(leecher.engine.orderedPeers.first).outstanding.all)
        #expect(!blocks.isEmpty)
        let key = try #require(seeder.engine.orderedPeers.first?.key)
        swarm.handle(seeder, .serveFailed(key, blocks))
        seeder.servesNothing = false
        swarm.run(seconds: 60) { leecher.completedAt != nil }
        #expect(leecher.isComplete)
    }

    @Test func chokedRequestsAreRejectedAndAskedOfOthers() throws {
        let torrent = try TestTorrent(.v1, blocks: [400])
        let swarm = TestSwarm()
        let seeder = swarm.add(torrent, have: torrent.full) { host in
            host.bytesPerSecond = 1 << 20
            host.configuration.uploadSlots = 2
            host.configuration.uploadWindow = 1 << 16
        }
        // They do not hear of each other, so each has only the seeder.
        for _ in 0..<6 {
            swarm.introduce(
                swarm.add(torrent, have: PieceSet(capacity: torrent.pieceCount)) { host in
                    host.isListening = false
                    host.isMute = \.isPex
                }, to: seeder)
        }
        swarm.run(seconds: 200) { swarm.hosts.allSatisfy(\.isComplete) }
        #expect(swarm.hosts.allSatisfy { $0.isComplete })
        #expect(seeder.sent.contains { if case .reject = $0 { true } else { false } })
        #expect(seeder.sent.filter { $0 == .choke }.count >= 2)
        for host in swarm.hosts { #expect(host.disconnections.allSatisfy { !$0.reason.isMisbehaviour }) }
    }

    @Test func anExclusivePieceIsFreedWhenItsPeerChokesOrLosesIt() throws {
        let torrent = try TestTorrent(.v1, blocks: [2])
        for message in [PeerMessage.choke, .extended(.dontHave(PieceIndex(0)))] {
            let probe = Probe(torrent, have: [])
            let (first, second) = (probe.connect(1), probe.connect(2))
            for key in [first, second] { probe.receive(key, .haveAll, .unchoke) }
            let requests = probe.requests(first)
            #expect(requests.count == 2)
            // Both sent one block, so either may be the liar and one of them has to do it alone.
            let transfer = try #require(probe.engine.transfer)
            _ = transfer.picker.receive(requests[0], from: first, now: .zero)
            _ = transfer.picker.receive(requests[1], from: second, now: .zero)
            for key in [first, second] { _ = probe.engine.peers[key]?.outstanding.removeAll() }
            probe.hand(.pieceFailed(PieceIndex(0), blockHashes: [.zero, .zero]))
            let chosen = try #require(transfer.picker.partials.first?.starter)
            let other = chosen == first ? second : first
            #expect(transfer.picker.partials.first?.isExclusive == true && probe.requests(other).isEmpty)
            for request in probe.requests(chosen) where message != .choke { probe.receive(chosen, .reject(request)) }
            probe.receive(chosen, message)
            if message == .choke { for request in probe.requests(chosen) { probe.receive(chosen, .reject(request)) } }
            #expect(probe.requests(other).count == 2)
        }
    }
}

extension Probe {
    /// What the engine waits for from a peer.
    func requests(_ key: PeerKey) -> [BlockRequest] { engine.peers[key].map { Array($0.outstanding.all) } ?? [] }
}
