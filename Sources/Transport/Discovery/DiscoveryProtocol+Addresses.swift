import DiscoveryEngine
import DiscoveryWire
import NIOCore
import PeerWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension DiscoveryProtocol {
    var port: UInt16 { self == .multicastDNS ? 5353 : LocalSearch.port }

    /// The group that everybody who speaks it has joined.
    func group(_ family: AddressFamily) -> PeerAddress {
        switch (self, family) {
        case (.multicastDNS, .ipv4): PeerAddress(ipv4: 0xE000_00FB, port: port)
        case (.multicastDNS, .ipv6): PeerAddress(ipv6High: 0xFF02 << 48, low: 0xFB, port: port)
        case (.localSearch, .ipv4): PeerAddress(ipv4: 0xEFC0_988F, port: port)
        case (.localSearch, .ipv6): PeerAddress(ipv6High: 0xFF15 << 48, low: 0xEFC0_988F, port: port)
        }
    }

    /// 255 says that a datagram came from no further than this link (RFC 6762 §11); the other as libtorrent does.
    var hops: CInt { self == .multicastDNS ? 255 : 32 }

    var title: String { self == .multicastDNS ? "Multicast DNS" : "Local search for peers (BEP 14)" }
}

extension SocketAddress {
    /// - Parameter scope: the number of the interface, which counts for link-local IPv6 addresses and groups.
    init(_ address: PeerAddress, scope: Int) {
        let raw = RawSocketAddress(address, scope: scope)
        self =
            raw.bytes.withUnsafeBytes { bytes in
                address.isIPv6
                    ? SocketAddress(bytes.loadUnaligned(as: sockaddr_in6.self), host: "")
                    : SocketAddress(bytes.loadUnaligned(as: sockaddr_in.self), host: "")
            }
    }
}

/// The bytes of a `sockaddr_in` or `sockaddr_in6`, which are at the same places on all systems.
struct RawSocketAddress {
    let bytes: [UInt8]

    init(_ address: PeerAddress, scope: Int) {
        let port = [UInt8(address.port >> 8), UInt8(truncatingIfNeeded: address.port)]
        if address.isIPv6 {
            let hasScope = address.isLinkLocal || address.isMulticast
            bytes =
                Self.head(AF_INET6, length: 28) + port + [0, 0, 0, 0] + address.ipBytes
                + Self.native(UInt32(truncatingIfNeeded: hasScope ? scope : 0))
        } else {
            bytes = Self.head(AF_INET, length: 16) + port + address.ipBytes + [UInt8](repeating: 0, count: 8)
        }
    }

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Whether the socket could be bound to it; `errno` says why not.
    func bind(_ descriptor: CInt) -> Bool {
        bytes.withUnsafeBytes { raw in
            guard let pointer = raw.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
            #if canImport(Glibc)
                return Glibc.bind(descriptor, pointer, socklen_t(raw.count)) == 0
            #else
                return Darwin.bind(descriptor, pointer, socklen_t(raw.count)) == 0
            #endif
        }
    }

    /// The family, and the length where there is one.
    static func head(_ family: CInt, length: UInt8) -> [UInt8] {
        #if canImport(Darwin)
            [length, UInt8(truncatingIfNeeded: family)]
        #else
            withUnsafeBytes(of: sa_family_t(truncatingIfNeeded: family)) { Array($0) }
        #endif
    }

    /// A number in the order of this computer.
    static func native(_ number: UInt32) -> [UInt8] {
        withUnsafeBytes(of: number) { Array($0) }
    }
}
