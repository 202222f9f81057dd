import Metainfo
import PeerWire
import Testing
import TrackerEngine

@Suite struct TrackerBoundTests {
    @Test("One address fills no swarm, and all together no more than there is room for")
    func bounds() throws {
        var configuration = TrackerConfiguration()
        configuration.maximumRequests = .max
        configuration.maximumPeersOfAddress = 4
        configuration.maximumPeersOfTorrent = 20
        configuration.maximumPeers = 25
        var bench = try TrackerBench(configuration)
        for port in 1...100 { _ = try bench.announce(1, from: "10.0.0.1:\(port)", wanted: 0) }
        #expect(try bench.announce(2, from: "10.0.0.2:1", wanted: 0).leecherCount == 5)
        for number in 3...60 { _ = try bench.announce(UInt8(number), from: "10.0.0.\(number):1", wanted: 0) }
        let full = try bench.announce(99, from: "10.0.0.99:1")
        // Without room, one is answered all the same.
        #expect(full.leecherCount == 20 && full.peers.count == 20)
        // Another torrent gets what is left.
        let other = try Samples.hash(2)
        bench.tracker.list(other, own: nil)
        for number in 1...20 {
            let request = AnnounceRequest(infoHash: other, peerID: try Samples.peer(UInt8(number)), port: 1, left: 1)
            let answer = try AnnounceResponse(
                decoding: bench.raw(request, from: try Samples.address("10.0.2.\(number):1")))
            #expect(answer.leecherCount == min(number, 5))
        }
        // Room comes back with those who go.
        bench.tracker.unlist(other)
        bench.tracker.list(other, own: nil)
        bench.now += .seconds(3600)
        #expect(try bench.announce(98, from: "10.0.0.98:1").leecherCount == 1)
    }

    @Test("Too many requests from one source are refused, and later admitted")
    func flood() throws {
        var configuration = TrackerConfiguration()
        configuration.maximumRequests = 5
        configuration.maximumCountedAddresses = 3
        var bench = try TrackerBench(configuration)
        let refusal = TrackerFailure.refused(reason: "too many requests", retry: .minutes(1))
        for _ in 0..<5 { _ = try bench.announce(1, from: "10.0.0.1:1") }
        #expect(throws: refusal) { try bench.announce(1, from: "10.0.0.1:1") }
        // Any address of one IPv6 network is the same source.
        for host in 1...5 { _ = try bench.announce(2, from: "[2001:db8::\(host)]:1") }
        #expect(throws: refusal) { try bench.announce(2, from: "[2001:db8::77]:1") }
        _ = try bench.announce(3, from: "10.0.0.3:1")
        // Beyond what is counted one by one, all share one count.
        for number in 10...14 { _ = try bench.announce(4, from: "10.0.0.\(number):1") }
        #expect(throws: refusal) { try bench.announce(4, from: "10.0.0.20:1") }
        _ = try bench.announce(3, from: "10.0.0.3:1")
        bench.now += .seconds(10)
        _ = try bench.announce(1, from: "10.0.0.1:1")
        // A clock that goes back does not lock anybody out.
        bench.now -= .seconds(500)
        _ = try bench.announce(1, from: "10.0.0.1:1")
    }

    @Test("What a tracker counts (BEP 48)")
    func scrape() throws {
        var bench = try TrackerBench(own: Tracker.OwnPeer(port: 1, id: try Samples.peer(9), isSeeder: true))
        _ = try bench.announce(1, from: "10.0.0.1:1")
        _ = try bench.announce(2, from: "10.0.0.2:1", event: .paused)
        // Complete from the beginning, and complete twice: neither counts.
        _ = try bench.announce(3, from: "10.0.0.3:1", left: 0, event: .completed)
        _ = try bench.announce(4, from: "10.0.0.4:1")
        for _ in 0..<2 { _ = try bench.announce(4, from: "10.0.0.4:1", left: 0, event: .completed) }
        let source = try Samples.address("10.0.0.9:1")
        let request = ScrapeRequest(hashes: [bench.hash, try Samples.hash(2)])
        let url = try #require(request.url(tracker: "http://t/x/announce"))
        let query = try #require(url.split(separator: "?").last)
        #expect(url.hasPrefix("http://t/x/scrape?info_hash="))
        let body = bench.tracker.scrape(query: String(query), from: source, now: bench.now)
        let swarm = ScrapeResponse.Swarm(seederCount: 3, leecherCount: 2, completedCount: 1, downloaderCount: 1)
        #expect(try ScrapeResponse(decoding: body).swarms == [bench.hash: swarm])
        for query in ["", "a=b", "info_hash=abc", String(repeating: "info_hash=x&", count: 65)] {
            let body = bench.tracker.scrape(query: query, from: source, now: bench.now)
            #expect(throws: TrackerFailure.self, "\(query)") { try ScrapeResponse(decoding: body) }
        }
    }
}
