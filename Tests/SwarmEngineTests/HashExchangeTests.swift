import Metainfo
import PeerWire
import Testing

@testable import SwarmEngine

@Suite struct HashExchangeTests {
    private func reply(_ torrent: TestTorrent, _ request: HashRequest) throws -> [MerkleHash] {
        let index = try #require(torrent.info.files.firstIndex { $0.piecesRoot == request.root })
        let file = torrent.info.files[index]
        var tree = FileHashTree(root: request.root, fileLength: file.length, pieceLength: TestTorrent.pieceLength)
        if let layer = torrent.layers[request.root] { _ = tree.insertPieceLayer(layer) }
        let leaves = torrent.leaves(of: FileIndex(index))[
            tree.leavesNeeded(index: request.index, length: request.length)]
        return try #require(
            tree.reply(
                baseLayer: request.baseLayer, index: request.index, length: request.length,
                proofLayers: request.proofLayers, leaves: request.baseLayer == 0 ? Array(leaves) : nil))
    }

    @Test func layersAreFetchedInRangesAndEachIsAskedOnce() throws {
        // 700 pieces need two requests, the small file none.
        let torrent = try TestTorrent(.v2, blocks: [1400, 2, 10])
        var exchange = HashExchange()
        exchange.load(torrent.info, layers: PieceLayers())
        #expect(exchange.missing.count == 2)
        var requests: [HashRequest] = []
        while let next = exchange.nextRequest(for: PeerKey(1), now: .zero) { requests.append(next) }
        #expect(requests.map(\.length) == [512, 256, 8])
        #expect(requests.allSatisfy { $0.baseLayer == 1 })
        do {
            let next = exchange.nextRequest(for: PeerKey(2), now: .zero)
            #expect(next == nil)
        }
        exchange.release(requests[1])
        do {
            let next = exchange.nextRequest(for: PeerKey(2), except: [requests[1]: .zero], now: .zero)
            #expect(next == nil)
        }
        do {
            let next = exchange.nextRequest(for: PeerKey(2), now: .zero)
            #expect(next == requests[1])
        }
        do {
            let outcome = exchange.receive(requests[0], try reply(torrent, requests[0]))
            #expect(outcome == .proven)
        }
        do {
            let outcome = exchange.receive(requests[2], try reply(torrent, requests[2]))
            #expect(outcome == .fileComplete(FileIndex(2)))
        }
        do {
            let outcome = exchange.receive(requests[1], try reply(torrent, requests[1]))
            #expect(outcome == .fileComplete(FileIndex(0)))
        }
        #expect(exchange.missing.isEmpty)
    }

    @Test func wrongHashesAreFoundOut() throws {
        let torrent = try TestTorrent(.v2, blocks: [10])
        var exchange = HashExchange()
        exchange.load(torrent.info, layers: PieceLayers())
        let first = exchange.nextRequest(for: PeerKey(1), now: .zero)
        let request = try #require(first)
        var hashes = try reply(torrent, request)
        hashes[1] = TestTorrent.badHash
        #expect(exchange.receive(request, hashes) == .wrong)
        #expect(exchange.receive(request, []) == .wrong)
        var other = request
        other.root = TestTorrent.badHash
        #expect(exchange.receive(other, hashes) == .wrong)
        do {
            let next = exchange.nextRequest(for: PeerKey(1), now: .zero)
            #expect(next == request, "and it is asked again")
        }
    }

    @Test func unansweredRequestsGoToOthers() throws {
        let torrent = try TestTorrent(.v2, blocks: [10])
        var exchange = HashExchange()
        exchange.load(torrent.info, layers: PieceLayers())
        let first = exchange.nextRequest(for: PeerKey(1), now: .zero)
        let request = try #require(first)
        do {
            let next = exchange.nextRequest(for: PeerKey(2), now: .zero + .seconds(9))
            #expect(next == nil)
        }
        do {
            let next = exchange.nextRequest(for: PeerKey(2), now: .zero + .seconds(10))
            #expect(next == request)
        }
        exchange.release(peer: PeerKey(2))
        do {
            let next = exchange.nextRequest(for: PeerKey(3), now: .zero + .seconds(10))
            #expect(next == request)
        }
    }

    @Test func leavesOfAPieceFoldToItsHash() throws {
        let torrent = try TestTorrent(.hybrid, blocks: [11])
        var exchange = HashExchange()
        exchange.load(torrent.info, layers: torrent.layers)
        for piece in 0..<5 {
            let requests = exchange.leafRequests(for: piece, in: FileIndex(0))
            #expect(requests.count == 1)
            for request in requests {
                do {
                    let outcome = exchange.receive(request, try reply(torrent, request))
                    #expect(outcome == .proven)
                }
            }
        }
        #expect(exchange.leafRequests(for: 1 << 20, in: FileIndex(0)).isEmpty)
        #expect(exchange.leafRequests(for: 0, in: FileIndex(7)).isEmpty)
    }
}
