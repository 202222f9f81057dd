import Doctor
import Testing

@testable import Host

/// What a running host tells the doctor.
@Suite struct DoctorFactsTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    @Test(.timeLimit(.minutes(1))) func ofARunningHost() async throws {
        let service = try await scratch.service("alpha")
        #expect(await service.doctorFacts().watching?.folders == 0)
        try scratch.write("shared/deep/er/file", count: 3)
        _ = try await service.shares.add(try ShareOrder(path: scratch.path + "/shared").request())
        // Three folders, and those that lead to them.
        let facts = try await eventually { () -> DoctorFacts? in
            let facts = await service.doctorFacts()
            return (facts.watching?.folders ?? 0) >= 4 ? facts : nil
        }
        #expect(facts.watching?.rescannedShares == 0 && facts.watching?.limit == nil)
        let descriptors = try #require(facts.descriptors)
        #expect(descriptors.open > 3 && descriptors.open <= descriptors.softLimit)
        // It does not look for others.
        #expect(facts.multicast == nil)
        #expect(try JSON.decode(DoctorFacts.self, from: JSON.encode(facts)) == facts)
        await service.stop()
    }

    @Test func becomeTheDoctorsInput() {
        var facts = DoctorFacts(
            processID: 1, port: 27272, portIsFixed: false, clocks: [], knownHosts: [], foundHosts: [])
        func input() -> DoctorInput { DoctorInput(facts, statePath: "/a", downloadPath: "/b") }
        #expect(input().hostFacts == HostFacts(processID: 1))
        facts.multicast = [
            .init(
                interface: "eth0", groups: ["224.0.0.251"], sent: 1, heardOwn: 2, heard: 3, recentHosts: 4,
                lastHeard: 5,
                failure: "no")
        ]
        facts.watching = .init(folders: 6, rescannedShares: 7, limit: "max_user_watches")
        facts.descriptors = .init(open: 8, softLimit: 9, hardLimit: 10)
        let multicast = MulticastFacts(interfaces: [
            .init(
                name: "eth0", groups: ["224.0.0.251"], sent: 1, heardOwn: 2, heard: 3, otherHosts: 4, lastHeard: 5,
                sendingFailure: "no")
        ])
        #expect(
            input().hostFacts
                == HostFacts(
                    processID: 1, multicast: multicast,
                    watching: WatchFacts(folders: 6, rescannedShares: 7, limit: "max_user_watches"),
                    descriptors: DescriptorFacts(open: 8, softLimit: 9, hardLimit: 10)))
    }
}
