import DiscoveryEngine
import DiscoveryWire
import NIOCore
import PeerWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A UDP socket at the port of a protocol that shares it with other programs, has joined the protocol's group on one
/// interface, and sends to groups there.
enum MulticastSocket {
    /// - Parameter source: the IPv4 address to send to the group from; nil leaves the choice to the system, which has none
    ///   to offer on loopback.
    /// - Returns: the descriptor, which the caller owns.
    static func open(
        _ proto: DiscoveryProtocol, family: AddressFamily, interface: Int, source: PeerAddress? = nil
    ) throws(IOError) -> CInt {
        #if canImport(Glibc)
            let kind = CInt(SOCK_DGRAM.rawValue)
        #else
            let kind = SOCK_DGRAM
        #endif
        let descriptor = socket(family == .ipv4 ? AF_INET : AF_INET6, kind, 0)
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
        do throws(IOError) {
            guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else { throw IOError(errnoCode: errno, reason: "fcntl") }
            try set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
            try set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1)
            switch family {
            case .ipv4: try prepareIPv4(descriptor, proto, interface, source)
            case .ipv6: try prepareIPv6(descriptor, proto, interface)
            }
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func prepareIPv4(
        _ descriptor: CInt, _ proto: DiscoveryProtocol, _ interface: Int, _ source: PeerAddress?
    ) throws(IOError) {
        let level = CInt(IPPROTO_IP)
        #if os(Linux)
            // Only what was sent to groups that this very socket has joined.
            try set(descriptor, level, IP_MULTICAST_ALL, 0)
        #endif
        try bind(descriptor, PeerAddress(ipv4: 0, port: proto.port))
        // The bytes of an `ip_mreqn`: group, address, number of the interface.
        let index = RawSocketAddress.native(UInt32(truncatingIfNeeded: interface))
        let request = proto.group(.ipv4).ipBytes + (source?.ipBytes ?? [0, 0, 0, 0]) + index
        try set(descriptor, level, IP_MULTICAST_IF, request)
        try set(descriptor, level, IP_ADD_MEMBERSHIP, request)
        try set(descriptor, level, IP_MULTICAST_TTL, proto.hops)
        try set(descriptor, level, IP_TTL, proto.hops)
        try set(descriptor, level, IP_MULTICAST_LOOP, 1)
    }

    private static func prepareIPv6(_ descriptor: CInt, _ proto: DiscoveryProtocol, _ interface: Int) throws(IOError) {
        let level = CInt(IPPROTO_IPV6)
        try set(descriptor, level, IPV6_V6ONLY, 1)
        #if os(Linux)
            // IPV6_MULTICAST_ALL, since Linux 4.20; the receiver makes up for older ones.
            try? set(descriptor, level, 29, 0)
        #endif
        try bind(descriptor, PeerAddress(ipv6High: 0, low: 0, port: proto.port))
        let index = RawSocketAddress.native(UInt32(truncatingIfNeeded: interface))
        try set(descriptor, level, IPV6_MULTICAST_IF, index)
        // The bytes of an `ipv6_mreq`: group, number of the interface.
        try set(descriptor, level, IPV6_JOIN_GROUP, proto.group(.ipv6).ipBytes + index)
        try set(descriptor, level, IPV6_MULTICAST_HOPS, proto.hops)
        try set(descriptor, level, IPV6_UNICAST_HOPS, proto.hops)
        try set(descriptor, level, IPV6_MULTICAST_LOOP, 1)
    }

    private static func set(_ descriptor: CInt, _ level: CInt, _ name: CInt, _ value: CInt) throws(IOError) {
        try set(descriptor, level, name, RawSocketAddress.native(UInt32(bitPattern: value)))
    }

    private static func set(_ descriptor: CInt, _ level: CInt, _ name: CInt, _ bytes: [UInt8]) throws(IOError) {
        guard setsockopt(descriptor, level, name, bytes, socklen_t(bytes.count)) == 0 else {
            throw IOError(errnoCode: errno, reason: "setsockopt")
        }
    }

    private static func bind(_ descriptor: CInt, _ address: PeerAddress) throws(IOError) {
        guard RawSocketAddress(address, scope: 0).bind(descriptor) else {
            throw IOError(errnoCode: errno, reason: "bind")
        }
    }
}

extension IOError {
    /// What people can do something with.
    var reasonText: String {
        switch errnoCode {
        case EADDRINUSE: "another program has the port to itself"
        case EACCES, EPERM: "that is not permitted"
        case ENETUNREACH, EHOSTUNREACH, ENODEV, EADDRNOTAVAIL: "the network cannot do multicast"
        default: "\(self)"
        }
    }
}
