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
        func judged(
            _ sent: Int, own: Int, others: Int, failure: String? = nil, known: Int = 0, found: [String] = []
        ) -> [String] {
            let probe = MulticastFacts(interfaces: [
                .init(name: "eth0", sent: sent, heardOwn: own, otherHosts: others, sendingFailure: failure)
            ])
            let knownHosts = (0..<known).map { KnownHost(address: "192.168.1.\($0)", answers: true) }
            let host = HostFacts(
                processID: 1, multicast: MulticastFacts(interfaces: []), knownHosts: knownHosts, foundHosts: found)
            return MulticastCheck.judge(.init(probe: probe, host: host)).brief
        }
        #expect(judged(2, own: 2, others: 3) == ["multicast.heard ok"])
        #expect(judged(2, own: 1, others: 0) == ["multicast.heard note"])
        #expect(judged(2, own: 2, others: 0, known: 1) == ["multicast.heard warning"])
        // Those that were found have been heard, if not in these seconds.
        #expect(judged(2, own: 2, others: 0, known: 1, found: ["anna"]) == ["multicast.heard ok"])
        #expect(judged(2, own: 0, others: 0) == ["multicast.loopback problem"])
        #expect(judged(0, own: 0, others: 0, failure: "operation not permitted") == ["multicast.send problem"])
        let taken = MulticastFacts(interfaces: [], listeningFailure: "taken")
        #expect(MulticastCheck.judge(.init(probe: taken)).brief == ["multicast.port problem"])
    }

    @Test func multicastOfARunningHost() {
        let probe = MulticastFacts(interfaces: [.init(name: "eth0", sent: 2, heardOwn: 2)])
        func judged(_ interfaces: [MulticastFacts.Interface]?) -> [Finding] {
            let facts = interfaces.map { MulticastFacts(interfaces: $0) }
            return MulticastCheck.judge(.init(probe: probe, host: HostFacts(processID: 1, multicast: facts)))
        }
        var eth0 = MulticastFacts.Interface(
            name: "eth0", groups: ["224.0.0.251", "ff02::fb"], sent: 20, heardOwn: 20, heard: 300, otherHosts: 3,
            lastHeard: 12.7)
        let heard = judged([eth0])
        #expect(heard.brief == ["multicast.heard ok"])
        #expect(heard.first?.title == "Other computers are heard (3)")
        #expect(
            heard.first?.evidence == [
                "eth0: 2 sent; heard 2 from this computer and 0 from others",
                "eth0, since Duplex started: 20 sent; heard 20 from this computer and 300 from others, the last 12 s ago",
            ])
        (eth0.otherHosts, eth0.lastHeard) = (0, 4000)
        #expect(judged([eth0]).brief == ["multicast.heard warning"])
        eth0.lastHeard = .nan
        #expect(judged([eth0]).brief == ["multicast.heard warning"])
        // What the doctor's own question cannot know: only the host's sockets are without their group, or are shut off.
        eth0.groups = []
        #expect(judged([eth0]).brief == ["multicast.host problem"])
        let deaf = MulticastFacts.Interface(name: "eth0", groups: ["224.0.0.251"], sent: 20)
        #expect(judged([deaf]).brief == ["multicast.loopback problem"])
        let young = MulticastFacts.Interface(name: "eth0", groups: ["224.0.0.251"], sent: 2)
        #expect(judged([young]).brief == ["multicast.heard note"])
        let dumb = MulticastFacts.Interface(name: "eth0", groups: ["224.0.0.251"], sendingFailure: "no")
        #expect(judged([dumb]).brief == ["multicast.send problem"])
        #expect(judged(nil).brief == ["multicast.heard note", "multicast.off note"])
        // Once for an interface, by whomever it was met.
        let lost = MulticastFacts(interfaces: [.init(name: "eth0", sent: 2)])
        let both = MulticastCheck.judge(
            .init(probe: lost, host: HostFacts(processID: 1, multicast: MulticastFacts(interfaces: [deaf]))))
        #expect(both.brief == ["multicast.loopback problem"])
    }

    @Test func isolationIsOnlySuspected() {
        let gateway = Route(
            interface: "wlan0", destination: IPPrefix(bytes: [0, 0, 0, 0], length: 0), gateway: IPPrefix("192.168.1.1"))
        var facts = IsolationCheck.Facts(
            links: [.sample("wlan0", .wireless)], gateways: [gateway],
            neighbours: [Neighbour(address: "192.168.1.1", interface: "wlan0", answered: true)],
            multicast: MulticastFacts(
                interfaces: [.init(name: "wlan0", sent: 3, heardOwn: 3)]),
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
