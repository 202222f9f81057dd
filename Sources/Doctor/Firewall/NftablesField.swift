/// What the left side of a comparison is about.
struct NftablesField: Sendable {
    private enum Subject {
        case port(isSource: Bool)
        case address(isSource: Bool)
        case transport, interface, state, packetType, family
        case other(String)
    }

    private let subject: Subject
    /// Holds for every packet that has such a field at all.
    let precondition: [FilterCondition]

    init?(_ left: JSONText) {
        guard let (kind, value) = left.single else { return nil }
        var precondition: [FilterCondition] = []
        switch kind {
        case "payload":
            let (layer, field) = (value["protocol"]?.string ?? "", value["field"]?.string ?? "")
            precondition = Self.layers[layer] ?? []
            switch field {
            case "dport" where layer != "ip": subject = .port(isSource: false)
            case "sport": subject = .port(isSource: true)
            case "saddr" where layer.hasPrefix("ip"): subject = .address(isSource: true)
            case "daddr" where layer.hasPrefix("ip"): subject = .address(isSource: false)
            case "protocol", "nexthdr": subject = .transport
            default: subject = .other("\(layer) \(field)")
            }
        case "meta":
            switch value["key"]?.string {
            case "l4proto": subject = .transport
            case "iifname", "iif": subject = .interface
            case "pkttype": subject = .packetType
            case "nfproto", "protocol": subject = .family
            case let key: subject = .other("meta \(key ?? "")")
            }
        case "ct":
            let key = value["key"]?.string ?? ""
            subject = key == "state" ? .state : .other("ct \(key)")
        case "fib":
            let isType = value["result"]?.string == "type" && Self.flags(value["flags"]) == ["daddr"]
            subject = isType ? .packetType : .other("fib")
        default:
            subject = .other(kind)
        }
        self.precondition = precondition
    }

    func condition(_ value: JSONText) -> FilterCondition {
        switch subject {
        case .port(let isSource):
            guard let range = Self.ports(value) else { return .unknown("port") }
            return isSource ? .sourcePort(range) : .destinationPort(range)
        case .address(let isSource):
            guard let choices = Self.networks(value) else { return .unknown("address") }
            let conditions = choices.map { [isSource ? FilterCondition.source($0) : .destination($0)] }
            return conditions.count == 1 ? conditions[0][0] : .either(conditions)
        case .transport: return Self.transport(value)
        case .interface: return value.string.map(FilterCondition.interface) ?? .unknown("iif")
        case .state: return value.string.map(FilterCondition.state) ?? .unknown("ct state")
        case .packetType: return value.string.map(FilterCondition.destinationType) ?? .unknown("type")
        case .family:
            switch value.string {
            case "ipv4", "ip": return .family(.ipv4)
            case "ipv6", "ip6": return .family(.ipv6)
            case "arp", "vlan", "8021q": return .either([])
            default: return .unknown("protocol")
            }
        // Set for connections that were redirected; those that come for this computer are not.
        case .other("ct status") where value.string == "dnat" || value.string == "snat": return .either([])
        case .other(let name): return .unknown(name)
        }
    }

    func condition(ports range: ClosedRange<UInt16>) -> FilterCondition {
        guard case .port(let isSource) = subject else { return .unknown("match") }
        return isSource ? .sourcePort(range) : .destinationPort(range)
    }

    private static let layers: [String: [FilterCondition]] = [
        "tcp": [.transport(6...6)], "udp": [.transport(17...17)], "udplite": [.transport(136...136)],
        "sctp": [.transport(132...132)], "dccp": [.transport(33...33)], "icmp": [.transport(1...1)],
        "icmpv6": [.transport(58...58)], "igmp": [.transport(2...2)], "ip": [.family(.ipv4)],
        "ip6": [.family(.ipv6)],
    ]

    private static func flags(_ value: JSONText?) -> [String] {
        value?.array?.compactMap(\.string) ?? [value?.string].compactMap(\.self)
    }

    private static func ports(_ value: JSONText) -> ClosedRange<UInt16>? {
        if let bounds = value["range"]?.array, bounds.count == 2, let low = port(bounds[0]), let high = port(bounds[1]),
            low <= high
        {
            return low...high
        }
        return port(value).map { $0...$0 }
    }

    private static func port(_ value: JSONText) -> UInt16? {
        value.integer.flatMap { UInt16(exactly: $0) } ?? value.string.flatMap { portNames[$0] ?? UInt16($0) }
    }

    /// nft prints numbers unless it is told otherwise.
    private static let portNames: [String: UInt16] = ["ssh": 22, "http": 80, "https": 443, "mdns": 5353]

    private static func transport(_ value: JSONText) -> FilterCondition {
        if let number = value.integer.flatMap({ UInt8(exactly: $0) }) { return .transport(number...number) }
        switch value.string {
        case "tcp": return .transport(6...6)
        case "udp": return .transport(17...17)
        // Anything else is neither, and nothing more need be known.
        case .some: return .either([])
        case nil: return .unknown("protocol")
        }
    }

    private static func networks(_ value: JSONText) -> [IPPrefix]? {
        if let prefix = value["prefix"], let address = prefix["addr"]?.string, let length = prefix["len"]?.integer {
            return IPPrefix("\(address)/\(length)").map { [$0] }
        }
        if let bounds = value["range"]?.array, bounds.count == 2, let low = bounds[0].string.flatMap({ IPPrefix($0) }),
            let high = bounds[1].string.flatMap({ IPPrefix($0) })
        {
            return IPPrefix.covering(low, high)
        }
        return value.string.flatMap { IPPrefix($0) }.map { [$0] }
    }
}
