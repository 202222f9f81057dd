import PeerWire
import Testing
import TestSupport

@Suite struct PeerAddressTests {
    /// What goes in, and how it is written by RFC 5952.
    @Test(
        arguments: [
            ("1.2.3.4:6881", "1.2.3.4:6881"), ("0.0.0.0:0", "0.0.0.0:0"),
            ("255.255.255.255:65535", "255.255.255.255:65535"),
            ("[::]:1", "[::]:1"), ("[::1]:80", "[::1]:80"), ("[1::]:80", "[1::]:80"),
            ("[2001:DB8:0:0:8:800:200C:417A]:6881", "[2001:db8::8:800:200c:417a]:6881"),
            ("[2001:db8:0:1:1:1:1:1]:1", "[2001:db8:0:1:1:1:1:1]:1"), ("[2001:0:0:1:0:0:0:1]:1", "[2001:0:0:1::1]:1"),
            ("[2001:db8:0:0:1:0:0:1]:1", "[2001:db8::1:0:0:1]:1"), ("[0:0:0:0:0:0:0:1]:1", "[::1]:1"),
            ("[2001:db8::0001]:1", "[2001:db8::1]:1"), ("[1:2:3:4:5:6:7::]:1", "[1:2:3:4:5:6:7:0]:1"),
            ("[::2:3:4:5:6:7:8]:1", "[0:2:3:4:5:6:7:8]:1"), ("[::ffff:192.0.2.1]:6881", "192.0.2.1:6881"),
            ("[64:ff9b::192.0.2.33]:1", "[64:ff9b::c000:221]:1"),
            ("[1:2:3:4:5:6:1.2.3.4]:1", "[1:2:3:4:5:6:102:304]:1"),
            ("[fe80::1%eth0]:6881", "[fe80::1%eth0]:6881"), ("[fe80::1%2]:6881", "[fe80::1%2]:6881"),
            ("[febf::1%wlp0s20f3.100]:6881", "[febf::1%wlp0s20f3.100]:6881"),
        ] as [(String, String)])
    func textIsReadAndWrittenAsTheRFCsSay(text: String, canonical: String) throws {
        let address = try #require(PeerAddress(parsing: text))
        #expect(address.description == canonical)
        #expect(PeerAddress(parsing: canonical) == address)
    }

    @Test(arguments: [
        "", ":", "1.2.3.4", "1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:-1", "1.2.3.4:+1", "1.2.3.4: 1", "1.2.3:80",
        "1.2.3.4.5:80", "1.2.3.256:80", "01.2.3.4:80", "1.2.3.4:000080", "1..3.4:80", "host:80", "example.org:6881",
        "localhost:1", "::1:80", "[::1]", "[::1]80", "[]:80", "[1.2.3.4]:80", "[:::]:1", "[1:2]:1", "[::1::]:1",
        "[:1]:1",
        "[1:]:1", "[1:2:3:4:5:6:7]:1", "[1:2:3:4:5:6:7:8:9]:1", "[1:2:3:4::5:6:7:8]:1", "[12345::]:1", "[g::]:1",
        "[::1.2.3]:1", "[1.2.3.4::]:1", "[1:2:3:4:5:6:7:1.2.3.4]:1", "[::1.2.3.4:5]:1", "[fe80::1%]:1",
        "[fe80::1%a/b]:1", "[fe80::1%a%b]:1", "[2001:db8::1%eth0]:1", "[fe80::1%abcdefghijklmnopqrstuvwxyz0123456]:1",
        "[fe80::1%é]:1", "[::1%lo]:1", "[[::1]]:1", "１.2.3.4:80",
    ])
    func anythingElseIsNotAnAddress(text: String) {
        #expect(PeerAddress(parsing: text) == nil)
    }

    @Test func addressesWithoutPortsAreReadToo() {
        #expect(PeerAddress(ip: "192.0.2.1", port: 5)?.description == "192.0.2.1:5")
        #expect(PeerAddress(ip: "fe80::1%eth0", port: 5)?.description == "[fe80::1%eth0]:5")
        #expect(PeerAddress(ip: "fe80::1%eth0", port: 5)?.ipText == "fe80::1%eth0")
        #expect(PeerAddress(ip: "example.org", port: 5) == nil)
        #expect(PeerAddress(ip: "", port: 5) == nil)
    }

    @Test func compactFormsComeBack() throws {
        let ipv4 = try #require(PeerAddress(parsing: "192.0.2.1:6881"))
        #expect(ipv4.compact == [192, 0, 2, 1, 0x1A, 0xE1])
        #expect(PeerAddress(compact: ipv4.compact) == ipv4)
        let ipv6 = try #require(PeerAddress(parsing: "[2001:db8::ff]:6881"))
        #expect(ipv6.compact == [0x20, 1, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [0xFF, 0x1A, 0xE1])
        #expect(PeerAddress(compact: ipv6.compact) == ipv6)
        #expect(PeerAddress(compact: [1, 2, 3]) == nil)
        #expect(PeerAddress.decodeCompactList(ipv4.compact + ipv4.compact, ipv6: false) == [ipv4, ipv4])
        #expect(PeerAddress.decodeCompactList([1, 2, 3, 4, 5], ipv6: false) == nil)
    }

    @Test func mappedAddressIsTheIPv4Address() throws {
        let mapped = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF, 192, 0, 2, 1]
        let address = try #require(PeerAddress(ipBytes: mapped, port: 1))
        #expect(address == PeerAddress(ipv4: 0xC000_0201, port: 1))
        #expect(!address.isIPv6)
        #expect(address.ipBytes == [192, 0, 2, 1])
    }

    @Test func kindsOfAddresses() throws {
        func address(_ text: String) throws -> PeerAddress { try #require(PeerAddress(ip: text, port: 1)) }
        for text in ["fe80::1", "febf::1", "169.254.1.1"] { #expect(try address(text).isLinkLocal) }
        for text in ["fec0::1", "::1", "169.253.1.1"] { #expect(try !address(text).isLinkLocal) }
        for text in ["127.0.0.1", "127.9.9.9", "::1"] { #expect(try address(text).isLoopback) }
        for text in ["128.0.0.1", "::2", "1::1"] { #expect(try !address(text).isLoopback) }
        for text in ["10.1.1.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "fd00::1"] {
            #expect(try address(text).isPrivate, "\(text)")
        }
        for text in ["11.1.1.1", "172.32.0.1", "192.169.1.1", "100.128.0.1", "fe00::1"] {
            #expect(try !address(text).isPrivate, "\(text)")
        }
        for text in ["0.0.0.0", "::", "239.1.1.1", "ff02::1", "255.255.255.255", "0.1.2.3"] {
            #expect(try !address(text).isUsablePeer, "\(text)")
        }
        for text in ["::1", "8.8.8.8", "fe80::1"] { #expect(try address(text).isUsablePeer) }
        #expect(try !address("8.8.8.8").withPort(0).isUsablePeer)
    }

    @Test func portsAndZonesCanBeReplaced() throws {
        let address = try #require(PeerAddress(parsing: "[fe80::1%eth0]:1"))
        #expect(address.withPort(9).description == "[fe80::1%eth0]:9")
        #expect(address.withZone("3").description == "[fe80::1%3]:1")
        #expect(address.withZone(nil).description == "[fe80::1]:1")
        #expect(PeerAddress(ipv4: 0x0102_0304, port: 1).withPort(2).description == "1.2.3.4:2")
        #expect(PeerAddress(ipv4: 0x0102_0304, port: 1).withZone("eth0").zone == nil)
    }

    @Test func randomAddressesComeBackFromText() throws {
        var generator = TestRandom(seed: 40)
        for _ in 0..<2000 {
            let bytes = (0..<16).map { _ in
                Bool.random(using: &generator) ? 0 : UInt8.random(in: .min ... .max, using: &generator)
            }
            let port = UInt16.random(in: .min ... .max, using: &generator)
            let address = try #require(PeerAddress(ipBytes: bytes, port: port))
            #expect(PeerAddress(parsing: address.description) == address)
            #expect(PeerAddress(compact: address.compact) == address)
        }
    }
}
