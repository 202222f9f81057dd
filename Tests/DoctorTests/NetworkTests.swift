import Testing

@testable import Doctor

@Suite struct NetworkTests {
    private let loopback = NetworkLink.sample("lo", .loopback, addresses: ["127.0.0.1/8"])

    @Test func cards() {
        #expect(NetworkCheck.judge([loopback, .sample("eth0")]).brief == ["network.connected ok"])
        #expect(NetworkCheck.judge([loopback]).brief == ["network.none problem"])
        #expect(NetworkCheck.judge([loopback, .sample("eth0", carrier: false)]).brief == ["network.carrier problem"])
        #expect(NetworkCheck.judge([loopback, .sample("eth0", addresses: [])]).brief == ["network.address problem"])
        #expect(
            NetworkCheck.judge([
                .sample("eth0"), .sample("eth1", carrier: false), .sample("docker0", .virtual, carrier: false),
            ])
            .brief == ["network.connected ok", "network.carrier note"])
        #expect(
            NetworkCheck.judge([.sample("eth0", canMulticast: false)]).brief
                == ["network.connected ok", "network.multicast-flag warning"])
        let off = NetworkCheck.judge([loopback, .sample("eth0", isUp: false)])
        #expect(off.first?.remedy == "sudo ip link set dev eth0 up")
    }

    @Test func kindsByWhatTheKernelSays() throws {
        let fake = FakeSystem()
        for (name, type) in [("eth0", "1"), ("wlan0", "1"), ("mullvad", "65534"), ("br0", "1"), ("lo", "772")] {
            try fake.write("sys/class/net/\(name)/type", type + "\n")
            try fake.write("sys/class/net/\(name)/flags", name == "lo" ? "0x9\n" : "0x1003\n")
            try fake.write("sys/class/net/\(name)/carrier", name == "br0" ? "0\n" : "1\n")
        }
        try fake.write("sys/class/net/wlan0/wireless/status", "")
        try fake.write("sys/class/net/bonding_masters", "")
        let links = try NetworkLink.all(fake.access())
        #expect(links.map(\.name) == ["br0", "eth0", "lo", "mullvad", "wlan0"])
        #expect(links.map(\.kind) == [.virtual, .wired, .loopback, .tunnel, .wireless])
        #expect(links.map(\.hasCarrier) == [false, true, true, true, true])
        #expect(links.map(\.canMulticast) == [true, true, false, true, true])
    }

    @Test func ipv6() {
        #expect(IPv6Check.judge(isThere: false, links: ["eth0"], off: []).brief == ["ipv6.disabled note"])
        #expect(IPv6Check.judge(isThere: true, links: ["eth0"], off: []).brief == ["ipv6.disabled ok"])
        let off = IPv6Check.judge(isThere: true, links: ["eth0.5"], off: ["eth0.5"])
        #expect(off.first?.remedy == "sudo sysctl net.ipv6.conf.eth0/5.disable_ipv6=0")
    }

    @Test func multicast() {
        func facts(_ sent: Int, own: Bool, others: Int, failure: String? = nil) -> MulticastFacts {
            MulticastFacts(
                interfaces: [
                    .init(
                        name: "eth0", sent: sent, heard: 1, hearsItself: own, otherHosts: others,
                        sendingFailure: failure)
                ], seconds: 1)
        }
        #expect(MulticastCheck.judge(facts(2, own: true, others: 3), knownHosts: 0).brief == ["multicast.heard ok"])
        #expect(MulticastCheck.judge(facts(2, own: true, others: 0), knownHosts: 0).brief == ["multicast.heard note"])
        #expect(
            MulticastCheck.judge(facts(2, own: true, others: 0), knownHosts: 1).brief == ["multicast.heard warning"])
        // Those that were found have been heard, if not in these seconds.
        #expect(
            MulticastCheck.judge(facts(2, own: true, others: 0), knownHosts: 1, foundHosts: ["anna"]).brief
                == ["multicast.heard ok"])
        #expect(
            MulticastCheck.judge(facts(2, own: false, others: 0), knownHosts: 0).brief == ["multicast.loopback problem"]
        )
        let blocked = facts(0, own: false, others: 0, failure: "operation not permitted")
        #expect(MulticastCheck.judge(blocked, knownHosts: 0).brief == ["multicast.send problem"])
        let taken = MulticastFacts(interfaces: [], seconds: 1, listeningFailure: "taken")
        #expect(MulticastCheck.judge(taken, knownHosts: 0).brief == ["multicast.port problem"])
    }

    @Test func isolationIsOnlySuspected() {
        let gateway = Route(
            interface: "wlan0", destination: IPPrefix(bytes: [0, 0, 0, 0], length: 0), gateway: IPPrefix("192.168.1.1"))
        var facts = IsolationCheck.Facts(
            links: [.sample("wlan0", .wireless)], gateways: [gateway],
            neighbours: [Neighbour(address: "192.168.1.1", interface: "wlan0", answered: true)],
            multicast: MulticastFacts(
                interfaces: [.init(name: "wlan0", sent: 3, heard: 3, hearsItself: true, otherHosts: 0)], seconds: 60),
            knownHosts: [])
        #expect(IsolationCheck.judge(facts).brief == ["isolation.suspected ok"])
        facts.knownHosts = [KnownHost(address: "192.168.1.9", answers: false)]
        facts.neighbours.append(Neighbour(address: "192.168.1.9", interface: "wlan0", answered: false))
        let suspected = IsolationCheck.judge(facts)
        #expect(suspected.brief == ["isolation.suspected warning"])
        #expect(suspected[0].title.hasPrefix("Perhaps") && suspected[0].evidence.count == 3)
        facts.neighbours[1].answered = true
        #expect(IsolationCheck.judge(facts).brief == ["isolation.suspected ok"])
    }

    @Test func neighbours() {
        let text = """
            IP address       HW type     Flags       HW address            Mask     Device
            192.168.1.1      0x1         0x2         02:fc:00:00:00:05     *        wlan0
            192.168.1.9      0x1         0x0         00:00:00:00:00:00     *        wlan0
            nonsense
            """
        #expect(Neighbour.all(text).map(\.answered) == [true, false])
    }
}
