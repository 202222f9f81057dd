import Testing

@testable import Lab

@Suite struct NetworkPlanTests {
    private let names = RunNames(token: "abc")

    @Test func oneReceiverOnASwitch() {
        let plan = NetworkPlan(.equal(receivers: 1, size: 1 << 20, rate: 50_000_000), names: names)
        #expect(
            plan.calls.map(\.text) == [
                "ip netns add duplex-lab-abc-switch",
                "ip -n duplex-lab-abc-switch link add name br0 type bridge forward_delay 0 stp_state 0 mcast_snooping 0",
                "ip -n duplex-lab-abc-switch link set br0 up",
                "ip netns add duplex-lab-abc-0",
                "ip -n duplex-lab-abc-0 link add name eth0 type veth peer name port0 netns duplex-lab-abc-switch",
                "tc -n duplex-lab-abc-0 qdisc add dev eth0 root handle 1: tbf rate 50000000bit burst 16384 limit 328884",
                "tc -n duplex-lab-abc-switch qdisc add dev port0 root handle 1: tbf rate 50000000bit burst 16384 "
                    + "limit 328884",
                "ip -n duplex-lab-abc-switch link set port0 master br0 up",
                "ip -n duplex-lab-abc-0 link set lo up",
                "ip -n duplex-lab-abc-0 addr add 10.77.0.1/16 dev eth0",
                "ip -n duplex-lab-abc-0 link set eth0 up",
                "ip netns add duplex-lab-abc-1",
                "ip -n duplex-lab-abc-1 link add name eth0 type veth peer name port1 netns duplex-lab-abc-switch",
                "tc -n duplex-lab-abc-1 qdisc add dev eth0 root handle 1: tbf rate 50000000bit burst 16384 limit 328884",
                "tc -n duplex-lab-abc-switch qdisc add dev port1 root handle 1: tbf rate 50000000bit burst 16384 "
                    + "limit 328884",
                "ip -n duplex-lab-abc-switch link set port1 master br0 up",
                "ip -n duplex-lab-abc-1 link set lo up",
                "ip -n duplex-lab-abc-1 addr add 10.77.0.2/16 dev eth0",
                "ip -n duplex-lab-abc-1 link set eth0 up",
            ])
        #expect(plan.namespaces == ["duplex-lab-abc-switch", "duplex-lab-abc-0", "duplex-lab-abc-1"])
    }

    /// Whatever it does outside its own namespaces is to make them.
    @Test(arguments: ReadyScenario.all.map(\.scenario).filter { $0.hosts.count < 100 })
    func touchesItsOwnAlone(scenario: LabScenario) {
        let plan = NetworkPlan(scenario, names: names)
        var made: Set<String> = []
        for call in plan.calls {
            if let name = call.makes {
                #expect(call.arguments == ["netns", "add", name])
                made.insert(name)
            } else {
                #expect(call.arguments.first == "-n")
                #expect(made.contains(call.arguments[1]))
            }
        }
        #expect(made.allSatisfy { $0.hasPrefix("duplex-lab-abc-") })
    }

    @Test func aCableHasNoSwitch() {
        var scenario = LabScenario.equal(receivers: 1, size: 1, rate: 1_000_000)
        scenario.wiring = .cable
        scenario.hosts[1].link.down = 500_000
        let plan = NetworkPlan(scenario, names: names)
        #expect(plan.namespaces == ["duplex-lab-abc-0", "duplex-lab-abc-1"])
        let rates = plan.calls.filter { $0.tool == .tc }.map { $0.arguments[11] }
        #expect(rates == ["500000bit", "1000000bit"])
    }

    @Test func delayAndLossOnlyWhereAskedFor() {
        var scenario = LabScenario.equal(receivers: 1, size: 1, rate: 1_000_000)
        scenario.hosts[1].link.delay = 0.0125
        scenario.hosts[1].link.loss = 0.01
        let calls = NetworkPlan(scenario, names: names).calls.map(\.text).filter { $0.contains("netem") }
        #expect(
            calls == [
                "tc -n duplex-lab-abc-1 qdisc add dev eth0 parent 1:1 handle 10: netem limit 10000 delay 12500us loss 1.0%",
                "tc -n duplex-lab-abc-switch qdisc add dev port1 parent 1:1 handle 10: netem limit 10000 delay 12500us "
                    + "loss 1.0%",
            ])
    }

    @Test func interfaceNamesFitAndAddressesDiffer() {
        let scenario = LabScenario.equal(receivers: 300, size: 1, rate: 1_000_000)
        let plan = NetworkPlan(scenario, names: names)
        let addresses = plan.calls.filter { $0.arguments.contains("addr") }.map { $0.arguments[4] }
        #expect(addresses.count == 301)
        #expect(Set(addresses).count == 301)
        #expect(addresses[0] == "10.77.0.1/16")
        #expect(addresses[255] == "10.77.1.0/16")
        #expect(plan.calls.flatMap(\.arguments).filter { $0.hasPrefix("port") }.allSatisfy { $0.count <= 15 })
    }

    @Test(arguments: [100_000, 800_000, 50_000_000, 1_000_000_000, 10_000_000_000] as [Int64])
    func bucketsHoldFramesAndNotMuchMore(rate: Int64) {
        let bucket = TokenBucket(rate: rate)
        #expect(bucket.burst >= 2 * 1514)
        #expect(bucket.burst <= max(16384, rate / 8 / 1000))
        #expect(bucket.limit > bucket.burst)
    }

    @Test func everyRunHasItsOwnNames() {
        #expect(RunNames.random() != RunNames.random())
        #expect(RunNames.random().token.count == 10)
    }
}
