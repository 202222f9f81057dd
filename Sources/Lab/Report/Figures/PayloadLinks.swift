/// What the links of a comparison carry, in payload bytes a second: those of the scenario, or all alike.
struct PayloadLinks {
    let sourceUp: Double
    let dedicatedUp: Double
    /// All receivers together.
    let receiversUp: Double
    let slowestDown: Double
    let size: Int64
    let receivers: Int

    init(_ report: LabReport, _ comparison: Comparison) {
        let settings = report.settings
        size = comparison.clientServer.size
        receivers = comparison.receivers
        guard let hosts = report.scenario?.hosts, let source = hosts.first, settings.rate > 0 else {
            sourceUp = settings.payloadRate
            dedicatedUp = 0
            receiversUp = settings.payloadRate * Double(receivers)
            slowestDown = settings.payloadRate
            return
        }
        let payload = settings.payloadRate / Double(settings.rate)
        func up(_ role: HostRecord.Role) -> Double {
            hosts.reduce(0) { $1.role == role ? $0 + Double($1.link.up) * payload : $0 }
        }
        sourceUp = Double(source.link.up) * payload
        dedicatedUp = up(.dedicated)
        receiversUp = up(.receiver)
        slowestDown = (hosts.filter { $0.role == .receiver }.map { Double($0.link.down) }.min() ?? 0) * payload
    }

    /// Seconds in which the source's uplink carries one copy.
    var oneCopy: Double { Double(size) / sourceUp }

    /// Seconds; see ``FluidBound``.
    var clientServer: Double {
        FluidBound.clientServer(size: size, receivers: receivers, sourceUp: sourceUp, slowestDown: slowestDown)
    }

    /// Seconds, if receivers gave this part of what their uplinks carry.
    func peerToPeer(receiversGiving part: Double) -> Double {
        FluidBound.peerToPeer(
            size: size, receivers: receivers, sourceUp: sourceUp + dedicatedUp, slowestDown: slowestDown,
            receiversUp: receiversUp * part)
    }
}
