/// What a rule asks of a packet.
indirect enum FilterCondition: Sendable, Equatable {
    case family(FilterFamily)
    case transport(ClosedRange<UInt8>)
    case sourcePort(ClosedRange<UInt16>)
    case destinationPort(ClosedRange<UInt16>)
    /// The interface where it comes in; may end in `*`.
    case interface(String)
    case source(IPPrefix)
    case destination(IPPrefix)
    /// The connection's state: `new`, `established` and so on.
    case state(String)
    /// `unicast`, `multicast`, `broadcast` or `local`.
    case destinationType(String)
    case not(FilterCondition)
    /// At least one; each is a list of which all must hold.
    case either([[FilterCondition]])
    /// What cannot be known beforehand, such as how many packets come in a second.
    case unknown(String)

    enum Truth: Sendable, Equatable {
        case yes, no, maybe

        init(_ value: Bool) {
            self = value ? .yes : .no
        }

        var negated: Truth {
            switch self {
            case .yes: .no
            case .no: .yes
            case .maybe: .maybe
            }
        }
    }

    func holds(for packet: FilterPacket) -> Truth {
        switch self {
        case .family(let family): Truth((family == .ipv6) == packet.source.isIPv6)
        case .transport(let range): Truth(range.contains(packet.transport.rawValue))
        case .sourcePort(let range): Self.port(range, packet.sourcePort)
        case .destinationPort(let range): Truth(range.contains(packet.destinationPort))
        case .interface(let pattern): Truth(Self.matches(packet.interface, pattern))
        case .source(let network): Self.network(network, packet.source)
        case .destination(let network): Self.network(network, packet.destination)
        // The first packet of a connection is of none.
        case .state(let state): Truth(state == "new")
        case .destinationType(let type): Truth(packet.isMulticast ? type == "multicast" : Self.isOwn(type))
        case .not(let condition): condition.holds(for: packet).negated
        case .either(let choices): Self.any(choices, packet)
        case .unknown: .maybe
        }
    }

    static func all(_ conditions: [FilterCondition], _ packet: FilterPacket) -> Truth {
        var result = Truth.yes
        for condition in conditions {
            switch condition.holds(for: packet) {
            case .no: return .no
            case .maybe: result = .maybe
            case .yes: break
            }
        }
        return result
    }

    private static func any(_ choices: [[FilterCondition]], _ packet: FilterPacket) -> Truth {
        var result = Truth.no
        for choice in choices {
            switch all(choice, packet) {
            case .yes: return .yes
            case .maybe: result = .maybe
            case .no: break
            }
        }
        return result
    }

    private static func port(_ range: ClosedRange<UInt16>, _ port: UInt16?) -> Truth {
        guard let port else { return range == 0...UInt16.max ? .yes : .maybe }
        return Truth(range.contains(port))
    }

    private static func network(_ asked: IPPrefix, _ given: IPPrefix) -> Truth {
        if asked.contains(given) { return .yes }
        return asked.overlaps(given) ? .maybe : .no
    }

    /// iptables says LOCAL, nftables' packet type says host: this computer's own addresses.
    private static func isOwn(_ type: String) -> Bool { ["local", "host"].contains(type) }

    private static func matches(_ name: String, _ pattern: String) -> Bool {
        pattern.hasSuffix("*") ? name.hasPrefix(pattern.dropLast()) : name == pattern
    }
}
