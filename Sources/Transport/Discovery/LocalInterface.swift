import DiscoveryEngine
import PeerWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A network interface of this computer that can do multicast.
struct LocalInterface: Hashable {
    let index: Int
    let name: String
    var addresses: [InterfaceAddress] = []
    let isLoopback: Bool

    /// Those for which there is an address to send from.
    var families: Set<AddressFamily> {
        let all = Set(addresses.map { $0.address.isIPv6 ? AddressFamily.ipv6 : .ipv4 })
        // Loopback has no link-local IPv6 address, and so no multicast that all systems know.
        return isLoopback ? all.intersection([.ipv4]) : all
    }

    func has(_ link: LinkID) -> Bool {
        link.interface == index && families.contains(link.family)
    }

    /// Interfaces that are up, run, can do multicast and lead to more than one computer; loopback if there is no other,
    /// so that hosts on a computer without a network still find each other.
    static func usable(only names: Set<String>?) -> [LocalInterface] {
        let all = all().filter { names?.contains($0.name) ?? true }
        let outside = all.filter { !$0.isLoopback }
        return (outside.isEmpty ? all : Array(outside.prefix(maximumCount))).sorted { $0.index < $1.index }
    }

    // MARK: What the system says

    private static let maximumCount = 32
    private static let maximumAddresses = 16

    private static func all() -> [LocalInterface] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return [] }
        defer { freeifaddrs(first) }
        let unusable = unusableIPv6()
        var found: [String: LocalInterface] = [:]
        var next = first
        while let entry = next?.pointee {
            next = entry.ifa_next
            let flags = InterfaceFlags(rawValue: UInt32(entry.ifa_flags))
            guard flags.contains([.up, .running]), !flags.contains(.pointToPoint),
                flags.contains(.multicast) || flags.contains(.loopback), let socket = entry.ifa_addr,
                let address = address(socket), let mask = entry.ifa_netmask
            else { continue }
            let name = String(cString: entry.ifa_name)
            guard let index = NetworkInterface.index(of: name),
                !unusable.contains(Unusable(interface: name, bytes: address.ipBytes))
            else { continue }
            var interface =
                found[name]
                ?? LocalInterface(index: Int(index), name: name, isLoopback: flags.contains(.loopback))
            guard interface.addresses.count < maximumAddresses else { continue }
            let length = Self.address(mask, family: socket.pointee.sa_family).map { bits($0) } ?? 0
            interface.addresses.append(InterfaceAddress(address: address, prefixLength: length))
            found[name] = interface
        }
        return Array(found.values).map { interface in
            var sorted = interface
            sorted.addresses.sort { $0.address.ipText < $1.address.ipText }
            return sorted
        }
    }

    /// Nil unless it is IP.
    private static func address(_ socket: UnsafeMutablePointer<sockaddr>, family: sa_family_t? = nil) -> PeerAddress? {
        let raw = UnsafeRawPointer(socket)
        // Address bytes stand at the same places on all systems.
        switch CInt(family ?? socket.pointee.sa_family) {
        case AF_INET: return PeerAddress(ipBytes: UnsafeRawBufferPointer(start: raw + 4, count: 4), port: 0)
        case AF_INET6: return PeerAddress(ipBytes: UnsafeRawBufferPointer(start: raw + 8, count: 16), port: 0)
        default: return nil
        }
    }

    /// The leading ones of a mask.
    private static func bits(_ mask: PeerAddress) -> Int {
        mask.ipBytes.reduce(0) { $0 + $1.nonzeroBitCount }
    }

    private struct Unusable: Hashable {
        let interface: String
        let bytes: [UInt8]
    }

    /// IPv6 addresses that the system is still testing, or that another computer has, or that it will soon give up.
    private static func unusableIPv6() -> Set<Unusable> {
        #if os(Linux)
            guard let file = fopen("/proc/net/if_inet6", "r") else { return [] }
            defer { fclose(file) }
            var unusable: Set<Unusable> = []
            var line = [CChar](repeating: 0, count: 256)
            while fgets(&line, CInt(line.count), file) != nil {
                // Address, number of the interface, prefix length, scope, flags, name.
                let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                let fields = text.split { $0 == " " || $0 == "\n" }
                guard fields.count == 6, let flags = UInt32(fields[4], radix: 16), flags & 0x68 != 0 else { continue }
                let digits = Array(fields[0].utf8)
                let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
                    UInt8(String(decoding: digits[$0...($0 + 1)], as: UTF8.self), radix: 16)
                }
                unusable.insert(Unusable(interface: String(fields[5]), bytes: bytes))
            }
            return unusable
        #else
            return []
        #endif
    }
}

extension NetworkInterface {
    /// Whether an address is in a network that this computer is on: no router is in between.
    public static func isOnLink(_ address: PeerAddress) -> Bool {
        LocalInterface.usable(only: nil).contains { interface in
            interface.addresses.contains { $0.prefixLength > 0 && $0.isNeighbour(address) }
        }
    }
}

/// The flags of `<net/if.h>`, which Swift does not get in the same form on all systems.
private struct InterfaceFlags: OptionSet {
    let rawValue: UInt32

    static let up = InterfaceFlags(rawValue: 0x1)
    static let loopback = InterfaceFlags(rawValue: 0x8)
    static let pointToPoint = InterfaceFlags(rawValue: 0x10)
    static let running = InterfaceFlags(rawValue: 0x40)
    #if os(Linux)
        static let multicast = InterfaceFlags(rawValue: 0x1000)
    #else
        static let multicast = InterfaceFlags(rawValue: 0x8000)
    #endif
}
