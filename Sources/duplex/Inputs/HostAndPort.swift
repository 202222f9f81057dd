import Host
import PeerWire

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// HOST:PORT as the user writes it, where HOST is a name, an IPv4 address or an IPv6 address in brackets, with the
/// zone if it is link-local: `localhost:27272`, `192.168.1.4:27272`, `[fe80::1%eth0]:27272`.
struct HostAndPort: Sendable, Equatable, CustomStringConvertible {
    let host: String
    let port: UInt16

    /// nil unless it has a host and a port from 1 to 65535.
    init?(parsing text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0,
            text[text.index(after: colon)...].allSatisfy(\.isNumber)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { return nil }
        } else if host.contains(":") {
            return nil
        }
        let isClean = host.unicodeScalars.allSatisfy {
            $0.isASCII && $0.value > 0x20 && $0.value != 0x7F && $0 != "[" && $0 != "]" && $0 != "/"
        }
        guard !host.isEmpty, host.utf8.count <= 255, isClean else { return nil }
        self.host = String(host)
        self.port = port
    }

    var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// For a host that looks up its settings' names by itself.
    static let lookUp: HostService.NameLookup = { text in
        guard let place = HostAndPort(parsing: text) else { return .failure(.init("it is not HOST:PORT")) }
        return await NameLookup.run(host: place.host, port: place.port).mapError { .init($0.reason) }
    }

    /// Every address that the name stands for, in the order that the system prefers. May wait for a name server.
    func resolve() async throws(CommandFailure) -> [PeerAddress] {
        if let address = PeerAddress(parsing: description) { return [address] }
        switch await NameLookup.run(host: host, port: port) {
        case .success(let addresses): return addresses
        case .failure(let error):
            throw CommandFailure(
                "cannot find the host \(VisibleText.escaped(host))", why: error.reason,
                remedy: "give its address instead, such as 192.168.1.4:\(port)")
        }
    }
}
