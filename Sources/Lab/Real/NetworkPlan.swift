/// The commands that build a scenario's network, in order. Computed without touching anything.
///
/// The bridge has a namespace of its own, and links are made between namespaces directly: nothing of this is ever seen
/// among the computer's own interfaces, and its firewall and bridges have no part in it. Removing the namespaces removes
/// everything.
struct NetworkPlan: Sendable, Equatable {
    struct Call: Sendable, Equatable {
        enum Tool: String, Sendable { case ip, tc }

        var tool: Tool
        var arguments: [String]
        /// The network namespace that the call makes.
        var makes: String?
    }

    private(set) var calls: [Call] = []

    init(_ scenario: LabScenario, names: RunNames) {
        switch scenario.wiring {
        case .switch:
            addNamespace(names.switchNamespace)
            ip(names.switchNamespace, "link add name br0 type bridge forward_delay 0 stp_state 0 mcast_snooping 0")
            ip(names.switchNamespace, "link set br0 up")
            for (index, host) in scenario.hosts.enumerated() {
                let (inside, port) = (names.namespace(of: index), "port\(index)")
                addNamespace(inside)
                ip(inside, "link add name eth0 type veth peer name \(port) netns \(names.switchNamespace)")
                shape(inside, "eth0", rate: host.link.up, host.link)
                shape(names.switchNamespace, port, rate: host.link.down, host.link)
                ip(names.switchNamespace, "link set \(port) master br0 up")
                bringUp(inside, address: RunNames.address(of: index))
            }
        case .cable:
            let hosts = Array(scenario.hosts.prefix(2))
            guard hosts.count == 2 else { return }
            let namespaces = hosts.indices.map(names.namespace(of:))
            for name in namespaces { addNamespace(name) }
            ip(namespaces[0], "link add name eth0 type veth peer name eth0 netns \(namespaces[1])")
            for (index, other) in [(0, 1), (1, 0)] {
                let link = hosts[index].link
                shape(namespaces[index], "eth0", rate: min(link.up, hosts[other].link.down), link)
                bringUp(namespaces[index], address: RunNames.address(of: index))
            }
        }
    }

    var namespaces: [String] { calls.compactMap(\.makes) }

    // MARK: Single calls

    private mutating func addNamespace(_ name: String) {
        calls.append(Call(tool: .ip, arguments: ["netns", "add", name], makes: name))
    }

    private mutating func ip(_ namespace: String, _ text: String) {
        calls.append(Call(tool: .ip, arguments: ["-n", namespace] + text.split(separator: " ").map(String.init)))
    }

    private mutating func bringUp(_ namespace: String, address: String) {
        ip(namespace, "link set lo up")
        ip(namespace, "addr add \(address)/\(RunNames.prefixLength) dev eth0")
        ip(namespace, "link set eth0 up")
    }

    /// What leaves by this interface gets this rate, and the link's delay and loss if it has any.
    private mutating func shape(_ namespace: String, _ interface: String, rate: Int64, _ link: LinkPlan) {
        let bucket = TokenBucket(rate: rate)
        tc(
            namespace,
            "qdisc add dev \(interface) root handle 1: tbf rate \(rate)bit burst \(bucket.burst) limit \(bucket.limit)")
        guard link.delay > 0 || link.loss > 0 else { return }
        let microseconds = Int64((link.delay * 1_000_000).rounded())
        tc(
            namespace,
            "qdisc add dev \(interface) parent 1:1 handle 10: netem limit 10000 delay \(microseconds)us "
                + "loss \(link.loss * 100)%")
    }

    private mutating func tc(_ namespace: String, _ text: String) {
        calls.append(Call(tool: .tc, arguments: ["-n", namespace] + text.split(separator: " ").map(String.init)))
    }
}

extension NetworkPlan.Call {
    /// As one would type it.
    var text: String { ([tool.rawValue] + arguments).joined(separator: " ") }
}

/// The token bucket filter (tc-tbf) of one direction of a link.
///
/// It counts whole Ethernet frames, so that TCP's payload is 1448 of 1514 bytes of the rate.
struct TokenBucket: Sendable, Equatable {
    /// Bytes that may go at once. Small, so that short transfers are held to the rate as well; never below two frames,
    /// which the filter would let starve, and half a millisecond's worth for rates at which timers are coarse.
    let burst: Int64
    /// Bytes that may wait: 50 ms, as in a switch of the shop, but at least a small window of TCP.
    let limit: Int64

    /// - Parameter rate: bits a second.
    init(rate: Int64) {
        let bytes = rate / 8
        burst = max(3072, min(16384, bytes / 50), bytes / 2000)
        limit = burst + max(32768, bytes / 20)
    }

    static let payloadPart = 1448.0 / 1514.0
}
