import Testing

@testable import Lab

@Suite struct RunRecorderTests {
    private let addresses = ["10.77.0.1", "10.77.0.2", "10.77.0.3"]

    private func recorder() -> RunRecorder {
        RunRecorder(.equal(receivers: 2, size: 1000, rate: 1_000_000), by: .peerToPeer, addresses: addresses)
    }

    private func partner(_ address: String, down: Int64 = 0, up: Int64 = 0) -> ChildEvent.Partner {
        .init(address: address, downloaded: down, uploaded: up)
    }

    @Test func whoServedWhomAndWhen() {
        var recorder = recorder()
        recorder.note(.progress(done: 1000, partners: [partner("10.77.0.2:27272", up: 700)]), from: 0, at: 0.5)
        recorder.note(
            .progress(
                done: 512,
                partners: [
                    partner("10.77.0.1:27272", down: 800), partner("10.77.0.3:40000", up: 100),
                    partner("10.77.0.3:40001", up: 150), partner("192.168.1.1:1", down: 5),
                ]), from: 1, at: 0.6)
        recorder.note(.done, from: 1, at: 0.75)
        recorder.note(.done, from: 1, at: 0.9)
        #expect(recorder.unfinished == [2])
        #expect(recorder.lastArrival == 0.75)
        #expect(recorder.sent(by: 1) == 250)
        let progress = recorder.progress(at: 1)
        #expect(progress.bytes == 1000)
        #expect(progress.totalBytes == 2000)
        #expect(progress.finishedReceivers == 1)

        recorder.note(.done, from: 2, at: 1.25)
        let run = recorder.run(bound: 1, programs: ["duplex", "duplex", "libtorrent 2.0.8"])
        #expect(run.duration == 1.25)
        // Either side's word: the larger one.
        #expect(run.hosts[0].servedTo == [1: 800])
        #expect(run.hosts[1].servedTo == [2: 250])
        #expect(run.hosts[1].samples.last == TrafficSample(time: 0.6, received: 800, sent: 250))
        #expect(run.hosts[0].finished == 0)
        #expect(run.hosts[2].program == "libtorrent 2.0.8")
        #expect(run.sourceCopies == 0.8)
    }

    @Test func silenceIsNoArrival() {
        var recorder = recorder()
        recorder.note(.progress(done: 5, partners: [partner("10.77.0.1:1", down: 5)]), from: 1, at: 1)
        recorder.note(.progress(done: 5, partners: [partner("10.77.0.1:1", down: 5)]), from: 1, at: 2)
        #expect(recorder.lastArrival == 1)
        #expect(recorder.lastReport[1] == 2)
        #expect(recorder.run(bound: 1, programs: ["", "", ""]).duration == nil)
    }
}

@Suite struct ChildEventTests {
    private func event(_ text: String) -> ChildEvent? { ChildEvent(line: Array(text.utf8)) }

    @Test func readsWhatTheProgramPrints() {
        #expect(event(#"{"event":"sharing","name":"x","listen":["10.77.0.1:27272"]}"#) == .sharing)
        #expect(event(#"{"event":"done","path":"x","bytes":1,"seconds":0.1}"#) == .done)
        #expect(event(#"{"event":"error","message":"no"}"#) == .error("no"))
        let line =
            #"{"event":"progress","done":7,"total":9,"down":1,"up":2,"peers":1,"partners":"#
            + #"[{"address":"10.77.0.3:5","downloaded":3,"uploaded":4}]}"#
        #expect(
            event(line) == .progress(done: 7, partners: [.init(address: "10.77.0.3:5", downloaded: 3, uploaded: 4)]))
        #expect(event(#"{"event":"progress"}"#) == .progress(done: 0, partners: []))
    }

    @Test(arguments: ["", "{", "[]", "5", #"{"event":"created"}"#, #"{"event":5}"#, "Serving it to others now"])
    func leavesOutTheRest(text: String) {
        #expect(event(text) == nil)
    }
}

@Suite struct HostCommandsTests {
    private func commands(_ model: DeliveryModel) -> HostCommands {
        var scenario = LabScenario.equal(receivers: 2, size: 1000, rate: 1_000_000)
        scenario.hosts[2].program = .libtorrent
        scenario.hosts.append(
            HostPlan(name: "dedicated", role: .dedicated, link: LinkPlan(up: 1_000_000, down: 1_000_000)))
        return HostCommands(scenario: scenario, model: model, folder: "/w", duplex: "/d", python: "/p")
    }

    @Test func clientServerKnowsTheServerAlone() {
        let commands = commands(.clientServer)
        #expect(commands.create.contains("--private"))
        #expect(
            commands.command(of: 1).arguments == [
                "get", "/w/file.torrent", "--to", "/w/host-1", "--seed", "--listen", "10.77.0.2:27272", "--state",
                "/w/state-1", "--json", "--peer", "10.77.0.1:27272",
            ])
        #expect(commands.command(of: 2).path == "/p")
        #expect(commands.command(of: 2).arguments.suffix(3) == ["/w/host-2", "10.77.0.3:27272", "10.77.0.1:27272"])
        #expect(commands.takesPart(0))
        #expect(!commands.takesPart(3))
    }

    @Test func aSwarmKnowsAll() {
        let commands = commands(.peerToPeer)
        #expect(!commands.create.contains("--private"))
        #expect(
            commands.command(of: 1).arguments.suffix(6) == [
                "--peer", "10.77.0.1:27272", "--peer", "10.77.0.3:27272", "--peer", "10.77.0.4:27272",
            ])
        #expect(commands.command(of: 3).arguments.prefix(2) == ["share", "/w/file"])
        #expect(commands.takesPart(3))
    }
}

@Suite struct MountTableTests {
    @Test func tellsMemoryFromDisk() {
        let table = MountTable(
            parsing: """
                22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
                30 22 0:26 / /run rw,nosuid shared:5 master:2 - tmpfs tmpfs rw,size=100k
                31 22 0:27 / /odd
                """)
        #expect(table.isInMemory(device: "0:26"))
        #expect(!table.isInMemory(device: "254:0"))
        #expect(!table.isInMemory(device: "0:27"))
        #expect(!table.isInMemory(device: "9:9"))
    }
}
