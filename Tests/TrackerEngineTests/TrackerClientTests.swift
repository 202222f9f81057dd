import Bencode
import Metainfo
import PeerWire
import Testing
import TestSupport
import TrackerEngine
import WebWire

@Suite struct TrackerClientTests {
    @Test("The address that is asked, with the info-hash of BEP 3's usual example")
    func url() throws {
        let bytes: [UInt8] = [
            0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC, 0xDE, 0xF1, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0x12, 0x34, 0x56,
            0x78, 0x9A,
        ]
        let hash = try #require(WireInfoHash(bytes))
        var request = AnnounceRequest(
            infoHash: hash, peerID: try #require(PeerID(Array("-DX0100-abcdefghij~ ".utf8))), port: 6881, left: 7,
            event: .started, wanted: 50, key: 0xABC)
        #expect(
            request.url(tracker: "http://tracker.example/announce")
                == "http://tracker.example/announce?info_hash=%124Vx%9A%BC%DE%F1%23Eg%89%AB%CD%EF%124Vx%9A"
                + "&peer_id=-DX0100-abcdefghij~%20&port=6881&uploaded=0&downloaded=0&left=7&key=00000ABC&event=started"
                + "&numwant=50&compact=1&no_peer_id=1")
        request.trackerID = [0, 0x26]
        let again = try #require(request.url(tracker: "https://t/a?pass=1#x"))
        #expect(again.hasPrefix("https://t/a?pass=1&info_hash="))
        let query = QueryParameters(parsing: String(try #require(again.split(separator: "?").last)))
        #expect(try AnnounceRequest(parsing: query) == request)
        for tracker in ["udp://t/a", "ftp://t", "http://t/a b", "", "http://t/\r\n", "file:///etc/passwd"] {
            #expect(request.url(tracker: tracker) == nil, "\(tracker)")
        }
    }

    @Test("The examples of BEP 48")
    func scrapeURL() {
        let examples: [(String, String?)] = [
            ("http://example.com/announce", "http://example.com/scrape"),
            ("http://example.com/x/announce", "http://example.com/x/scrape"),
            ("http://example.com/announce.php", "http://example.com/scrape.php"), ("http://example.com/a", nil),
            ("http://example.com/announce?x2%0644", "http://example.com/scrape?x2%0644"),
            ("http://example.com/announce?x=2/4", nil),
            ("http://example.com/x%064announce", nil), ("udp://example.com/announce", nil),
        ]
        for (announce, scrape) in examples {
            #expect(TrackerURL.scrape(for: announce) == scrape, "\(announce)")
        }
    }

    @Test func answers() throws {
        let read = { (text: String) throws(TrackerFailure) in try AnnounceResponse(decoding: Array(text.utf8)) }
        let compact = try read("d8:intervali900e5:peers12:ABCD\u{0}\u{1}EFGH\u{0}\u{0}e")
        #expect(compact.interval == 900 && compact.addresses == ["65.66.67.68:1"])
        let list = try read(
            "d8:intervali5e12:min intervali-1e5:peersld2:ip9:127.0.0.17:peer id20:-DX0100-aaaaaaaaaaaa4:porti1eed2:ip6:a.test"
                + "4:porti2eed2:ip3:::14:porti3eed2:ip3:a b4:porti4eed2:ip7:0.0.0.04:porti1eed4:porti1eei7eee")
        #expect(list.interval == 30 && list.minimumInterval == 30)
        #expect(list.addresses == ["127.0.0.1:1", "[::1]:3"] && list.peers[0].id != nil)
        #expect(list.namedPeers.map(\.host) == ["a.test"])
        let six = try read("d6:peers618:aaaaaaaaaaaaaaaa\u{0}\u{7}5:peers0:8:completei-4ee")
        #expect(six.addresses == ["[6161:6161:6161:6161:6161:6161:6161:6161]:7"])
        #expect(six.interval == 1800 && six.seederCount == nil)
        #expect(try read("d5:peers5:abcdee").peers.isEmpty)
        let refusals: [(String, TrackerFailure.Retry)] = [
            ("", .unspecified), ("8:retry ini5e", .minutes(5)), ("8:retry in1:5", .minutes(5)),
            ("8:retry in5:never", .never), ("8:retry ini-5e", .unspecified), ("8:retry in3:now", .unspecified),
        ]
        for (rest, retry) in refusals {
            #expect(throws: TrackerFailure.refused(reason: "no", retry: retry)) {
                try read("d14:failure reason2:no\(rest)e")
            }
        }
        for text in ["", "<html>", "le", "i1e", "d8:intervali1e", "de5"] {
            #expect(throws: TrackerFailure.malformed, "\(text)") { try read(text) }
        }
        #expect(throws: TrackerFailure.malformed) {
            try AnnounceResponse(decoding: Array(repeating: 0x64, count: AnnounceResponse.maximumLength + 1))
        }
    }

    @Test("Mutated requests and answers never trap, and the tracker still knows how many it knows")
    func fuzz() throws {
        var generator = TestRandom(seed: 9)
        var configuration = TrackerConfiguration()
        configuration.maximumRequests = .max
        configuration.maximumPeersOfTorrent = 30
        var bench = try TrackerBench(configuration)
        let hash = PercentCoding.encoded(bytes: bench.hash.bytes)
        let query = Array(
            "info_hash=\(hash)&peer_id=-DX0100-abcdefghijkl&port=6881&left=5&event=started&numwant=9".utf8)
        let local = bench.local
        for round in 0..<5000 {
            let text = String(decoding: generator.mutated(query), as: UTF8.self)
            let source = PeerAddress(ipv4: 0x0A00_0000 + UInt32.random(in: 0..<50, using: &generator), port: 9)
            bench.now += .seconds(round % 7)
            let body = bench.tracker.announce(query: text, from: source, local: local, now: bench.now)
            if let answer = try? AnnounceResponse(decoding: body) {
                let port = try AnnounceRequest(parsing: QueryParameters(parsing: text)).port
                #expect(answer.peers.count <= 30)
                #expect(!answer.peers.contains { $0.address == source.withPort(port) })
            }
            _ = try? AnnounceResponse(decoding: generator.mutated(body))
            let scraped = bench.tracker.scrape(query: text, from: source, now: bench.now)
            _ = try? ScrapeResponse(decoding: generator.mutated(scraped))
        }
    }
}

extension TestRandom {
    fileprivate mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 0...3, using: &self) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &self)
            if Bool.random(using: &self) {
                bytes[place] = UInt8.random(in: 0...255, using: &self)
            } else {
                bytes.remove(at: place)
            }
        }
        return bytes
    }
}
