import Metainfo
import Storage
import Testing

@testable import Host

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("A host's shares", .timeLimit(.minutes(1)))
struct ShareKeeperTests {
    @Test("Each change is one version more, the same content is none, and content that returns is one again")
    func versions() async throws {
        let scratch = try Scratch()
        try scratch.write("Set/a", count: 50_000, seed: 1)
        let service = try await scratch.service("one")
        _ = try await service.shares.add(order(scratch, "Set"))
        let first = try await service.share("Set") { $0.version == 1 && $0.state == .offered }
        await service.shares.hash("Set")
        try scratch.write("Set/a", count: 50_000, seed: 2)
        await service.shares.hash("Set")
        let second = try await service.share("Set") { $0.version == 2 && $0.state == .offered }
        #expect(second.infoHashV2 != first.infoHashV2)
        // Back to what is still being served as the version before.
        try scratch.write("Set/a", count: 50_000, seed: 1)
        await service.shares.hash("Set")
        let third = try await service.share("Set") { $0.version == 3 && $0.state == .offered }
        #expect(third.infoHashV2 == first.infoHashV2)
        #expect(third.message == nil)
        await service.stop()
    }

    @Test("Shares, their names, scopes and numbers are there again after a restart")
    func restart() async throws {
        let scratch = try Scratch()
        try scratch.write("Set/a", count: 50_000)
        try scratch.write("b", count: 100)
        var service = try await scratch.service("one")
        let key = await service.identity.hexadecimal
        _ = try await service.shares.add(order(scratch, "Set", name: "Other name", scope: .public))
        _ = try await service.shares.add(order(scratch, "b"))
        let before = try await service.share("Other name") { $0.state == .offered }
        try await service.share("b") { $0.state == .offered }
        try scratch.write("b", count: 200)
        await service.shares.hash("b")
        try await service.share("b") { $0.version == 2 && $0.state == .offered }
        await service.stop()
        service = try await scratch.service("one")
        #expect(await service.identity.hexadecimal == key)
        let after = try await service.share("Other name") { $0.state == .offered }
        #expect(after.version == 1 && after.scope == .public && after.infoHashV2 == before.infoHashV2)
        try await service.share("b") { $0.version == 2 && $0.state == .offered }
        #expect(await service.shares.publicOffers.keys.sorted() == ["Other name"])
        try await service.shares.remove("b")
        await service.stop()
        service = try await scratch.service("one")
        #expect(await service.shares.list().map(\.name) == ["Other name"])
        await service.stop()
    }

    @Test("What is not there is missing, and offered again when it returns")
    func missing() async throws {
        let scratch = try Scratch()
        try scratch.write("Set/a", count: 50_000)
        let service = try await scratch.service("one")
        _ = try await service.shares.add(order(scratch, "Set", scope: .public))
        try await service.share("Set") { $0.state == .offered }
        #expect(rename(scratch.path + "/Set", scratch.path + "/Away") == 0)
        await service.shares.hash("Set")
        try await service.share("Set") { $0.state == .missing }
        #expect(await service.shares.publicOffers.isEmpty)
        #expect(rename(scratch.path + "/Away", scratch.path + "/Set") == 0)
        await service.shares.hash("Set")
        let again = try await service.share("Set") { $0.state == .offered }
        #expect(again.version == 1)
        await service.stop()
    }

    @Test("What holds no files any more is missing, also over a restart, and is offered again with what comes")
    func emptied() async throws {
        let scratch = try Scratch()
        try scratch.write("Set/a", count: 50_000, seed: 1)
        try scratch.write("Set/sub/b", count: 100, seed: 2)
        var service = try await scratch.service("one")
        _ = try await service.shares.add(order(scratch, "Set", scope: .public))
        try await service.share("Set") { $0.state == .offered }
        scratch.remove("Set/a")
        scratch.remove("Set/sub")
        await service.shares.hash("Set")
        let missing = try await service.share("Set") { $0.state == .missing && $0.magnet == nil }
        #expect(missing.files == 0 && missing.bytes == 0)
        #expect(missing.message?.contains("there are no files in \(scratch.path)/Set now") == true)
        #expect(await service.shares.publicOffers.isEmpty)
        #expect(await service.shares.missing == ["Set"])
        _ = try await eventually { try await service.host.run { $0.transfers.isEmpty } ? true : nil }
        await service.stop()

        service = try await scratch.service("one")
        #expect(await service.shares.publicOffers.isEmpty)
        try await service.share("Set") { $0.state == .missing }
        try scratch.write("Set/c", count: 300, seed: 3)
        await service.shares.hash("Set")
        let again = try await service.share("Set") { $0.state == .offered }
        #expect(again.version == 2 && again.files == 1 && again.message == nil)
        #expect(await service.shares.missing.isEmpty)
        await service.stop()
    }

    @Test("A folder that never held anything to share is a failure, not missing")
    func empty() async throws {
        let scratch = try Scratch()
        try scratch.folder("Set")
        let service = try await scratch.service("one")
        _ = try await service.shares.add(order(scratch, "Set", scope: .public))
        let failed = try await service.share("Set") { $0.state == .failed }
        #expect(failed.message?.contains("there is no file in it") == true)
        #expect(await service.shares.missing.isEmpty)
        await service.stop()
    }

    @Test("Names are taken once, unless they were not asked for; the same order again is the same share")
    func names() async throws {
        let scratch = try Scratch()
        try scratch.write("x/Set/a", count: 100)
        try scratch.write("y/Set/a", count: 200)
        let service = try await scratch.service("one", isLasting: false)
        #expect(try await service.shares.add(order(scratch, "x/Set")).name == "Set")
        #expect(try await service.shares.add(order(scratch, "y/Set")).name == "Set (2)")
        #expect(try await service.shares.add(order(scratch, "x/Set", scope: .public)).name == "Set")
        #expect(await service.shares.list().map(\.scope) == [.public, .link])
        let error = await #expect(throws: ShareError.self) {
            try await service.shares.add(order(scratch, "y/Set", name: "Set"))
        }
        #expect(error?.kind == .nameTaken)
        #expect(error?.description.contains(scratch.path + "/x/Set") == true)
        await service.stop()
    }

    @Test("A share that is ended while it is hashed leaves nothing, and its name is free for another at once")
    func endedWhileHashing() async throws {
        let scratch = try Scratch()
        try scratch.write("x/Set/a", count: 3_000_000, seed: 1)
        try scratch.write("y/Set/a", count: 1000, seed: 2)
        let service = try await scratch.service("one")
        for _ in 0..<5 {
            _ = try await service.shares.add(order(scratch, "x/Set"))
            async let ending: Void = service.shares.remove("Set")
            let other = try? await service.shares.add(order(scratch, "y/Set", name: "Set"))
            try await ending
            if other == nil { _ = try await service.shares.add(order(scratch, "y/Set", name: "Set")) }
            let share = try await service.share("Set") { $0.state == .offered }
            #expect(share.bytes == 1000 && share.version == 1 && share.path == scratch.path + "/y/Set")
            try await service.shares.remove("Set")
        }
        #expect(await service.shares.list().isEmpty)
        // That one comes back under its number when it is shared again; the other has had none.
        #expect(scratch.list("state-one/offers").count == 1)
        await service.stop()
    }

    @Test("Content of somebody else's torrent must be that content, and stays the version that it is")
    func fixed() async throws {
        let scratch = try Scratch()
        try scratch.write("Set/a", count: 50_000, seed: 1)
        try scratch.write("Set/b", count: 50_000, seed: 2)
        let torrent = try await scratch.torrent(of: "Set", format: .v1, pieceLength: 32768).torrent
        var service = try await scratch.service("one")
        var request = order(scratch, "Set", name: "Known")
        request.torrent = torrent
        _ = try await service.shares.add(request)
        let share = try await service.share("Known") { $0.state == .offered }
        #expect(share.infoHashV1 == torrent.info.hashes.v1?.hex && share.infoHashV2 == nil && share.version == 1)
        await service.stop()
        service = try await scratch.service("one")
        try await service.share("Known") { $0.state == .offered && $0.version == 1 }
        #expect(rename(scratch.path + "/Set", scratch.path + "/Away") == 0)
        await service.shares.hash("Known")
        try await service.share("Known") { $0.state == .missing && $0.magnet == nil }
        #expect(rename(scratch.path + "/Away", scratch.path + "/Set") == 0)
        await service.shares.hash("Known")
        try await service.share("Known") { $0.state == .offered && $0.version == 1 }
        await service.stop()
        try scratch.write("Set/b", count: 50_000, seed: 3)
        service = try await scratch.service("one")
        let failed = try await service.share("Known") { $0.state == .failed }
        #expect(failed.message?.contains("differ from the torrent") == true)
        await service.stop()
    }

    @Test("What may not be read is told first and by name, and is no reason to offer nothing at all")
    func unreadable() throws {
        let scratch = try Scratch()
        var share = ShareKeeper.Live(
            entry: ShareEntry(
                id: "0", name: "Set", path: scratch.path, scope: .link, format: "hybrid", pieceLength: nil,
                isFixed: false, isInbox: false, version: []))
        let hidden = (0..<150).map { OmittedEntry(path: "\($0)/.DS_Store", reason: .systemFile) }
        share.take(hidden)
        #expect(share.omitted.count == 100 && share.remark == nil)
        share.take(hidden + [OmittedEntry(path: "z", reason: .notPermitted)])
        #expect(share.omitted.count == 100)
        #expect(share.omitted.first == OmissionModel(path: "z", reason: "may not be read (permission denied)"))
        #expect(share.remark == "left out 1 entry that may not be read (permission denied): z")
        share.take((1...7).map { OmittedEntry(path: "\($0)", reason: .notPermitted) })
        #expect(
            share.remark == "left out 7 entries that may not be read (permission denied): 1, 2, 3, 4, 5 and 2 more")
        let nothing = CreationError.nothingReadable(path: scratch.path, entries: "a and 1 more")
        #expect(share.trouble(nothing) == (.failed, "\(nothing)"))
        #expect("\(nothing)".contains("may not be read (permission denied): a and 1 more, change the permissions"))
    }

    @Test("Damaged and orphaned records harm no other share")
    func damaged() async throws {
        let scratch = try Scratch()
        try scratch.write("a", count: 100)
        try scratch.write("b", count: 200)
        var service = try await scratch.service("one")
        _ = try await service.shares.add(order(scratch, "a"))
        try await service.share("a") { $0.state == .offered }
        let record = try #require(scratch.list("state-one/offers").first)
        _ = try await service.shares.add(order(scratch, "b"))
        try await service.share("b") { $0.state == .offered }
        await service.stop()
        try scratch.write("state-one/offers/\(record)", count: 500)
        try scratch.write("state-one/offers/not-json.record", count: 40)
        try scratch.write("state-one/offers-torrents/orphan.record", count: 40)
        service = try await scratch.service("one")
        #expect(await service.shares.list().map(\.name) == ["b"])
        #expect(await service.status().troubles.count == 2)
        #expect(scratch.list("state-one/offers").count { $0.hasSuffix(".damaged") } == 2)
        #expect(scratch.list("state-one/offers-torrents").isEmpty)
        await service.stop()
    }

    private func order(
        _ scratch: Scratch, _ relative: String, name: String? = nil, scope: ShareScope = .link
    ) -> ShareKeeper.Request {
        ShareKeeper.Request(
            path: scratch.path + "/" + relative, name: name, scope: scope, format: .hybrid, pieceLength: nil)
    }
}
