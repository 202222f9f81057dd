import Metainfo
import PeerWire
import Storage
import Testing
import Transport

@testable import Host

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Whole flows between two hosts that know each other's address.
@Suite("Two hosts", .timeLimit(.minutes(1)))
struct ServiceFlowTests {
    @Test("Share, list, fetch by name; stop and start again with everything still there")
    func byName() async throws {
        let scratch = try Scratch()
        try scratch.write("Set/a", count: 100_000, seed: 1)
        try scratch.write("Set/sub/b", count: 30_000, seed: 2)
        let port = Scratch.ownPort()
        var anna = try await scratch.service("anna", port: port)
        var bert = try await scratch.service("bert", hosts: [anna.address])
        try await knowEachOther(anna, bert)
        _ = try await anna.shares.add(request(scratch, "Set", .public))
        try await anna.share("Set") { $0.state == .offered }

        let hosts = try await control(bert, [HostModel].self, "/hosts")
        #expect(hosts.map(\.name) == ["anna"] && hosts[0].addresses == [anna.address.description])
        let shares = try await control(bert, [EntryModel].self, "/hosts/anna/entries")
        #expect(shares.map(\.name) == ["Set"] && shares.map(\.kind) == [.share] || shares.map(\.kind) == [.folder])
        let entries = try await control(bert, [EntryModel].self, "/hosts/ANNA/entries?share=Set&path=sub")
        #expect(entries.map(\.name) == ["b"] && entries.map(\.bytes) == [30_000])
        let none = await #expect(throws: FetchError.self) {
            try await bert.entries(of: "anna", share: "Set", path: "../Set")
        }
        #expect(none?.kind == .notFound)

        let order = try order(scratch, "anna", "Set", to: "to")
        let added = try await bert.fetches.add(order)
        #expect(added.host == "anna" && added.share == "Set" && added.kind == .fetch)
        let done = try await bert.transfer(added.id) { $0.phase == .complete && $0.version == 1 }
        #expect(done.done == 130_000 && done.downloaded >= 130_000)
        #expect(scratch.read("to/Set/sub/b") == scratch.read("Set/sub/b"))
        #expect(scratch.read("to/Set/a") == scratch.read("Set/a"))
        // The same again is the same transfer.
        #expect(try await bert.fetches.add(order).id == added.id)
        #expect(await bert.status().roles.contains(.client) == false)
        #expect(await anna.status().asServer.bytes >= 130_000)
        #expect(await anna.status().transfers.map(\.id) == ["share:Set"])

        await bert.stop()
        await anna.stop()
        anna = try await scratch.service("anna", port: port)
        bert = try await scratch.service("bert", hosts: [anna.address])
        try await anna.share("Set") { $0.state == .offered && $0.version == 1 }
        let again = try await bert.transfer(added.id) { $0.phase == .complete }
        #expect(again.downloaded == 0 && again.version == 1 && again.host == "anna")
        #expect(try await bert.fetches.reach("anna").1 == anna.address)
        // The fetched files are served to others, as link and by themselves.
        try await bert.fetches.remove(added.id)
        #expect(await bert.fetches.list([:]).isEmpty)
        #expect(scratch.list("state-bert/fetches").isEmpty && scratch.list("state-bert/fetches-torrents").isEmpty)
        #expect(scratch.read("to/Set/a") == scratch.read("Set/a"))
        await bert.stop()
        await anna.stop()
    }

    @Test("A share is followed through its versions, over restarts, and what its user changed is kept")
    func followed() async throws {
        let scratch = try Scratch()
        try scratch.write("Set/a", count: 60_000, seed: 1)
        try scratch.write("Set/b", count: 60_000, seed: 2)
        try scratch.write("Set/same", count: 200_000, seed: 3)
        try scratch.write("Set/gone", count: 5, seed: 7)
        let anna = try await sharing(scratch, "Set", as: "anna")
        var bert = try await scratch.service("bert", hosts: [anna.address])
        var order = try order(scratch, "anna", "Set", to: "to")
        order.follow = true
        let id = try await bert.fetches.add(order).id
        try await bert.transfer(id) { $0.version == 1 && $0.phase == .complete }
        #expect(scratch.list("to") == ["Set"])

        // Both change the same file, and the owner another one.
        try scratch.write("to/Set/a", count: 10, seed: 9)
        let mine = scratch.read("to/Set/a")
        try scratch.write("Set/a", count: 61_000, seed: 4)
        try scratch.write("Set/new", count: 20_000, seed: 5)
        scratch.remove("Set/gone")
        let events = await bert.hub.listen()
        await anna.shares.hash("Set")
        try await anna.share("Set") { $0.version == 2 }
        await bert.hear(of: anna)
        var kept: [KeptFile] = []
        for await event in events {
            guard case .transferDone(let done) = event, done.version == 2 else { continue }
            kept = done.kept
            #expect(done.id == id && done.path == scratch.path + "/to/Set")
            #expect(done.downloaded < 200_000)
            #expect(done.removed == ["gone"] && done.removedCount == 1)
            break
        }
        try await bert.transfer(id) { $0.version == 2 && $0.phase == .complete }
        #expect(kept.map(\.path) == [scratch.path + "/to/Set/a"])
        let keptAs = try #require(kept.first?.keptAs.split(separator: "/").last.map(String.init))
        #expect(scratch.read("to/Set/\(keptAs)") == mine)
        try expectSame(scratch, ["a", "b", "new", "same"])

        // The third version comes while nobody listens.
        await bert.stop()
        scratch.remove("Set/b")
        try scratch.write("Set/a", count: 62_000, seed: 6)
        await anna.shares.hash("Set")
        try await anna.share("Set") { $0.version == 3 }
        bert = try await scratch.service("bert", hosts: [anna.address])
        try await bert.transfer(id) { $0.version == 3 && $0.phase == .complete }
        try expectSame(scratch, ["a", "new", "same"])
        #expect(scratch.read("to/Set/b") == nil)
        #expect(scratch.read("to/Set/\(keptAs)") == mine)
        #expect(scratch.list("to") == ["Set"])
        await bert.stop()

        // With nobody there to ask it is all here.
        await anna.stop()
        bert = try await scratch.service("bert")
        let last = try await bert.transfer(id) { $0.version == 3 && $0.phase == .complete }
        #expect(last.follow && last.downloaded == 0)
        await bert.stop()
    }

    @Test("What was sent and fetched of a share is that of all its versions")
    func sums() async throws {
        let scratch = try Scratch()
        try scratch.write("Set/1", count: 60_000, seed: 1)
        let anna = try await sharing(scratch, "Set", as: "anna")
        let bert = try await scratch.service("bert", hosts: [anna.address])
        var order = try order(scratch, "anna", "Set", to: "to")
        order.follow = true
        let events = await bert.hub.listen()
        let id = try await bert.fetches.add(order).id
        var sum: Int64 = 0
        for await event in events {
            guard case .transferDone(let done) = event else { continue }
            sum += done.downloaded
            let version = done.version
            let (all, address) = (sum, bert.address.description)
            try await bert.transfer(id) { $0.version == version && $0.downloaded == all }
            let share = try await eventually { await anna.transfers().first { $0.uploaded == all } }
            #expect(share.id == "share:Set")
            #expect(share.partners.map(\.uploaded) == [all] && share.partners.map(\.address) == [address])
            guard version < 4 else { break }
            try scratch.write("Set/\(version + 1)", count: 60_000, seed: UInt64(version + 1))
            await anna.shares.hash("Set")
            try await anna.share("Set") { $0.version == version + 1 && $0.state == .offered }
            await bert.hear(of: anna)
        }
        #expect(sum >= 4 * 60_000)
        await bert.stop()
        await anna.stop()
    }

    @Test(
        "What a version has no more and what was kept is told also when a kill has cut its switch short",
        arguments: [false, true])
    func cutShort(_ wasRecorded: Bool) async throws {
        let scratch = try Scratch()
        try scratch.write("Set/a", count: 60_000, seed: 1)
        try scratch.write("Set/gone", count: 5, seed: 7)
        try scratch.write("Set/mine", count: 5, seed: 8)
        let anna = try await sharing(scratch, "Set", as: "anna")
        var bert = try await scratch.service("bert", hosts: [anna.address])
        var order = try order(scratch, "anna", "Set", to: "to")
        order.follow = true
        let id = try await bert.fetches.add(order).id
        try await bert.transfer(id) { $0.version == 1 && $0.phase == .complete }
        await bert.stop()
        let first = try #require(await anna.shares.publicOffers["Set"]).torrent.info.hashes
        scratch.remove("Set/gone")
        scratch.remove("Set/mine")
        try scratch.write("to/Set/mine", count: 50, seed: 9)
        await anna.shares.hash("Set")
        try await anna.share("Set") { $0.version == 2 && $0.state == .offered }
        try await scratch.beginSwitch(
            "bert", #require(await anna.shares.publicOffers["Set"]), after: first, isRecorded: wasRecorded)

        bert = try await scratch.service("bert", hosts: [anna.address])
        let now = try await bert.transfer(id) { $0.version == 2 && $0.phase == .complete && $0.brought != nil }
        #expect(now.brought?.removed == ["gone"])
        #expect(now.brought?.kept.map(\.path) == [scratch.path + "/to/Set/mine"])
        #expect(scratch.read("to/Set/gone") == nil && scratch.read("to/Set/mine")?.count == 50)
        // Whoever asks is told once.
        _ = try await bert.fetches.reach("anna")
        #expect(try await bert.fetches.add(order).brought?.version == 2)
        #expect(try await bert.fetches.add(order).brought == nil)
        #expect(scratch.list("to") == ["Set"])
        await bert.stop()
        await anna.stop()
    }

    @Test("Versions that follow each other at once end with the last one, and nothing of the others is left")
    func overtaken() async throws {
        let scratch = try Scratch()
        try scratch.write("Set/a", count: 60_000, seed: 1)
        let anna = try await sharing(scratch, "Set", as: "anna")
        let bert = try await scratch.service("bert", hosts: [anna.address])
        var order = try order(scratch, "anna", "Set", to: "to")
        order.follow = true
        let id = try await bert.fetches.add(order).id
        for version in Int64(2)...5 {
            try scratch.write("Set/a", count: 60_000 + Int(version), seed: UInt64(version))
            try scratch.write("Set/\(version)", count: 1000, seed: UInt64(version))
            await anna.shares.hash("Set")
            try await anna.share("Set") { $0.version == version && $0.state == .offered }
            await bert.hear(of: anna)
        }
        try await bert.transfer(id) { $0.version == 5 && $0.phase == .complete }
        try expectSame(scratch, ["a", "2", "3", "4", "5"])
        _ = try await eventually { scratch.list("to") == ["Set"] ? true : nil }
        #expect(try await bert.host.run { $0.transfers.count } == 1)
        await bert.stop()
        await anna.stop()
    }

    @Test("An owner who goes back to what is here already makes nobody fetch anything")
    func wentBack() async throws {
        let scratch = try Scratch()
        try scratch.write("Set/a", count: 60_000, seed: 1)
        let anna = try await sharing(scratch, "Set", as: "anna")
        var bert = try await scratch.service("bert", hosts: [anna.address])
        var order = try order(scratch, "anna", "Set", to: "to")
        order.follow = true
        let id = try await bert.fetches.add(order).id
        try await bert.transfer(id) { $0.version == 1 && $0.phase == .complete }
        await bert.stop()
        for (version, seed) in [(2, 2), (3, 1)] {
            try scratch.write("Set/a", count: 60_000, seed: UInt64(seed))
            await anna.shares.hash("Set")
            try await anna.share("Set") { $0.version == Int64(version) && $0.state == .offered }
        }
        bert = try await scratch.service("bert", hosts: [anna.address])
        let last = try await bert.transfer(id) { $0.version == 3 && $0.phase == .complete }
        #expect(last.downloaded == 0 && last.message == nil)
        try expectSame(scratch, ["a"])
        #expect(scratch.list("to") == ["Set"])
        await bert.stop()
        await anna.stop()
    }

    @Test("A fetch becomes a followed share, is paused over a restart, and goes on")
    func pausedAndFollowed() async throws {
        let scratch = try Scratch()
        try scratch.write("Set/a", count: 60_000, seed: 1)
        let anna = try await sharing(scratch, "Set", as: "anna")
        var bert = try await scratch.service("bert", hosts: [anna.address])
        var order = try order(scratch, "anna", "Set", to: "to")
        let id = try await bert.fetches.add(order).id
        try await bert.transfer(id) { $0.phase == .complete }
        order.follow = true
        #expect(try await bert.fetches.add(order).id == id)
        let followed = try await bert.transfer(id) { $0.follow && $0.version == 1 && $0.phase == .complete }
        // Nothing comes a second time.
        #expect(followed.downloaded == 60_000)
        try await bert.fetches.pause(id)
        // Also paused it says how far it is.
        #expect(await bert.fetches.model(id)?.phase == .paused)
        #expect(await bert.fetches.model(id)?.done == followed.done && followed.done > 0)
        #expect(await bert.fetches.model(id)?.total == followed.total)
        await bert.stop()
        try scratch.write("Set/a", count: 61_000, seed: 2)
        await anna.shares.hash("Set")
        try await anna.share("Set") { $0.version == 2 && $0.state == .offered }
        bert = try await scratch.service("bert", hosts: [anna.address])
        _ = try await bert.fetches.reach("anna")
        #expect(await bert.fetches.model(id)?.phase == .paused)
        #expect(await bert.fetches.model(id)?.version == 1)
        #expect(await bert.fetches.model(id)?.done == followed.done)
        try await bert.fetches.resume(id)
        await bert.hear(of: anna)
        try await bert.transfer(id) { $0.version == 2 && $0.phase == .complete }
        try expectSame(scratch, ["a"])
        await bert.stop()
        await anna.stop()
    }

    @Test("A state has one host at a time, which gives it back when it stops")
    func oneAtATime() async throws {
        let scratch = try Scratch()
        let first = try await scratch.service("anna")
        await #expect(throws: HostLock.LockError.taken(path: scratch.path + "/state-anna")) {
            try await scratch.service("anna")
        }
        // One that remembers nothing may be beside it.
        let beside = try await scratch.service("anna", isLasting: false)
        await beside.stop()
        #expect(await HostControl.running(with: first.state) != nil)
        await first.stop()
        await first.stop()
        let second = try await scratch.service("anna")
        #expect(await second.identity.hexadecimal == first.identity.hexadecimal)
        await second.stop()
    }

    @Test("A host whose key was damaged gets another one, and says so once")
    func damagedKey() async throws {
        let scratch = try Scratch()
        let first = try await scratch.service("anna")
        let key = await first.identity.hexadecimal
        #expect(await first.status().troubles.isEmpty)
        await first.stop()
        try scratch.write("state-anna/identity/key.record", count: 80)
        let second = try await scratch.service("anna")
        let other = await second.identity.hexadecimal
        #expect(other != key)
        #expect(await second.status().troubles.count { $0.contains("the key of this host was damaged") } == 1)
        await second.stop()
        let third = try await scratch.service("anna")
        #expect(await third.identity.hexadecimal == other)
        #expect(await third.status().troubles.isEmpty)
        await third.stop()
    }

    @Test("A host that cannot take its address leaves the state to the next one")
    func portInUse() async throws {
        let scratch = try Scratch()
        let first = try await scratch.service("anna")
        await #expect(throws: (any Error).self) { try await scratch.service("bert", port: first.address.port) }
        let second = try await scratch.service("bert")
        await second.stop()
        await first.stop()
    }

    @Test(
        "What was fetched and deleted is served no more, over a restart; it is fetched anew when it is asked for",
        arguments: [false, true])
    func deleted(_ follows: Bool) async throws {
        let scratch = try Scratch()
        try scratch.write("Set/a", count: 60_000, seed: 1)
        let anna = try await sharing(scratch, "Set", as: "anna")
        var bert = try await scratch.service("bert", hosts: [anna.address])
        var order = try order(scratch, "anna", "Set", to: "to")
        order.follow = follows
        let id = try await bert.fetches.add(order).id
        try await bert.transfer(id) { $0.phase == .complete && $0.version == 1 }
        _ = try await eventually { await bert.fetches.isServing(id) ? true : nil }
        scratch.remove("to/Set")
        // The transfer stops a moment before it is known what that means for the user.
        let gone = try await bert.transfer(id) {
            $0.phase == .paused && $0.message?.contains("`duplex end \(id)` forgets it") == true
        }
        #expect(gone.message?.contains("to/Set was deleted or moved away") == true)
        let refused = await ControlAPI(bert).answer(
            HTTPRequest(method: "POST", target: "/transfers/\(id)/resume", headers: []))
        #expect(refused.status == 409)
        guard case .bytes(let told) = refused.body else {
            Issue.record("it says nothing")
            return
        }
        #expect(try JSON.decode(ErrorModel.self, from: told).error == gone.message)
        await bert.stop()
        bert = try await scratch.service("bert", hosts: [anna.address])
        try await bert.transfer(id) { $0.phase == .paused && $0.message == gone.message }
        #expect(scratch.list("to").isEmpty)
        #expect(try await bert.fetches.add(order).id == id)
        try await bert.transfer(id) { $0.phase == .complete && $0.version == 1 }
        try expectSame(scratch, ["a"])
        await bert.stop()
        await anna.stop()
    }

    @Test("What was moved away is served again when it is put back", arguments: [false, true])
    func movedAway(_ follows: Bool) async throws {
        let scratch = try Scratch()
        try scratch.write("Set/a", count: 60_000, seed: 1)
        let anna = try await sharing(scratch, "Set", as: "anna")
        let bert = try await scratch.service("bert", hosts: [anna.address])
        var order = try order(scratch, "anna", "Set", to: "to")
        order.follow = follows
        let id = try await bert.fetches.add(order).id
        try await bert.transfer(id) { $0.phase == .complete && $0.version == 1 }
        _ = try await eventually { await bert.fetches.isServing(id) ? true : nil }
        #expect(rename(scratch.path + "/to/Set", scratch.path + "/away") == 0)
        try await bert.transfer(id) { $0.phase == .paused }
        #expect(rename(scratch.path + "/away", scratch.path + "/to/Set") == 0)
        try await bert.fetches.resume(id)
        let back = try await bert.transfer(id) { $0.phase == .complete }
        #expect(back.message == nil && back.downloaded == 60_000)
        // Deleted and asked for at once, before anybody has noticed.
        scratch.remove("to/Set")
        #expect(try await bert.fetches.add(order).id == id)
        _ = try await eventually { scratch.list("to/Set") == ["a"] ? true : nil }
        try await bert.transfer(id) { $0.phase == .complete && $0.version == 1 }
        try expectSame(scratch, ["a"])
        await bert.stop()
        await anna.stop()
    }

    // MARK: Helpers

    private func knowEachOther(_ one: HostService, _ other: HostService) async throws {
        await one.reload(
            HostSettings(
                name: "anna", listen: .address(host: "127.0.0.1", port: 0), hosts: [other.address.description],
                discovery: false))
        for (host, name) in [(one, "bert"), (other, "anna")] {
            _ = try await eventually { await host.directory.list().contains { $0.name == name } ? true : nil }
        }
    }

    private func control<Row: Codable & Sendable>(
        _ service: HostService, _ type: [Row].Type, _ target: String
    ) async throws -> [Row] {
        try await HostControl(service).get(ListModel<Row>.self, target).rows
    }

    private func request(_ scratch: Scratch, _ relative: String, _ scope: ShareScope) -> ShareKeeper.Request {
        ShareKeeper.Request(
            path: scratch.path + "/" + relative, name: nil, scope: scope, format: .hybrid, pieceLength: 16384)
    }

    /// A host that offers a folder.
    private func sharing(_ scratch: Scratch, _ folder: String, as name: String) async throws -> HostService {
        let host = try await scratch.service(name)
        _ = try await host.shares.add(request(scratch, folder, .public))
        try await host.share(folder) { $0.state == .offered }
        return host
    }

    private func order(_ scratch: Scratch, _ host: String, _ share: String, to: String) throws -> FetchOrder {
        var order = FetchOrder(to: try scratch.folder(to))
        (order.host, order.share) = (host, share)
        return order
    }

    private func expectSame(_ scratch: Scratch, _ files: [String]) throws {
        for file in files {
            let bytes = try #require(scratch.read("Set/\(file)"))
            #expect(scratch.read("to/Set/\(file)") == bytes, "\(file)")
        }
    }
}

extension Scratch {
    /// Leaves the folder `to` of a host that does not run as a kill leaves it that comes when the switch to a version has
    /// begun, or when all is done and recorded but for the end.
    fileprivate func beginSwitch(
        _ name: String, _ offer: Catalogue.Offer, after first: InfoHashes, isRecorded: Bool
    ) async throws {
        let state = try StateDirectory(path: "\(path)/state-\(name)")
        let (directory, place) = ("\(path)/to", "\(path)/to/Set")
        let host = try await DuplexHost.start(
            HostConfiguration(listen: .address(host: "127.0.0.1", port: 0), state: state))
        let source = try #require(await host.recorded(first, in: directory))
        let info = offer.torrent.info
        let staging = VersionStaging(of: info, in: directory, rootName: "Set")
        let plan = VersionPlan(from: [source], to: info, layers: offer.torrent.pieceLayers, rootName: "Set")
        _ = try staging.prepare(plan, from: [source])
        let stamps = ResumeRecord.stamps(of: info, directory: staging.path, rootName: staging.rootName)
        let version = try VersionSwitch.begin(staging, replacing: source, stamps: stamps)
        let follows = try FollowRecords(state)
        try follows.saveNext(offer.torrent, at: place)
        var record = follows.load(place)
        record.next = offer.version
        if isRecorded {
            try await host.record(offer.torrent, in: directory, rootName: "Set", stamps: version.run().stamps)
            record = FollowRecord(current: offer.version, next: nil)
        }
        try follows.save(record, at: place)
        await host.stop()
    }
}
