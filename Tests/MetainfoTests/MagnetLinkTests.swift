import Metainfo
import Testing
import TestSupport

@Suite("Magnet links")
struct MagnetLinkTests {
    private let v1 = "631a31dd0a46257d5078c0dee4e66e26f73e42ac"
    private let v2 = "d8dd32ac93357c368556af3ac1d95c9d76bd0dff6fa9833ecdac3d53134efabb"

    @Test("The links of libtorrent's test torrents, read and written back")
    func published() throws {
        let text = "magnet:?xt=urn:btih:\(v1)&xt=urn:btmh:1220\(v2)&dn=bittorrent-v1-v2-hybrid-test"
        let link = try MagnetLink(parsing: text)
        #expect(link.hashes.v1?.hex == v1 && link.hashes.v2?.hex == v2)
        #expect(link.name == "bittorrent-v1-v2-hybrid-test")
        #expect(link.description == text)
        #expect(try Vectors.torrent("v2_hybrid-missing-tailpad.torrent").magnet(peers: []).description == text)
        let only = try MagnetLink(parsing: "magnet:?xt=urn:btmh:1220\(v2)")
        #expect(only.hashes.v1 == nil && only.hashes.wireHashes.map(\.hex) == [String(v2.prefix(40))])
    }

    @Test("All parameters, numbered, in any case, percent-encoded")
    func parameters() throws {
        let link = try MagnetLink(
            parsing:
                " MAGNET:?XT.1=urn:BTIH:\(v1.uppercased())&dn=na%C3%AFve+file%2Fname&tr.1=http%3A%2F%2Fa%2Fannounce"
                + "&tr.2=udp://b:1&tr=udp://b:1&ws=http://seed/x%20y&x.pe=10.0.0.1:6881&x.pe=[fe80::1%25eth0]:6882"
                + "&so=4-6,0,2,5-9&xl=5&as=&novalue&=x\n")
        #expect(link.hashes.v1?.hex == v1)
        #expect(link.name == "naïve filename")
        #expect(link.trackers == ["http://a/announce", "udp://b:1"])
        #expect(link.webSeeds == ["http://seed/x y"])
        #expect(link.peers == ["10.0.0.1:6881", "[fe80::1%eth0]:6882"])
        #expect(link.selectedFiles == [0...0, 2...2, 4...9])
        #expect(try MagnetLink(parsing: link.description) == link)
        #expect(link.description.contains("x.pe=[fe80::1%25eth0]:6882"))
    }

    @Test("Base32 hashes in either case")
    func base32() throws {
        // RFC 4648 spells 0x00...0x13 like this.
        let link = try MagnetLink(parsing: "magnet:?xt=urn:btih:AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQT")
        #expect(link.hashes.v1?.hex == "000102030405060708090a0b0c0d0e0f10111213")
        #expect(try MagnetLink(parsing: "magnet:?xt=urn:btih:aaaqeayeaudaocajbifqydiob4ibceqt") == link)
    }

    @Test("What is no link is refused")
    func refusals() {
        func error(_ text: String) -> MagnetError? {
            do throws(MagnetError) {
                _ = try MagnetLink(parsing: text)
                return nil
            } catch { return error }
        }
        #expect(error("") == .notMagnet)
        #expect(error("magnet:xt=urn:btih:\(v1)") == .notMagnet)
        #expect(error("http://x/") == .notMagnet)
        #expect(error("magnet:?") == .missingHash)
        #expect(error("magnet:?dn=x&xt=urn:sha1:\(v1)") == .missingHash)
        #expect(error("magnet:?xt=urn:btih:\(v1.dropLast())") == .invalidHash(String(v1.dropLast())))
        #expect(error("magnet:?xt=urn:btih:\(v1)00") != nil)
        #expect(error("magnet:?xt=urn:btih:") == .invalidHash(""))
        #expect(error("magnet:?xt=urn:btmh:1320\(v2)") != nil)
        #expect(error("magnet:?xt=urn:btmh:1220\(v2)00") != nil)
        #expect(error("magnet:?xt=urn:btih:\(v1)&xt=urn:btih:\(v2.prefix(40))") == .conflictingHashes)
        #expect(error("magnet:?xt=urn:btih:\(v1)&so=1-") == .invalidSelection("1-"))
        #expect(error("magnet:?xt=urn:btih:\(v1)&so=5-1") != nil)
        #expect(error("magnet:?xt=urn:btih:\(v1)&so=99999999999999999999") != nil)
        #expect(error("magnet:?xt=urn:btih:\(v1)&so=1-2-3") != nil)
        #expect(error("magnet:?xt=urn:btih:\(v1)&dn=" + String(repeating: "x", count: 70_000)) == .tooLong)
    }

    @Test("Counts are bounded, control characters do not come through")
    func bounds() throws {
        let many = (0..<800).map { "&tr=udp://t\($0):1&x.pe=10.0.0.\($0 % 250):\($0 + 1)" }.joined()
        let link = try MagnetLink(parsing: "magnet:?xt=urn:btih:\(v1)" + many)
        #expect(link.trackers.count == 256 && link.peers.count == 256)
        let sneaky = try MagnetLink(parsing: "magnet:?xt=urn:btih:\(v1)&dn=a%1B[2Jb%00&tr=http://a%0Ab&dn=second")
        #expect(sneaky.name == "a_[2Jb_" && sneaky.trackers.isEmpty)
        #expect(try MagnetLink(parsing: "magnet:?xt=urn:btih:\(v1)&dn=..").name == nil)
    }

    @Test("Changed links never trap")
    func mutations() {
        var generator = TestRandom(seed: 3)
        let link = Array(
            "magnet:?xt=urn:btih:\(v1)&xt=urn:btmh:1220\(v2)&dn=a%20b&so=1-2,3&x.pe=[::1]:1&tr.1=udp://x".utf8)
        let odd = Array("%&=?.-:,[]09azé\u{0}".utf8)
        for _ in 0..<10_000 {
            var changed = link
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                changed[Int.random(in: changed.indices, using: &generator)] = odd.randomElement(using: &generator) ?? 0
            }
            if let read = try? MagnetLink(parsing: String(decoding: changed, as: UTF8.self)) {
                #expect((try? MagnetLink(parsing: read.description)) == read)
            }
        }
    }
}
