/// The rules by which the system lets packets in, whichever program wrote them.
struct PacketFilter: Sendable, Equatable {
    enum Verdict: Sendable, Equatable {
        case accept
        case drop
    }

    enum Action: Sendable, Equatable {
        case verdict(Verdict)
        case jump(String)
        case goto(String)
        /// Back to the chain from which this one was called.
        case leave
        /// Only counts, logs or marks.
        case proceed
    }

    struct Rule: Sendable, Equatable {
        /// All must hold.
        var conditions: [FilterCondition]
        var action: Action
        /// As people read it.
        var text: String
    }

    /// A place where the kernel asks: each of them must let a packet through.
    struct EntryPoint: Sendable, Equatable {
        var chain: String
        var policy: Verdict
        var families: Set<FilterFamily>
        /// The kernel asks here only for packets of some interface, and which one is not known.
        var isPartial = false
    }

    /// `ip filter` for iptables, `inet filter` and so on: chains of different tables do not see each other.
    struct Table: Sendable, Equatable {
        enum Origin: Sendable, Equatable {
            case nftables, iptables, iptablesLegacy
        }

        var name: String
        var origin: Origin
        var chains: [String: [Rule]] = [:]
        var entryPoints: [EntryPoint] = []
    }

    var tables: [Table] = []
}

enum FilterFamily: Sendable, Hashable, CaseIterable {
    case ipv4, ipv6
}
