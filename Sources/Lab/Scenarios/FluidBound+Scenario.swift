extension FluidBound {
    /// The least time in seconds in which the scenario's links let every receiver have everything; infinite when they
    /// cannot all have it, because the only server leaves before it has sent enough.
    ///
    /// A host that leaves after so many copies counts with its uplink until then at most. Receivers that begin later
    /// count as if they all began at once, each from its own start: later ones only find more who serve.
    ///
    /// - Parameter payloadRate: payload bytes a second on a link of so many bits a second.
    public static func of(
        _ scenario: LabScenario, by model: DeliveryModel, payloadRate: (_ bitsPerSecond: Int64) -> Double
    ) -> Double {
        let receivers = scenario.hosts.filter { $0.role == .receiver }
        guard let source = scenario.hosts.first, !receivers.isEmpty else { return 0 }
        let slowest = receivers.map { payloadRate($0.link.down) }.min() ?? 0
        let size = scenario.size
        switch model {
        case .clientServer:
            if case .afterCopies(let copies) = source.departure, copies < Double(receivers.count) { return .infinity }
            return clientServer(
                size: size, receivers: receivers.count, sourceUp: payloadRate(source.link.up), slowestDown: slowest)
        case .peerToPeer:
            let servers = scenario.hosts.filter { $0.role != .receiver }
            let bound = peerToPeer(
                size: size, receivers: receivers.count,
                sourceUp: servers.reduce(0) { $0 + payloadRate($1.link.up) }, slowestDown: slowest,
                receiversUp: receivers.reduce(0) { $0 + payloadRate($1.link.up) })
            return max(bound, withoutThoseWhoLeave(scenario.hosts, size, receivers.count, payloadRate))
        }
    }

    /// What hosts that leave do not send, the others have to, however fast those were.
    private static func withoutThoseWhoLeave(
        _ hosts: [HostPlan], _ size: Int64, _ receivers: Int, _ payloadRate: (Int64) -> Double
    ) -> Double {
        var (missing, rate) = (Double(receivers), 0.0)
        for host in hosts {
            if case .afterCopies(let copies) = host.departure {
                missing -= copies
            } else {
                rate += payloadRate(host.link.up)
            }
        }
        guard missing > 0 else { return 0 }
        return rate > 0 ? missing * Double(size) / rate : .infinity
    }
}
