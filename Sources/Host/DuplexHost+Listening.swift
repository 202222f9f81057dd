import NIOCore
import PeerWire
import Transport

extension DuplexHost {
    static func listen(_ preference: ListenPreference, core: NIOLoopBound<HostCore>) async throws -> any Channel {
        switch preference {
        case .address("::", let port):
            // Where there is no IPv6, all interfaces are those with IPv4.
            do {
                return try await bind("::", port, core)
            } catch let error as ListenError where !error.isInUse {
                return try await bind("0.0.0.0", port, core)
            }
        case .address(let host, let port):
            return try await bind(host, port, core)
        case .automatic:
            // Both families where there is IPv6, and a free port where the usual one is taken.
            var lastError: (any Error)?
            for port in [ListenPreference.usualPort, 0] {
                for host in ["::", "0.0.0.0"] {
                    do {
                        return try await bind(host, port, core)
                    } catch {
                        lastError = error
                    }
                }
            }
            throw lastError ?? TransferError("cannot listen, no address could be used")
        }
    }

    private static func bind(
        _ host: String, _ port: UInt16, _ core: NIOLoopBound<HostCore>
    ) async throws -> any Channel {
        let delegate = try await core.eventLoop.submit {
            (
                NIOLoopBound<any PeerLinkDelegate>(core.value, eventLoop: core.eventLoop), core.value.transport,
                core.value.web.map { NIOLoopBound($0, eventLoop: core.eventLoop) }
            )
        }.get()
        return try await delegate.1.listen(host: host, port: port, delegate: delegate.0, web: delegate.2)
    }

    /// The addresses to tell others: the one that was bound, or all of this computer's if it was "any".
    static func reachableAddresses(of address: SocketAddress?) -> [PeerAddress] {
        guard let local = address.flatMap({ PeerAddress($0) }) else { return [] }
        guard local.isUnspecified else { return [local] }
        let all = NetworkInterface.reachableAddresses(port: local.port)
        // A socket on "any IPv6 address" takes IPv4 too.
        return local.isIPv6 ? all : all.filter { !$0.isIPv6 }
    }

    /// A link-local address out of a link names an interface of the computer that made the link. One of ours can have
    /// the same name and lead elsewhere, so the others are tried as well.
    static func withEveryZone(_ address: PeerAddress) -> [PeerAddress] {
        let usual = withZones(address)
        guard address.isIPv6, address.isLinkLocal else { return usual }
        let all = NetworkInterface.linkLocalZones().map { address.withZone($0) }
        return usual + all.filter { !usual.contains($0) }
    }

    /// A link-local address needs the interface to go out by. One from another computer names its own, or none: then
    /// each of ours is tried.
    static func withZones(_ address: PeerAddress) -> [PeerAddress] {
        guard address.isIPv6, address.isLinkLocal else { return [address] }
        if let zone = address.zone, NetworkInterface.index(of: zone) != nil { return [address] }
        return NetworkInterface.linkLocalZones().map { address.withZone($0) }
    }
}
