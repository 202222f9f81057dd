import Metainfo
import PeerWire
import Testing
import TestSupport

@testable import SwarmEngine

@Suite struct TransferTests {
    @Test(arguments: EveryFormat.all, [true, false])
    func twoHosts(format: TorrentFormat, isMagnet: Bool) throws {
        let torrent = try TestTorrent(format, blocks: [41, 1, 2, 7])
        let swarm = TestSwarm()
        let seeder = swarm.add(torrent, have: torrent.full)
        let leecher = swarm.add(torrent, have: isMagnet ? nil : PieceSet(capacity: torrent.pieceCount))
        swarm.introduce(leecher, to: seeder)
        swarm.run(seconds: 60) { leecher.completedAt != nil }
        #expect(leecher.isComplete)
        #expect(leecher.hasMetadata == isMagnet)
        #expect(leecher.layersReceived == (isMagnet && format.hasV2 ? 2 : 0))
        #expect(leecher.engine.status.totals.wasted == 0)
        #expect(leecher.failedPieces == 0)
        #expect(seeder.engine.status.totals.uploaded == leecher.engine.status.totals.downloaded)
        swarm.run(seconds: 5)
        #expect(seeder.peerCount == 0 && leecher.peerCount == 0, "two that have everything part")
    }

    @Test func withoutFastExtensionAndOverTheV1Half() throws {
        let torrent = try TestTorrent(.hybrid, blocks: [41, 3])
        let swarm = TestSwarm()
        let seeder = swarm.add(torrent, have: torrent.full) { host in
            host.speaksFast = false
            host.speaksV2 = false
        }
        let leecher = swarm.add(torrent, have: nil)
        swarm.introduce(leecher, to: seeder)
        swarm.run(seconds: 60) { leecher.completedAt != nil }
        #expect(leecher.isComplete)
    }

    @Test func theThirdGetsBlocksFromTheSecondWhileItStillFetches() throws {
        let torrent = try TestTorrent(.v2, blocks: [400])
        let swarm = TestSwarm()
        let first = swarm.add(torrent, have: torrent.full) { $0.bytesPerSecond = 1 << 20 }
        let second = swarm.add(torrent, have: PieceSet(capacity: torrent.pieceCount))
        let third = swarm.add(torrent, have: PieceSet(capacity: torrent.pieceCount))
        swarm.introduce(second, to: first)
        swarm.introduce(third, to: second)
        swarm.run(seconds: 3)
        #expect(!second.isComplete && second.blocksSent > 20)
        #expect((third.engine.have?.count ?? 0) > 10)
        swarm.run(seconds: 60) { third.completedAt != nil && second.completedAt != nil }
        #expect(second.isComplete && third.isComplete)
    }

    @Test func onlySelectedPiecesAreFetchedAndThenNothingMore() throws {
        let torrent = try TestTorrent(.v2, blocks: [20, 20, 20])
        let wanted = PieceSetFactory.set(torrent.info.layout.pieces(of: FileIndex(1)), of: torrent.pieceCount)
        let swarm = TestSwarm()
        let seeder = swarm.add(torrent, have: torrent.full)
        let leecher = swarm.add(torrent, have: PieceSet(capacity: torrent.pieceCount), wanted: wanted)
        swarm.introduce(leecher, to: seeder)
        swarm.run(seconds: 30)
        #expect(leecher.completedAt != nil)
        #expect(leecher.engine.have == wanted)
        #expect(seeder.blocksSent == 20)
    }

    @Test func aCutInTheMiddleIsSurvived() throws {
        let torrent = try TestTorrent(.v1, blocks: [300])
        let swarm = TestSwarm()
        let seeder = swarm.add(torrent, have: torrent.full) { $0.bytesPerSecond = 1 << 20 }
        let leecher = swarm.add(torrent, have: PieceSet(capacity: torrent.pieceCount))
        swarm.introduce(leecher, to: seeder)
        for _ in 0..<4 {
            swarm.run(seconds: 1)
            swarm.cut(leecher)
        }
        #expect(!leecher.isComplete)
        swarm.run(seconds: 60) { leecher.completedAt != nil }
        #expect(leecher.isComplete)
        #expect(leecher.dialed.count >= 4)
    }

    @Test func pausedNothingIsAskedAndResumedItGoesOn() throws {
        let torrent = try TestTorrent(.v1, blocks: [300])
        let swarm = TestSwarm()
        let seeder = swarm.add(torrent, have: torrent.full) { $0.bytesPerSecond = 1 << 20 }
        let leecher = swarm.add(torrent, have: PieceSet(capacity: torrent.pieceCount))
        swarm.introduce(leecher, to: seeder)
        swarm.run(seconds: 1)
        swarm.handle(leecher, .paused)
        let asked = leecher.sent.filter(\.isRequest).count
        swarm.run(seconds: 5)
        #expect(leecher.sent.filter(\.isRequest).count == asked)
        #expect(leecher.engine.peers.values.allSatisfy { $0.outstanding.isEmpty })
        swarm.handle(leecher, .resumed)
        swarm.run(seconds: 30) { leecher.completedAt != nil }
        #expect(leecher.isComplete && seeder.peerCount <= 1)
    }

    @Test func aPieceThatIsLostIsFetchedAgain() throws {
        let torrent = try TestTorrent(.v1, blocks: [40])
        let swarm = TestSwarm()
        let seeder = swarm.add(torrent, have: torrent.full)
        let leecher = swarm.add(torrent, have: PieceSet(capacity: torrent.pieceCount))
        swarm.introduce(leecher, to: seeder)
        swarm.run(seconds: 1)
        swarm.handle(leecher, .pieceNotStored(PieceIndex(3)))
        swarm.run(seconds: 20) { leecher.completedAt != nil }
        leecher.completedAt = nil
        swarm.handle(leecher, .pieceLost(PieceIndex(3)))
        #expect(!leecher.isComplete)
        leecher.forget(PieceIndex(3), [0, 1])
        swarm.run(seconds: 60) { leecher.completedAt != nil }
        #expect(leecher.isComplete)
    }

    @Test func thirtyHosts() throws {
        let torrent = try TestTorrent(.v2, blocks: [96])
        let swarm = TestSwarm()
        let seeder = swarm.add(torrent, have: torrent.full) { $0.bytesPerSecond = 1 << 20 }
        for _ in 0..<29 {
            swarm.add(torrent, have: PieceSet(capacity: torrent.pieceCount)) { $0.bytesPerSecond = 1 << 20 }
        }
        for host in swarm.hosts.dropFirst() { swarm.introduce(host, to: seeder) }
        swarm.run(seconds: 300) { swarm.hosts.dropFirst().allSatisfy { $0.completedAt != nil } }
        #expect(swarm.hosts.allSatisfy { $0.isComplete })
        // Peer exchange makes a swarm of a star: the seeder does not send everything to everybody.
        #expect(seeder.blocksSent < 29 * 96 / 2, "\(seeder.blocksSent)")
        for host in swarm.hosts { #expect(host.disconnections.allSatisfy { !$0.reason.isMisbehaviour }) }
    }

    @Test func theSameSeedGivesTheSameRun() throws {
        func trace(_ seed: UInt64) throws -> [String] {
            let torrent = try TestTorrent(.hybrid, blocks: [40, 9])
            let swarm = TestSwarm(seed: seed)
            swarm.keepsTrace = true
            let seeder = swarm.add(torrent, have: torrent.full)
            for _ in 0..<4 { swarm.introduce(swarm.add(torrent, have: nil), to: seeder) }
            swarm.run(seconds: 40)
            #expect(swarm.hosts.allSatisfy { $0.isComplete })
            return swarm.trace
        }
        let first = try trace(4)
        #expect(try trace(4) == first)
        #expect(try trace(5) != first)
    }
}

enum EveryFormat {
    static let all: [TorrentFormat] = [.v1, .v2, .hybrid]
}

extension PeerMessage {
    var isRequest: Bool { if case .request = self { true } else { false } }
    var isCancel: Bool { if case .cancel = self { true } else { false } }
    var isPex: Bool { if case .extended(.pex) = self { true } else { false } }
}
