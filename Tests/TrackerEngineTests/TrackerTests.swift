import Bencode
import Metainfo
import PeerWire
import Testing
import TrackerEngine
import WebWire

@Suite struct TrackerTests {
    @Test("Peers find each other and never themselves")
    func meeting() throws {
        var bench = try TrackerBench()
        let first = try bench.announce(1, from: "192.0.2.10:6881", event: .started)
        #expect(first.peers.isEmpty && first.leecherCount == 1 && first.interval == 600)
        #expect(first.externalAddress?.ipText == "192.0.2.10")
        let second = try bench.announce(2, from: "[2001:db8::2]:6882", left: 0)
        #expect(second.addresses == ["192.0.2.10:6881"] && second.seederCount == 1)
        let third = try bench.announce(3, from: "192.0.2.30:6883")
        #expect(third.addresses == ["192.0.2.10:6881", "[2001:db8::2]:6882"])
        #expect(try bench.announce(1, from: "192.0.2.10:6881").addresses == ["192.0.2.30:6883", "[2001:db8::2]:6882"])
        // The same peer by its other address is not a stranger to itself.
        #expect(try !bench.announce(2, from: "192.0.2.20:6882", left: 0).addresses.contains("[2001:db8::2]:6882"))
        // Seeders have nothing to say to seeders.
        #expect(
            try bench.announce(5, from: "192.0.2.50:1", left: 0).addresses == ["192.0.2.10:6881", "192.0.2.30:6883"])
    }

    @Test("Who begins and has nothing but a magnet link is no seeder, whatever it says")
    func magnet() throws {
        let own = Tracker.OwnPeer(port: 7000, id: try Samples.peer(9), isSeeder: true)
        var bench = try TrackerBench(own: own)
        _ = try bench.announce(1, from: "192.0.2.10:6881", left: 0)
        let first = try bench.announce(2, from: "192.0.2.20:6881", left: 0, event: .started)
        #expect(first.addresses == ["192.0.2.10:6881", "192.0.2.1:7000"])
        #expect(try bench.announce(2, from: "192.0.2.20:6881", left: 0).addresses.isEmpty)
    }

    @Test func leaving() throws {
        var bench = try TrackerBench()
        _ = try bench.announce(1, from: "192.0.2.10:6881")
        _ = try bench.announce(2, from: "192.0.2.20:6881")
        let last = try bench.announce(1, from: "192.0.2.10:6881", event: .stopped)
        #expect(last.peers.isEmpty && last.leecherCount == 1)
        #expect(try bench.announce(3, from: "192.0.2.30:1").addresses == ["192.0.2.20:6881"])
        // A stop from elsewhere removes nobody.
        _ = try bench.announce(2, from: "192.0.2.99:6881", event: .stopped)
        #expect(try bench.announce(3, from: "192.0.2.30:1").addresses == ["192.0.2.20:6881"])
        bench.now += .seconds(1261)
        #expect(try bench.announce(4, from: "192.0.2.40:1").peers.isEmpty)
    }

    @Test("This host is a peer, where the asker reached it")
    func own() throws {
        let own = Tracker.OwnPeer(port: 7000, id: try Samples.peer(9), isSeeder: true)
        var bench = try TrackerBench(own: own)
        let answer = try bench.announce(1, from: "192.0.2.10:6881")
        #expect(answer.addresses == ["192.0.2.1:7000"] && answer.seederCount == 1)
        #expect(try bench.announce(2, from: "192.0.2.20:1", left: 0).addresses == ["192.0.2.10:6881"])
        bench.tracker.list(bench.hash, own: nil)
        #expect(try bench.announce(3, from: "192.0.2.30:1").seederCount == 1)
        // A program on this computer is told to others at this computer's address.
        _ = try bench.announce(4, from: "127.0.0.1:5555")
        #expect(try bench.announce(3, from: "192.0.2.30:1").addresses.contains("192.0.2.1:5555"))
        #expect(try bench.announce(5, from: "127.0.0.1:5556").addresses.contains("127.0.0.1:5555"))
    }

    @Test("Link-local addresses are told on their own network only")
    func linkLocal() throws {
        var bench = try TrackerBench()
        _ = try bench.announce(1, from: "[fe80::1%eth0]:1")
        _ = try bench.announce(2, from: "169.254.3.4:2")
        #expect(try bench.announce(3, from: "192.0.2.30:3").peers.isEmpty)
        #expect(try bench.announce(4, from: "[fe80::2%eth0]:4").addresses == ["192.0.2.30:3", "[fe80::1]:1"])
        #expect(try bench.announce(5, from: "169.254.9.9:5").addresses == ["169.254.3.4:2", "192.0.2.30:3"])
    }

    @Test("Other forms: without compact, without ids, and what is wrong with a request")
    func forms() throws {
        var bench = try TrackerBench()
        _ = try bench.announce(1, from: "192.0.2.10:6881")
        _ = try bench.announce(2, from: "[2001:db8::2]:6882")
        var request = AnnounceRequest(
            infoHash: bench.hash, peerID: try Samples.peer(3), port: 3, left: 5, isCompact: false, omitsPeerIDs: false)
        let source = try Samples.address("192.0.2.30:1")
        let answer = try AnnounceResponse(decoding: bench.raw(request, from: source))
        #expect(answer.addresses == ["192.0.2.10:6881", "[2001:db8::2]:6882"])
        #expect(Set(answer.peers.compactMap(\.id)) == [try Samples.peer(1), try Samples.peer(2)])
        request.omitsPeerIDs = true
        #expect(try AnnounceResponse(decoding: bench.raw(request, from: source)).peers.allSatisfy { $0.id == nil })

        request.infoHash = try Samples.hash(2)
        #expect(throws: TrackerFailure.refused(reason: "this torrent is not tracked here", retry: .never)) {
            try AnnounceResponse(decoding: bench.raw(request, from: source))
        }
        let good = "info_hash=\(PercentCoding.encoded(bytes: bench.hash.bytes))&peer_id=-DX0100-aaaaaaaaaaaa&port=1"
        for (query, reason) in [
            ("", "info_hash must be 20 bytes"), ("info_hash=abc&peer_id=x&port=1", "info_hash must be 20 bytes"),
            (good.replacing("aaaa&", with: "&"), "peer_id must be 20 bytes"),
            (good.replacing("port=1", with: "port=0"), "port must be from 1 to 65535"),
            (good.replacing("port=1", with: "port=65536"), "port must be from 1 to 65535"),
            (good.replacing("port=1", with: "port=-1"), "port must be from 1 to 65535"),
            (good.replacing("&port=1", with: ""), "port must be from 1 to 65535"),
        ] {
            let body = bench.tracker.announce(query: query, from: source, local: bench.local, now: bench.now)
            #expect(throws: TrackerFailure.refused(reason: reason, retry: .unspecified), "\(query)") {
                try AnnounceResponse(decoding: body)
            }
        }
        // `ip` is not believed.
        let body = bench.tracker.announce(
            query: good + "&left=5&ip=198.51.100.1&ipv4=198.51.100.1", from: source, local: bench.local, now: bench.now)
        #expect(
            try AnnounceResponse(decoding: body).addresses == [
                "192.0.2.10:6881", "192.0.2.30:3", "[2001:db8::2]:6882",
            ])
        #expect(try bench.announce(8, from: "192.0.2.80:8").addresses.contains("192.0.2.30:1"))
    }

    @Test("Everyone is named as often as any other, and nobody gets more than the cap")
    func share() throws {
        var configuration = TrackerConfiguration()
        configuration.maximumWanted = 10
        configuration.maximumRequests = .max
        var bench = try TrackerBench(configuration)
        for number in 1...40 { _ = try bench.announce(UInt8(number), from: "10.0.0.\(number):1", wanted: 0) }
        var counts: [String: Int] = [:]
        for _ in 0..<40 {
            let answer = try bench.announce(200, from: "10.0.1.1:1", wanted: 1000)
            #expect(answer.peers.count == 10)
            for address in answer.addresses { counts[address, default: 0] += 1 }
        }
        #expect(counts.count == 40 && counts.values.allSatisfy { (8...12).contains($0) })
        #expect(try bench.announce(200, from: "10.0.1.1:1", wanted: 3).peers.count == 3)
        #expect(try bench.announce(200, from: "10.0.1.1:1", wanted: 0).peers.isEmpty)
    }
}

extension String {
    fileprivate func replacing(_ part: String, with other: String) -> String {
        var output = ""
        var rest = self[...]
        while !rest.isEmpty {
            if rest.hasPrefix(part) {
                output += other
                rest = rest.dropFirst(part.count)
            } else {
                output.append(rest.removeFirst())
            }
        }
        return output
    }
}
