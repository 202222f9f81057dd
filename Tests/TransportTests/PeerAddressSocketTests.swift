import NIOCore
import PeerWire
import Testing
import Transport

@Suite("Peer addresses and socket addresses")
struct PeerAddressSocketTests {
    @Test(
        "Addresses come back from the form that sockets take",
        arguments: [
            "192.0.2.7:6881", "127.0.0.1:1", "169.254.3.4:80", "[2001:db8::7]:51413", "[::1]:65535", "[fd00::2]:27272",
        ])
    func roundTrip(_ text: String) throws {
        let address = try #require(PeerAddress(parsing: text))
        let socket = try #require(address.socketAddress())
        #expect(PeerAddress(socket) == address)
        #expect(socket.port == Int(address.port))
    }

    @Test("IPv4 seen on an IPv6 socket is IPv4")
    func mapped() throws {
        let socket = try SocketAddress(ipAddress: "::ffff:192.0.2.7", port: 6881)
        #expect(PeerAddress(socket) == PeerAddress(parsing: "192.0.2.7:6881"))
    }

    @Test("A socket that is not IP has no peer address")
    func unixSocket() throws {
        #expect(PeerAddress(try SocketAddress(unixDomainSocketPath: "/tmp/none")) == nil)
    }

    @Test(
        "A link-local address needs a zone of this computer",
        arguments: [
            "[fe80::1]:6881", "[fe80::1%none-such]:6881", "[fe80::1%4294967295]:6881",
            "[fe80::1%99999999999999999999]:1",
        ])
    func unknownZone(_ text: String) throws {
        let address = try #require(PeerAddress(parsing: text))
        #expect(address.socketAddress() == nil)
    }

    @Test("A zone is kept both ways, by name and by number")
    func zone() throws {
        let loopback = ["lo", "lo0"].first { NetworkInterface.index(of: $0) != nil }
        let name = try #require(loopback)
        let number = try #require(NetworkInterface.index(of: name))
        let expected = PeerAddress(parsing: "[fe80::12%\(name)]:6881")
        for zone in [name, "\(number)"] {
            let address = try #require(PeerAddress(parsing: "[fe80::12%\(zone)]:6881"))
            let socket = try #require(address.socketAddress())
            #expect(PeerAddress(socket) == expected)
        }
    }

    @Test("Interfaces that are not there have no number", arguments: ["", "none-such", "0", "-1", "4294967296"])
    func noInterface(_ zone: String) {
        #expect(NetworkInterface.index(of: zone) == nil)
    }

    @Test("The addresses told to others can be reached: no duplicates, none without an owner, zones where needed")
    func reachable() {
        let addresses = NetworkInterface.reachableAddresses(port: 4242)
        #expect(!addresses.isEmpty)
        #expect(Set(addresses).count == addresses.count)
        for address in addresses {
            #expect(address.port == 4242)
            #expect(!address.isUnspecified && !address.isMulticast)
            if address.isIPv6, address.isLinkLocal { #expect(address.socketAddress() != nil) }
        }
        if addresses.contains(where: { !$0.isLoopback }) { #expect(!addresses.contains { $0.isLoopback }) }
    }
}
