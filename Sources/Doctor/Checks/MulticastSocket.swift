#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A UDP socket for mDNS's groups.
struct MulticastSocket {
    struct Packet {
        var source: [UInt8]
        var sourcePort: UInt16
        /// The number of the interface where it came in.
        var interface: UInt32
    }

    let descriptor: Int32
    let isIPv6: Bool
    /// The link that it sends by; nil for one that listens.
    let link: Int?
    private(set) var localPort: UInt16 = 0

    /// Shares the port with the programs that listen there already.
    static func open(isIPv6: Bool, port: UInt16, link: Int? = nil) throws(LookFailure) -> MulticastSocket {
        #if canImport(Glibc)
            let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        #else
            let kind = SOCK_DGRAM
        #endif
        let descriptor = socket(isIPv6 ? AF_INET6 : AF_INET, kind, 0)
        guard descriptor >= 0 else { throw LookFailure("no socket can be made: \(SystemError.text(errno))") }
        #if !canImport(Glibc)
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        #endif
        var socket = MulticastSocket(descriptor: descriptor, isIPv6: isIPv6, link: link)
        socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
        socket.set(SOL_SOCKET, SO_REUSEPORT, 1)
        if isIPv6 { socket.set(ipv6Level, IPV6_V6ONLY, 1) }
        socket.set(isIPv6 ? ipv6Level : ipv4Level, isIPv6 ? IPV6_RECVPKTINFO : IP_PKTINFO, 1)
        let address = socketAddress(isIPv6: isIPv6, host: nil, port: port, interface: 0)
        let bound = address.withUnsafeBytes { raw in
            raw.baseAddress.map {
                bind(descriptor, $0.assumingMemoryBound(to: sockaddr.self), socklen_t(raw.count))
            } ?? -1
        }
        guard bound == 0 else {
            let code = errno
            close(descriptor)
            throw LookFailure("UDP port \(port) cannot be used: \(SystemError.text(code))")
        }
        socket.localPort = socket.boundPort()
        return socket
    }

    var groupText: String { isIPv6 ? "ff02::fb" : "224.0.0.251" }

    /// False if the system refuses.
    func join(_ interface: UInt32) -> Bool {
        if isIPv6 {
            var request = ipv6_mreq()
            withUnsafeMutableBytes(of: &request.ipv6mr_multiaddr) { $0.copyBytes(from: Self.groupIPv6) }
            request.ipv6mr_interface = interface
            let size = socklen_t(MemoryLayout.size(ofValue: request))
            return setsockopt(descriptor, Self.ipv6Level, Self.joinIPv6, &request, size) == 0
        } else {
            var request = ip_mreqn()
            withUnsafeMutableBytes(of: &request.imr_multiaddr) { $0.copyBytes(from: Self.groupIPv4) }
            request.imr_ifindex = Int32(bitPattern: interface)
            let size = socklen_t(MemoryLayout.size(ofValue: request))
            return setsockopt(descriptor, Self.ipv4Level, IP_ADD_MEMBERSHIP, &request, size) == 0
        }
    }

    /// - Returns: 0, or the `errno` value for why it was not sent.
    func send(_ bytes: [UInt8], by interface: UInt32, port: UInt16) -> Int32 {
        if isIPv6 {
            set(Self.ipv6Level, IPV6_MULTICAST_IF, Int32(bitPattern: interface))
            set(Self.ipv6Level, IPV6_MULTICAST_HOPS, 255)
            set(Self.ipv6Level, IPV6_MULTICAST_LOOP, 1)
        } else {
            var request = ip_mreqn()
            request.imr_ifindex = Int32(bitPattern: interface)
            setsockopt(
                descriptor, Self.ipv4Level, IP_MULTICAST_IF, &request, socklen_t(MemoryLayout.size(ofValue: request)))
            set(Self.ipv4Level, IP_MULTICAST_TTL, 255)
            set(Self.ipv4Level, IP_MULTICAST_LOOP, 1)
        }
        let group = isIPv6 ? Self.groupIPv6 : Self.groupIPv4
        let address = Self.socketAddress(isIPv6: isIPv6, host: group, port: port, interface: interface)
        let sent = address.withUnsafeBytes { raw in
            raw.baseAddress.map {
                sendto(
                    descriptor, bytes, bytes.count, 0, $0.assumingMemoryBound(to: sockaddr.self), socklen_t(raw.count))
            } ?? -1
        }
        return sent == bytes.count ? 0 : errno
    }

    func receive() -> Packet? {
        var name = [UInt8](repeating: 0, count: 28)
        var payload = [UInt8](repeating: 0, count: 9000)
        var control = [UInt8](repeating: 0, count: 256)
        var interface: UInt32 = 0
        let (count, nameLength) = name.withUnsafeMutableBytes { name in
            payload.withUnsafeMutableBytes { payload in
                control.withUnsafeMutableBytes { control in
                    var part = iovec(iov_base: payload.baseAddress, iov_len: payload.count)
                    return withUnsafeMutablePointer(to: &part) { part in
                        var message = msghdr()
                        message.msg_name = name.baseAddress
                        message.msg_namelen = socklen_t(name.count)
                        message.msg_iov = part
                        message.msg_iovlen = 1
                        message.msg_control = control.baseAddress
                        message.msg_controllen = .init(control.count)
                        let count = recvmsg(descriptor, &message, 0)
                        let filled = UnsafeRawBufferPointer(control).prefix(Int(message.msg_controllen))
                        interface = Self.interface(UnsafeRawBufferPointer(rebasing: filled), isIPv6: isIPv6)
                        return (count, Int(message.msg_namelen))
                    }
                }
            }
        }
        guard count >= 0, nameLength >= (isIPv6 ? 24 : 8) else { return nil }
        return Packet(
            source: Array(isIPv6 ? name[8..<24] : name[4..<8]), sourcePort: UInt16(name[2]) << 8 | UInt16(name[3]),
            interface: interface)
    }

    // MARK: Bytes of the system's structures

    private static let groupIPv4: [UInt8] = [224, 0, 0, 251]
    private static let groupIPv6: [UInt8] = [0xFF, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFB]
    private static let ipv4Level = Int32(IPPROTO_IP)
    private static let ipv6Level = Int32(IPPROTO_IPV6)
    #if canImport(Glibc)
        private static let joinIPv6 = IPV6_ADD_MEMBERSHIP
    #else
        private static let joinIPv6 = IPV6_JOIN_GROUP
    #endif

    private init(descriptor: Int32, isIPv6: Bool, link: Int?) {
        self.descriptor = descriptor
        self.isIPv6 = isIPv6
        self.link = link
    }

    private func set(_ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private func boundPort() -> UInt16 {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard result == 0 else { return 0 }
        return withUnsafeBytes(of: address) { UInt16($0[2]) << 8 | UInt16($0[3]) }
    }

    private static func socketAddress(isIPv6: Bool, host: [UInt8]?, port: UInt16, interface: UInt32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: isIPv6 ? 28 : 16)
        let family = UInt8(isIPv6 ? AF_INET6 : AF_INET)
        #if canImport(Darwin)
            bytes[0] = UInt8(bytes.count)
            bytes[1] = family
        #else
            withUnsafeBytes(of: UInt16(family)) { bytes.replaceSubrange(0..<2, with: $0) }
        #endif
        bytes[2] = UInt8(port >> 8)
        bytes[3] = UInt8(port & 0xFF)
        if let host { bytes.replaceSubrange((isIPv6 ? 8 : 4)..<(isIPv6 ? 24 : 8), with: host) }
        if isIPv6 { withUnsafeBytes(of: interface) { bytes.replaceSubrange(24..<28, with: $0) } }
        return bytes
    }

    /// From the one control message that was asked for: a header, then `in_pktinfo` or `in6_pktinfo`.
    private static func interface(_ control: UnsafeRawBufferPointer, isIPv6: Bool) -> UInt32 {
        #if canImport(Darwin)
            let header = 12
        #else
            let header = MemoryLayout<cmsghdr>.size
        #endif
        let offset = header + (isIPv6 ? 16 : 0)
        guard control.count >= offset + 4 else { return 0 }
        return control.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
    }
}
