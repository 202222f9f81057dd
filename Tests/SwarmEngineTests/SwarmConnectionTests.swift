import Metainfo
import PeerWire
import Testing

@testable import SwarmEngine

/// Who is connected to whom, and what they tell each other of others.
@Suite struct SwarmConnectionTests {
    @Test func bothDialingAtOnceKeepOneConnection() throws {
        let torrent = try TestTorrent(.v1, blocks: [400])
        for order in [true, false] {
            let swarm = TestSwarm()
            let first = swarm.add(torrent, have: torrent.full) { $0.bytesPerSecond = 1 << 20 }
            let second = swarm.add(torrent, have: PieceSet(capacity: torrent.pieceCount))
            swarm.connect(order ? first : second, to: order ? second : first)
            swarm.connect(order ? second : first, to: order ? first : second)
            swarm.run(seconds: 2)
            #expect(first.peerCount == 1 && second.peerCount == 1)
            #expect((first.disconnections + second.disconnections).allSatisfy { $0.reason == .duplicate })
            swarm.run(seconds: 30) { second.completedAt != nil }
            #expect(second.isComplete)
        }
    }

    @Test func aPeerKnownByTwoAddressesIsNotDialedOverAndOver() throws {
        let probe = Probe(try TestTorrent(.v1, blocks: [40]), have: [])
        let address = PeerAddress(ipv4: 0x0B00_0101, port: 1)
        probe.hand(.discovered([address], from: .given))
        let key = probe.connect(1, isOutgoing: true)
        let second = probe.connect(1, isOutgoing: true, port: 1)
        #expect(probe.reason(second) == .duplicate)
        probe.forgetActions()
        probe.pass(seconds: 100) { probe.receive(key, .keepAlive) }
        let dials = { probe.actions.count { if case .dial = $0 { true } else { false } } }
        #expect(dials() == 0)
        probe.hand(.peerDisconnected(key))
        probe.pass(seconds: 2)
        #expect(dials() == 1, "but again when it is gone")
    }

    @Test func aHostDoesNotTalkToItself() throws {
        let probe = Probe(try TestTorrent(.v1, blocks: [40]), have: [])
        let own = probe.connect(0, isOutgoing: true)
        #expect(probe.reason(own) == .ownConnection)
        let neighbour = probe.connect(1)
        #expect(probe.engine.peers[neighbour] != nil)
    }

    @Test func peerExchangeBringsPeersTogether() throws {
        let torrent = try TestTorrent(.v1, blocks: [600])
        let swarm = TestSwarm()
        let seeder = swarm.add(torrent, have: torrent.full) { $0.bytesPerSecond = 200_000 }
        let first = swarm.add(torrent, have: PieceSet(capacity: torrent.pieceCount))
        let second = swarm.add(torrent, have: PieceSet(capacity: torrent.pieceCount))
        swarm.introduce(first, to: seeder)
        swarm.introduce(second, to: seeder)
        swarm.run(seconds: 10)
        #expect(first.peerCount == 2 && second.peerCount == 2)
        #expect(seeder.sent.contains { $0.isPex })
    }

    @Test func aHostThatCameByMagnetTellsOfPeersToo() throws {
        let torrent = try TestTorrent(.v1, blocks: [2000])
        let swarm = TestSwarm()
        let seeder = swarm.add(torrent, have: torrent.full) { host in
            host.bytesPerSecond = 100_000
            host.isMute = \.isPex
        }
        let magnet = swarm.add(torrent, have: nil)
        let third = swarm.add(torrent, have: PieceSet(capacity: torrent.pieceCount))
        swarm.introduce(magnet, to: seeder)
        swarm.introduce(third, to: magnet)
        swarm.run(seconds: 130)
        #expect(magnet.sent.contains { $0.isPex })
        #expect(third.peerCount == 2)
    }

    @Test(arguments: [true, false]) func privateTorrentsExchangeNoPeers(isMagnet: Bool) throws {
        let torrent = try TestTorrent(.v1, blocks: [600], isPrivate: true)
        let swarm = TestSwarm()
        let seeder = swarm.add(torrent, have: torrent.full) { $0.bytesPerSecond = 100_000 }
        for _ in 0..<3 {
            swarm.introduce(
                swarm.add(torrent, have: isMagnet ? nil : PieceSet(capacity: torrent.pieceCount)), to: seeder)
        }
        swarm.run(seconds: 70)
        #expect(seeder.peerCount == 3)
        for host in swarm.hosts {
            #expect(!host.sent.contains { $0.isPex })
            #expect(host.number == 0 || host.peerCount == 1)
        }
        let probe = Probe(torrent, have: [])
        let key = probe.connect(1)
        let stranger = PexMessage.Peer(address: PeerAddress(ipv4: 0x0101_0101, port: 9))
        probe.receive(key, .extended(.pex(PexMessage(added: [stranger]))))
        probe.pass(seconds: 1)
        #expect(!probe.actions.contains { if case .dial = $0 { true } else { false } })
    }

    @Test func nothingLeaksBetweenDescriptionAndStorage() throws {
        let torrent = try TestTorrent(.v1, blocks: [40], isPrivate: true)
        let probe = Probe(torrent, have: nil)
        let keys = (1...3).map { probe.connect($0) }
        for key in keys {
            let size = torrent.info.encoded.count
            probe.receive(key, .extended(.handshake(ExtendedHandshake(listenPort: 5, metadataSize: size))))
        }
        let data = MetadataMessage.data(piece: 0, totalSize: torrent.info.encoded.count, bytes: torrent.info.encoded)
        probe.receive(keys[0], .extended(.metadata(data)))
        #expect(probe.actions.contains { if case .metadataReceived = $0 { true } else { false } })
        for key in keys { probe.receive(key, .extended(.handshake(ExtendedHandshake()))) }
        probe.pass(seconds: 100)
        #expect(!keys.contains { probe.sent(to: $0).contains { $0.isPex } })
    }

    @Test func aWrongDescriptionIsBlamedOnItsSenderEvenIfHonestPeersHelped() throws {
        let torrent = try TestTorrent(.v1, blocks: [2, 3, 4])
        let size = torrent.info.encoded.count
        let probe = Probe(torrent, have: nil)
        let liar = probe.connect(1)
        probe.receive(liar, .extended(.handshake(ExtendedHandshake(metadataSize: size))))
        let wrong = [UInt8](repeating: 0, count: size)
        probe.receive(liar, .extended(.metadata(.data(piece: 0, totalSize: size, bytes: wrong))))
        #expect(probe.reason(liar) == .corruptData)
        let after = probe.actions.drop { if case .disconnect = $0 { false } else { true } }
        #expect(!after.contains { if case .send(liar, _) = $0 { true } else { false } }, "nothing more is said to it")
        let honest = probe.connect(2)
        probe.receive(honest, .extended(.handshake(ExtendedHandshake(metadataSize: size))))
        probe.receive(honest, .extended(.metadata(.data(piece: 0, totalSize: size, bytes: torrent.info.encoded))))
        #expect(probe.actions.contains { if case .metadataReceived = $0 { true } else { false } })
    }

    @Test func redundantSeedsPart() throws {
        let torrent = try TestTorrent(.v1, blocks: [40])
        let probe = Probe(torrent, have: Array(0..<20))
        let seed = probe.connect(1)
        probe.receive(seed, .haveAll)
        #expect(probe.reason(seed) == .redundant)
        let partial = probe.connect(2)
        probe.receive(partial, .haveNone, .extended(.handshake(ExtendedHandshake(uploadOnly: true))))
        #expect(probe.reason(partial) == .redundant)
        let leecher = probe.connect(3)
        probe.receive(leecher, .haveNone, .interested)
        #expect(probe.reason(leecher) == nil)
    }

    @Test func silentPeersAreDroppedAndSilenceIsBroken() throws {
        let probe = Probe(try TestTorrent(.v1, blocks: [40]), have: [])
        let key = probe.connect(1)
        probe.pass(seconds: 170)
        #expect(probe.sent(to: key).contains(.keepAlive) && probe.reason(key) == nil)
        probe.pass(seconds: 20)
        #expect(probe.reason(key) == .idle)
    }

    @Test func unchokingOverAndOverIsNoDelivery() throws {
        let probe = Probe(try TestTorrent(.v1, blocks: [40]), have: [])
        let key = probe.connect(1)
        probe.receive(key, .haveAll, .unchoke)
        probe.pass(seconds: 25) { probe.receive(key, .choke, .unchoke) }
        #expect(probe.engine.peers[key]?.isSnubbed == true)
    }

    @Test func aPeerThatNamesPortAfterPortFillsNothing() throws {
        let probe = Probe(try TestTorrent(.v1, blocks: [40]), have: [])
        let key = probe.connect(1)
        for port in UInt16(1)...3000 {
            probe.receive(key, .extended(.handshake(ExtendedHandshake(listenPort: port))))
        }
        #expect(probe.engine.peers[key]?.listenAddress?.port == 1)
        #expect(probe.engine.peers[key]?.listenAddresses.count == 1)
    }

    @Test func aFullHouseMakesRoomForNewcomersAtTheCostOfTheIdle() throws {
        var configuration = SwarmConfiguration()
        configuration.maximumPeers = 3
        let probe = Probe(try TestTorrent(.v1, blocks: [40]), have: [], configuration)
        let idle = probe.connect(1)
        let useful = (2...3).map { probe.connect($0) }
        for key in useful { probe.receive(key, .haveAll) }
        let newcomer = probe.connect(4)
        #expect(probe.reason(idle) == .tooManyPeers && probe.engine.peers[newcomer] != nil)
        probe.receive(newcomer, .haveAll)
        #expect(probe.reason(probe.connect(5)) == .tooManyPeers)
    }

    @Test func allowedFastPiecesAreServedToTheChoked() throws {
        var configuration = SwarmConfiguration()
        configuration.uploadSlots = 0
        let probe = Probe(try TestTorrent(.v1, blocks: [400]), have: Array(0..<199), configuration)
        let key = probe.connect(1)
        let offered = probe.sent(to: key).compactMap { if case .allowedFast(let piece) = $0 { piece } else { nil } }
        #expect(offered.count == 5)
        let other = try #require((0..<199).map { PieceIndex($0) }.first { !offered.contains($0) })
        let wanted = [offered[0], other].map { BlockRequest(piece: $0, begin: 0, length: 16384) }
        probe.receive(key, .haveNone, .interested, .request(wanted[0]), .request(wanted[1]))
        #expect(probe.sent(to: key).contains(.reject(wanted[1])) && !probe.sent(to: key).contains(.reject(wanted[0])))
        #expect(probe.actions.contains { if case .serve(key, let list) = $0 { list == [wanted[0]] } else { false } })
    }
}
