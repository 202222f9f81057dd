/// Where packets go: the kernel's routes.
struct Route: Sendable, Equatable {
    var interface: String
    var destination: IPPrefix
    /// The computer that passes them on; nil if the destination is on the link itself.
    var gateway: IPPrefix?

    /// The whole of IPv4 or IPv6, or what VPN programs put in its place: halves, and all that is in use of IPv6.
    var isDefault: Bool {
        destination.length <= 1 || destination.isIPv6 && destination.length <= 3 && destination.bytes[0] >> 5 == 1
    }

    var text: String { "\(destination.length == 0 ? "everything else" : "\(destination)") goes by \(interface)" }
}

enum RouteTable {
    /// Reads `/proc/net/route`, whose numbers are in the order of this machine's memory.
    static func ipv4(_ text: String) -> [Route] {
        text.split(whereSeparator: \.isNewline).dropFirst().compactMap { line in
            let columns = line.split(whereSeparator: { $0 == "\t" || $0 == " " })
            guard columns.count > 7, let destination = address(columns[1]), let gateway = address(columns[2]),
                let flags = UInt32(columns[3], radix: 16), let mask = address(columns[7]), isUsed(flags)
            else { return nil }
            return Route(
                interface: String(columns[0]),
                destination: IPPrefix(bytes: destination, length: IPPrefix.length(ofMask: mask)),
                gateway: gateway == [0, 0, 0, 0] ? nil : IPPrefix(bytes: gateway, length: 32))
        }
    }

    /// Reads `/proc/net/ipv6_route`.
    static func ipv6(_ text: String) -> [Route] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let columns = line.split(separator: " ")
            guard columns.count > 9, let destination = bytes(columns[0]), let length = Int(columns[1], radix: 16),
                let gateway = bytes(columns[4]), let flags = UInt32(columns[8], radix: 16), isUsed(flags),
                columns[9] != "lo"
            else { return nil }
            return Route(
                interface: String(columns[9]), destination: IPPrefix(bytes: destination, length: length),
                gateway: gateway.allSatisfy { $0 == 0 } ? nil : IPPrefix(bytes: gateway, length: 128))
        }
    }

    /// RTF_UP and not RTF_REJECT.
    private static func isUsed(_ flags: UInt32) -> Bool { flags & 1 != 0 && flags & 0x200 == 0 }

    private static func address(_ text: Substring) -> [UInt8]? {
        guard let value = UInt32(text, radix: 16) else { return nil }
        return withUnsafeBytes(of: value) { Array($0) }
    }

    private static func bytes(_ text: Substring) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count == 32 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 32, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index...(index + 1)], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        return bytes
    }
}
