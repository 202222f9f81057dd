/// Where IPv6 is switched off: two computers and a cable find each other by it without any settings.
struct IPv6Check: HealthCheck {
    let id = "ipv6"
    let subject = "IPv6"
    let system: SystemAccess

    func findings() throws -> [Finding] {
        let links = try NetworkLink.all(system).filter { $0.isUp && $0.kind != .loopback && $0.kind != .tunnel }
        let isThere = FileReading.exists(system.proc + "/sys/net/ipv6")
        let off = links.map(\.name).filter { system.number(system.proc + "/sys/net/ipv6/conf/\($0)/disable_ipv6") == 1 }
        return Self.judge(isThere: isThere, links: links.map(\.name), off: off)
    }

    static func judge(isThere: Bool, links: [String], off: [String]) -> [Finding] {
        let meaning =
            "With it, two computers with a cable between them find each other without any settings. Without it "
            + "both need IPv4 addresses."
        guard isThere else {
            return [
                Finding(
                    id: "ipv6.disabled", severity: .note, title: "IPv6 is switched off", explanation: meaning,
                    remedy: "start the system without ipv6.disable=1")
            ]
        }
        if links.isEmpty { return [] }
        guard !off.isEmpty else { return [Finding(id: "ipv6.disabled", severity: .ok, title: "IPv6 is on")] }
        return off.map { name in
            Finding(
                id: "ipv6.disabled", severity: .note, title: "IPv6 is switched off at \(name)", explanation: meaning,
                remedy:
                    "sudo sysctl net.ipv6.conf.\(name.contains(".") ? name.replacing(".", with: "/") : name).disable_ipv6=0",
                evidence: ["net.ipv6.conf.\(name).disable_ipv6 is 1"])
        }
    }
}
