import Testing

@testable import Lab

@Suite struct ReadyScenarioTests {
    @Test func eachHasItsOwnName() {
        let names = ReadyScenario.all.map(\.scenario.name)
        #expect(Set(names).count == names.count)
        for name in names {
            #expect(ReadyScenario.named(name)?.scenario.name == name)
            #expect(name.allSatisfy { $0.isLowercase || $0 == "-" })
        }
        #expect(ReadyScenario.named("nothing") == nil)
    }

    @Test(arguments: ReadyScenario.all)
    func fitsWhereItRuns(ready: ReadyScenario) {
        let scenario = ready.scenario
        #expect(!ready.places.isEmpty)
        #expect(scenario.hosts.first?.role == .source)
        #expect(scenario.hosts.count { $0.role == .source } == 1)
        #expect(Set(scenario.hosts.map(\.name)).count == scenario.hosts.count)
        if scenario.wiring == .cable { #expect(scenario.hosts.count == 2) }
        for place in ready.places {
            let limits = LabLimits.of(place)
            #expect(limits.hosts.contains(scenario.receiverCount))
            #expect(limits.size.contains(scenario.size))
            for host in scenario.hosts {
                #expect(limits.rate.contains(host.link.up))
                #expect(limits.rate.contains(host.link.down))
            }
        }
    }

    @Test(arguments: ReadyScenario.all)
    func peerToPeerCanAlwaysFinish(ready: ReadyScenario) {
        let bounds = DeliveryModel.allCases.map { model in
            FluidBound.of(ready.scenario, by: model) { Double($0) / 8 }
        }
        #expect(bounds[1].isFinite)
        #expect(bounds[1] > 0)
        #expect(bounds[1] <= bounds[0])
    }

    @Test func halfOfTheReceiversAreLibtorrent() {
        let hosts = ReadyScenario.named("half-libtorrent")?.scenario.hosts ?? []
        #expect(hosts.count { $0.program == .libtorrent } == 4)
        #expect(hosts.first?.program == .duplex)
    }
}

@Suite struct ScenarioBoundTests {
    private func bound(_ scenario: LabScenario, _ model: DeliveryModel) -> Double {
        FluidBound.of(scenario, by: model) { Double($0) }
    }

    @Test func equalLinks() {
        let scenario = LabScenario.equal(receivers: 8, size: 100, rate: 10)
        #expect(bound(scenario, .clientServer) == 80)
        #expect(bound(scenario, .peerToPeer) == 10)
    }

    @Test func aServerThatLeavesEndsClientServerOnly() {
        var scenario = LabScenario.equal(receivers: 8, size: 100, rate: 10)
        scenario.hosts[0].departure = .afterCopies(2)
        #expect(bound(scenario, .clientServer) == .infinity)
        // Six of eight copies through eight uplinks of 10 take 7.5, one copy on one link takes 10.
        #expect(bound(scenario, .peerToPeer) == 10)
        for index in 1...8 { scenario.hosts[index].link.up = 1 }
        #expect(bound(scenario, .peerToPeer) == 75)
    }

    @Test func aDedicatedServerCountsInTheSwarmAlone() {
        var scenario = LabScenario.equal(receivers: 8, size: 100, rate: 10)
        for index in 1...8 { scenario.hosts[index].link = LinkPlan(up: 0, down: 100) }
        #expect(bound(scenario, .peerToPeer) == 80)
        scenario.hosts.append(HostPlan(name: "d", role: .dedicated, link: LinkPlan(up: 70, down: 70)))
        #expect(bound(scenario, .clientServer) == 80)
        #expect(bound(scenario, .peerToPeer) == 10)
    }
}
