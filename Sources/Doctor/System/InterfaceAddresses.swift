#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the system says of one interface.
struct InterfaceAddresses: Sendable, Equatable {
    var index: UInt32
    /// IFF_UP and so on.
    var flags: UInt32
    /// Each with the length of its network.
    var addresses: [IPPrefix]

    /// All interfaces by name.
    static func read() throws(LookFailure) -> [String: InterfaceAddresses] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else {
            throw LookFailure("the list of network interfaces cannot be read: \(SystemError.text(errno))")
        }
        defer { freeifaddrs(list) }
        var found: [String: InterfaceAddresses] = [:]
        var next = list
        while let entry = next?.pointee {
            next = entry.ifa_next
            let name = String(cString: entry.ifa_name)
            var interface =
                found[name]
                ?? InterfaceAddresses(
                    index: if_nametoindex(entry.ifa_name), flags: UInt32(entry.ifa_flags), addresses: [])
            if let bytes = bytes(entry.ifa_addr) {
                let mask = maskBytes(entry.ifa_netmask, count: bytes.count)
                let length = mask.map { IPPrefix.length(ofMask: $0) } ?? bytes.count * 8
                interface.addresses.append(IPPrefix(bytes: bytes, length: length))
            }
            found[name] = interface
        }
        return found
    }

    /// The address in a `sockaddr`; nil if it is neither IPv4 nor IPv6.
    static func bytes(_ pointer: UnsafeMutablePointer<sockaddr>?) -> [UInt8]? {
        guard let pointer else { return nil }
        let raw = UnsafeRawPointer(pointer)
        // The address stands at the same place of a `sockaddr` on all systems.
        switch Int32(pointer.pointee.sa_family) {
        case AF_INET: return [UInt8](UnsafeRawBufferPointer(start: raw + 4, count: 4))
        case AF_INET6: return [UInt8](UnsafeRawBufferPointer(start: raw + 8, count: 16))
        default: return nil
        }
    }

    /// Masks may lack a family on macOS, so the address says how long they are.
    private static func maskBytes(_ pointer: UnsafeMutablePointer<sockaddr>?, count: Int) -> [UInt8]? {
        guard let pointer else { return nil }
        return [UInt8](UnsafeRawBufferPointer(start: UnsafeRawPointer(pointer) + (count == 4 ? 4 : 8), count: count))
    }
}
