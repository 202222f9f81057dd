extension LabScenario {
    /// A source and so many receivers, all with the same link: what `duplex lab compare` runs.
    ///
    /// - Parameters:
    ///   - size: bytes.
    ///   - rate: bits a second of each link, each way.
    public static func equal(receivers: Int, size: Int64, rate: Int64) -> LabScenario {
        let link = LinkPlan(up: rate, down: rate)
        return LabScenario(
            name: "compare", title: "Equal links",
            explanation: "One source and \(receivers) \(receivers == 1 ? "receiver" : "receivers"), each on a link of "
                + "\(LinkRate.text(rate)) each way to one switch.",
            size: size, hosts: hosts(source: link, receivers: Array(repeating: link, count: receivers)))
    }

    /// The source, then the receivers, by their links.
    static func hosts(source: LinkPlan, receivers: [LinkPlan]) -> [HostPlan] {
        [HostPlan(name: "source", role: .source, link: source)]
            + receivers.enumerated().map { HostPlan(name: "host-\($0 + 1)", role: .receiver, link: $1) }
    }
}
