import DiscoveryWire
import Metainfo
import Testing

@Suite struct LocalSearchTests {
    private let hex = "0123456789abcdef0123456789abcdef01234567"

    @Test func bytes() throws {
        let hash = try #require(WireInfoHash(hex: hex))
        let search = LocalSearch(port: 6881, infoHashes: [hash], cookie: "c0ffee")
        let text =
            "BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\n"
            + "Infohash: \(hex)\r\ncookie: c0ffee\r\n\r\n\r\n"
        #expect(search.encoded(ipv6: false) == Array(text.utf8))
        #expect(try LocalSearch(decoding: search.encoded(ipv6: true)) == search)
    }

    @Test func fullDatagramKeepsItsLimit() throws {
        let hashes = try (0..<LocalSearch.hashesPerDatagram).map { number in
            try #require(WireInfoHash([UInt8](repeating: UInt8(number), count: 20)))
        }
        let search = LocalSearch(port: 65535, infoHashes: hashes, cookie: "ffffffffffffffff")
        #expect(search.encoded(ipv6: true).count <= LocalSearch.maximumSentLength)
        #expect(search.encoded(ipv6: true).count > LocalSearch.maximumSentLength - 52)
        #expect(try LocalSearch(decoding: search.encoded(ipv6: true)) == search)
    }

    @Test func whatOthersSend() throws {
        let text =
            "BT-SEARCH * HTTP/1.1\r\nHOST:239.192.152.143:6771\r\nport:  51413 \r\nX: y\r\nINFOHASH:\(hex.uppercased())\r\n"
            + "Infohash: 12\r\nInfohash: \(hex)\r\n\r\n\r\n"
        let search = try LocalSearch(decoding: Array(text.utf8))
        #expect(search.port == 51413)
        #expect(search.infoHashes.map(\.hex) == [hex])
        #expect(search.cookie == nil)
    }

    @Test(arguments: [
        "", "GET / HTTP/1.1\r\n\r\n", "BT-SEARCH * HTTP/1.1\r\nPort: 1\r\n\r\n",
        "BT-SEARCH * HTTP/1.1\r\nInfohash: 0123456789abcdef0123456789abcdef01234567\r\n\r\n",
        "BT-SEARCH * HTTP/1.1\r\nPort: 0\r\nInfohash: 0123456789abcdef0123456789abcdef01234567\r\n\r\n",
        "BT-SEARCH * HTTP/1.1\r\nPort: 65536\r\nInfohash: 0123456789abcdef0123456789abcdef01234567\r\n\r\n",
        "BT-SEARCH * HTTP/1.1\r\n\r\nPort: 1\r\nInfohash: 0123456789abcdef0123456789abcdef01234567\r\n\r\n",
    ])
    func refused(text: String) {
        #expect(throws: DiscoveryWireError.self) { try LocalSearch(decoding: Array(text.utf8)) }
    }

    @Test func randomBytesNeverTrap() {
        var generator = SystemRandomNumberGenerator()
        let good = Array("BT-SEARCH * HTTP/1.1\r\nPort: 1\r\nInfohash: \(hex)\r\ncookie: x\r\n\r\n\r\n".utf8)
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0..<3 {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            guard let search = try? LocalSearch(decoding: bytes) else { continue }
            #expect(search.port != 0 && !search.infoHashes.isEmpty)
        }
    }
}
