extension PacketFilter {
    /// What becomes of a packet.
    enum Outcome: Sendable, Equatable {
        case open
        /// Some of them are let through, by rules whose conditions cannot be known beforehand.
        case conditional(Barrier, conditions: [String])
        case closed(Barrier)
    }

    /// What stops a packet.
    struct Barrier: Sendable, Hashable {
        var table: String
        var origin: Table.Origin
        /// Where the kernel asks; a rule at its beginning would let the packet through.
        var entry: String
        /// The rule, or the policy.
        var rule: String
    }

    func outcome(for packet: FilterPacket) -> Outcome {
        var result = Outcome.open
        for table in tables {
            for entry in table.entryPoints {
                guard entry.families.contains(packet.source.isIPv6 ? .ipv6 : .ipv4) else { continue }
                switch Walk(table: table, packet: packet).outcome(at: entry) {
                case .closed(let barrier): return .closed(barrier)
                case .conditional(let barrier, let conditions): result = .conditional(barrier, conditions: conditions)
                case .open: break
                }
            }
        }
        return result
    }
}

/// A packet's way through the chains of one table.
///
/// A rule whose conditions may hold decides nothing: if it accepts, the way goes on and it is remembered, in case the
/// packet is stopped later; if it drops (more than so many packets a second, malformed ones), an ordinary packet passes.
private struct Walk {
    typealias Rule = PacketFilter.Rule

    private enum End {
        case accepted
        case dropped(String)
        case returned
    }

    let table: PacketFilter.Table
    let packet: FilterPacket
    /// Accepting rules that may apply.
    private var conditional: [String] = []
    /// A chain that calls itself is refused by the kernel, but the text may come from elsewhere.
    private var steps = 0

    init(table: PacketFilter.Table, packet: FilterPacket) {
        self.table = table
        self.packet = packet
    }

    func outcome(at entry: PacketFilter.EntryPoint) -> PacketFilter.Outcome {
        var walk = self
        var rule: String
        switch walk.walk(entry.chain, isCertain: !entry.isPartial, depth: 0) {
        case .accepted: return .open
        case .dropped(let text): rule = text
        case .returned:
            guard entry.policy == .drop, !entry.isPartial else { return .open }
            rule = "what no rule lets in is dropped"
        }
        let barrier = PacketFilter.Barrier(table: table.name, origin: table.origin, entry: entry.chain, rule: rule)
        guard !walk.conditional.isEmpty else { return .closed(barrier) }
        return .conditional(barrier, conditions: walk.conditional)
    }

    private mutating func walk(_ name: String, isCertain: Bool, depth: Int) -> End {
        var isCertain = isCertain
        guard depth < 64 else { return .returned }
        for rule in table.chains[name] ?? [] {
            steps += 1
            guard steps < 1_000_000 else { return .returned }
            let truth = FilterCondition.all(rule.conditions, packet)
            guard truth != .no else { continue }
            let applies = isCertain && truth == .yes
            switch rule.action {
            case .proceed: continue
            case .leave:
                if applies { return .returned }
                // From here on the packet may be elsewhere.
                isCertain = false
            case .verdict(.accept):
                if applies { return .accepted }
                if !conditional.contains(rule.text) { conditional.append(rule.text) }
            case .verdict(.drop):
                if applies { return .dropped(rule.text) }
            case .jump(let chain):
                let end = walk(chain, isCertain: applies, depth: depth + 1)
                if case .returned = end { continue }
                return end
            case .goto(let chain):
                let end = walk(chain, isCertain: applies, depth: depth + 1)
                if applies { return end }
            }
        }
        return .returned
    }
}
