import Dispatch
import PeerWire

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Names to addresses, by the system's resolver (hosts file, DNS, mDNS, as it is set up).
enum NameLookup {
    struct Failure: Error, Equatable {
        let reason: String
    }

    private static let queue = DispatchQueue(label: "duplex.name-lookup", attributes: .concurrent)

    /// Every address of the name, in the order that the system prefers.
    static func run(host: String, port: UInt16) async -> Result<[PeerAddress], Failure> {
        // Waiting in getaddrinfo would block a thread that all tasks share.
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: addresses(host: host, port: port)) }
        }
    }

    private static func addresses(host: String, port: UInt16) -> Result<[PeerAddress], Failure> {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        #if canImport(Darwin)
            hints.ai_socktype = SOCK_STREAM
        #else
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #endif
        hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        guard status == 0 else { return .failure(Failure(reason: SystemText.lookup(status))) }
        defer { freeaddrinfo(list) }

        var addresses: [PeerAddress] = []
        var next = list
        while let info = next {
            if let address = address(of: info.pointee), !addresses.contains(address) { addresses.append(address) }
            next = info.pointee.ai_next
        }
        return addresses.isEmpty ? .failure(Failure(reason: "it has no IP address")) : .success(addresses)
    }

    private static func address(of info: addrinfo) -> PeerAddress? {
        // getnameinfo writes the zone of a link-local address with it.
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var service = [CChar](repeating: 0, count: Int(NI_MAXSERV))
        let status = getnameinfo(
            info.ai_addr, info.ai_addrlen, &host, socklen_t(host.count), &service, socklen_t(service.count),
            NI_NUMERICHOST | NI_NUMERICSERV)
        guard status == 0, let name = text(host), let port = text(service) else { return nil }
        return PeerAddress(parsing: info.ai_family == AF_INET6 ? "[\(name)]:\(port)" : "\(name):\(port)")
    }

    private static func text(_ characters: [CChar]) -> String? {
        let bytes = characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(validating: bytes, as: UTF8.self)
    }
}
