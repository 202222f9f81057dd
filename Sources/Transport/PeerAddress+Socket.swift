import NIOCore
import PeerWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension PeerAddress {
    /// The address of a socket's other end; nil for one that is not IP. IPv4 in its IPv6 form becomes IPv4.
    public init?(_ address: SocketAddress) {
        guard let port = address.port.flatMap({ UInt16(exactly: $0) }) else { return nil }
        // Port, address and interface number stand at the same places of a `sockaddr` on all systems.
        let bytes = address.withSockAddr { pointer, size in
            [UInt8](UnsafeRawBufferPointer(start: pointer, count: size))
        }
        switch address.protocol {
        case .inet where bytes.count >= 8:
            self.init(ipBytes: bytes[4..<8], port: port)
        case .inet6 where bytes.count >= 28:
            let scope = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 24, as: UInt32.self) }
            self.init(ipBytes: bytes[8..<24], port: port, zone: scope == 0 ? nil : NetworkInterface.name(of: scope))
        default:
            return nil
        }
    }

    /// The form that sockets take. A link-local address without a zone that this computer knows has none.
    public func socketAddress() -> SocketAddress? {
        guard isIPv6, isLinkLocal else {
            return try? SocketAddress(packedIPAddress: ByteBuffer(bytes: ipBytes), port: Int(port))
        }
        guard let zone, NetworkInterface.index(of: zone) != nil else { return nil }
        // Numeric, so nothing is looked up; only the system's own parser fills in the interface.
        return try? SocketAddress.makeAddressResolvingHost(ipText, port: Int(port))
    }
}

/// The computer's network interfaces by name and number.
public enum NetworkInterface {
    /// The number of an interface given by name or number; nil if there is no such interface.
    public static func index(of zone: String) -> UInt32? {
        let index = if_nametoindex(zone)
        if index != 0 { return index }
        return UInt32(zone).flatMap { name(of: $0) == nil ? nil : $0 }
    }

    static func name(of index: UInt32) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(IF_NAMESIZE) + 1)
        guard if_indextoname(index, &buffer) != nil else { return nil }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The addresses under which others can reach this computer, routable ones first; only loopback if there are no
    /// others.
    public static func reachableAddresses(port: UInt16) -> [PeerAddress] {
        let devices = (try? System.enumerateDevices()) ?? []
        var addresses: [PeerAddress] = []
        for device in devices {
            guard let socket = device.address, let address = PeerAddress(socket) else { continue }
            let usable = address.isLinkLocal ? address.withZone(device.name) : address
            let numbered = usable.withPort(port)
            if !addresses.contains(numbered), !numbered.isMulticast, !numbered.isUnspecified {
                addresses.append(numbered)
            }
        }
        let outside = addresses.filter { !$0.isLoopback }
        let chosen = outside.isEmpty ? addresses : outside
        return chosen.filter { !$0.isLinkLocal } + chosen.filter { $0.isLinkLocal }
    }

    /// Names of the interfaces that have a link-local IPv6 address.
    public static func linkLocalZones() -> [String] {
        let devices = (try? System.enumerateDevices()) ?? []
        return devices.filter { device in
            device.address.flatMap { PeerAddress($0) }.map { $0.isIPv6 && $0.isLinkLocal } ?? false
        }.map(\.name)
    }
}
