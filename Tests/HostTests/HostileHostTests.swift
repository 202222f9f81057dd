import Metainfo
import NIOCore
import NIOPosix
import PeerWire
import Storage
import Synchronization
import Testing
import Transport

@testable import Host

/// What other hosts claim.
@Suite("Hosts that do not play by the rules", .timeLimit(.minutes(1)))
struct HostileHostTests {
    @Test("What cannot be read, is too large or too late is an error that says so")
    func documents() async throws {
        let scratch = try Scratch()
        let (fake, host) = try await scratch.fake()
        let client = CatalogueClient(
            address: host.listenAddresses[0], eventLoop: NIOSingletons.posixEventLoopGroup.next())
        await #expect(throws: HTTPClientError.self) { try await client.document() }
        for bytes in [[], Array("{}".utf8), Array("[[[[".utf8), [0xFF, 0, 1]] {
            fake.set("host", 200, bytes)
            await #expect(throws: (any Error).self) { try await client.document() }
        }
        fake.set("host", 200, [UInt8](repeating: UInt8(ascii: " "), count: HostDocument.maximumLength + 1))
        await #expect(throws: HTTPClientError.tooLong) { try await client.document() }
        fake.set("host", 302, JSON.encode(HostDocumentTests.document()))
        await #expect(throws: HTTPClientError.self) { try await client.document() }
        fake.set("host", 200, JSON.encode(HostDocumentTests.document()))
        #expect(try await client.document().0 == HostDocumentTests.document())
        for bytes in [[], Array("de".utf8), [UInt8](repeating: 7, count: 9000)] {
            fake.set("shares/a/version", 200, bytes)
            await #expect(throws: (any Error).self) { try await client.version(of: "a") }
        }
        for text in ["", "{}", #"{"rows":[{"name":"a","kind":"door","bytes":1}],"truncated":false}"#] {
            fake.set("shares/a/entries?path=", 200, Array(text.utf8))
            await #expect(throws: (any Error).self) { try await client.entries(of: "a", at: "") }
        }
        let rows = (0..<3000).map { EntryModel(name: "\($0)", kind: .file, bytes: .min, modified: nil) }
        fake.set("shares/a/entries?path=", 200, JSON.encode(ListModel(rows: rows)))
        let list = try await client.entries(of: "a", at: "")
        #expect(list.rows.count == 2000 && list.truncated)
        await host.stop()
    }

    @Test("A torrent that is not the version's, a version of another key or another share is not fetched")
    func lies() async throws {
        let scratch = try Scratch()
        let (fake, host) = try await scratch.fake()
        try scratch.write("Set/a", count: 100)
        try scratch.write("Other/a", count: 200)
        let torrent = try await scratch.torrent(of: "Set").torrent
        let other = try await scratch.torrent(of: "Other").torrent
        let service = try await scratch.service("one", hosts: host.listenAddresses)
        let stranger = HostIdentity.fresh()
        var order = FetchOrder(to: try scratch.folder("to"))
        (order.host, order.share) = (host.listenAddresses[0].description, "Set")
        func refusal() async throws -> FetchError {
            try #require(await #expect(throws: FetchError.self) { try await service.fetches.add(order) })
        }
        fake.offer("Set", claiming: 1, try fake.version("Set", torrent, 1), other)
        #expect(try await refusal().kind == .notFound)
        fake.offer("Set", claiming: 1, try fake.version("Set", torrent, 1, by: stranger), torrent)
        #expect(try await refusal().description.contains("not signed by that host"))
        fake.offer("Set", claiming: 1, try fake.version("Photos", torrent, 1), torrent)
        #expect(try await refusal().description.contains("its share Photos"))
        fake.offer("Set", claiming: 1, Array(try fake.version("Set", torrent, 1).dropLast()), torrent)
        #expect(try await refusal().kind == .notFound)
        fake.offer("Set", claiming: 1, try fake.version("Set", torrent, 1), nil)
        fake.set("shares/Set/torrent", 200, [])
        #expect(try await refusal().kind == .notFound)
        #expect(await service.fetches.list([:]).isEmpty)
        #expect(scratch.list("to").isEmpty)
        #expect(scratch.list("state-one/fetches").isEmpty)
        #expect(scratch.list("state-one/fetches-torrents").isEmpty)
        await service.stop()
        await host.stop()
    }

    @Test("A share that changes between two questions is asked for again, and not forever")
    func changing() async throws {
        let scratch = try Scratch()
        let (fake, host) = try await scratch.fake()
        var torrents: [Torrent] = []
        for number in 0..<8 {
            try scratch.write("Set/a", count: 100, seed: UInt64(number))
            torrents.append(try await scratch.torrent(of: "Set").torrent)
        }
        let changes = Mutex(0)
        let all = torrents
        func change(atMost count: Int) throws {
            changes.withLock { $0 = 0 }
            fake.offer("Set", claiming: 1, try fake.version("Set", all[0], 1), all[0])
            fake.answered.withLock {
                $0 = { target in
                    guard target.hasSuffix("/version") else { return }
                    let next = changes.withLock { changes in
                        changes += changes < count ? 1 : 0
                        return changes
                    }
                    fake.offer("Set", claiming: 1, try fake.version("Set", all[next], Int64(next + 1)), all[next])
                }
            }
        }
        let client = CatalogueClient(
            address: host.listenAddresses[0], eventLoop: MultiThreadedEventLoopGroup.singleton.any())
        try change(atMost: 3)
        #expect(try await client.current(of: "Set").version.number == 4)
        try change(atMost: 7)
        await #expect(throws: MetainfoError.hashMismatch) { try await client.current(of: "Set") }
        await host.stop()
    }

    @Test("Who fetches a share that its owner takes back is told why nothing comes, and goes on when it is there again")
    func takenBack() async throws {
        let scratch = try Scratch()
        let (fake, host) = try await scratch.fake()
        try scratch.write("Set/a", count: 100)
        let torrent = try await scratch.torrent(of: "Set").torrent
        let service = try await scratch.service("one")
        var order = FetchOrder(to: try scratch.folder("to"))
        (order.host, order.share) = (host.listenAddresses[0].description, "Set")
        fake.offer("Set", claiming: 1, try fake.version("Set", torrent, 1), torrent)
        let id = try await service.fetches.add(order).id
        try await service.transfer(id) { $0.phase == .fetching }
        let document = HostDocument(
            name: "fake", key: fake.identity.hexadecimal, roles: [], load: nil, shares: [], truncated: false, hosts: [],
            missing: ["Set"])
        fake.set("host", 200, JSON.encode(document))
        let paused = try await service.transfer(id) { $0.phase == .paused }
        #expect(paused.message == "fake/Set has no files now, try again when its owner has put some there")
        fake.set("shares/Set/version", 503, [])
        order.to = try scratch.folder("other")
        let refusal = await #expect(throws: FetchError.self) { try await service.fetches.add(order) }
        #expect(refusal?.description.contains("it has no files now") == true)
        fake.offer("Set", claiming: 1, try fake.version("Set", torrent, 1), torrent)
        // As it is: of other content now.
        let other = try await service.transfer(id) { $0.message?.contains("has changed meanwhile") == true }
        #expect(other.phase == .paused)
        await service.stop()
        await host.stop()
    }

    @Test("Who fetches a share of which a file changes meanwhile is told so, though its owner stays connected")
    func changedMeanwhile() async throws {
        let scratch = try Scratch()
        let (fake, host) = try await scratch.fake()
        try scratch.write("Set/a", count: 100)
        try scratch.write("Set/b", count: 50_000)
        let first = try await scratch.torrent(of: "Set")
        _ = try await host.share(first)
        fake.offer("Set", claiming: 1, try fake.version("Set", first.torrent, 1), first.torrent)
        // From now on the host has no more of this file than that it is another one.
        try scratch.write("Set/a", count: 100, seed: 2)
        let second = try await scratch.torrent(of: "Set").torrent
        let service = try await scratch.service("one")
        var order = FetchOrder(to: try scratch.folder("to"))
        (order.host, order.share) = (host.listenAddresses[0].description, "Set")
        let id = try await service.fetches.add(order).id
        try await service.transfer(id) { $0.phase == .fetching && $0.done == 50_000 && $0.peers == 1 }
        fake.offer("Set", claiming: 2, try fake.version("Set", second, 2), second)
        let other = try await service.transfer(id) { $0.message?.contains("has changed meanwhile") == true }
        #expect(other.phase == .paused)
        await service.stop()
        await host.stop()
    }

    @Test("Who follows a share takes only newer versions of its owner, and is told once of what it refused")
    func follower() async throws {
        let scratch = try Scratch()
        let (fake, host) = try await scratch.fake()
        try scratch.write("Set/a", count: 100)
        try scratch.write("Other/a", count: 200)
        let torrent = try await scratch.torrent(of: "Set").torrent
        let other = try await scratch.torrent(of: "Other").torrent
        let stranger = HostIdentity.fresh()
        let service = try await scratch.service("one", hosts: host.listenAddresses)
        var order = FetchOrder(to: try scratch.folder("to"))
        (order.host, order.share, order.follow) = (host.listenAddresses[0].description, "Set", true)
        fake.offer("Set", claiming: 5, try fake.version("Set", torrent, 5), torrent)
        let id = try await service.fetches.add(order).id
        _ = try await eventually { await service.fetches.live[id]?.next?.transfer }
        let events = await service.hub.listen()
        let bad: [[UInt8]] = [
            try fake.version("Set", other, 6, by: stranger), try fake.version("Set", other, 6, share: "another"),
            try fake.version("Set", other, 4), try fake.version("Set", other, 5), Array("de".utf8),
        ]
        for version in bad {
            fake.offer("Set", claiming: .max, version, other)
            for _ in 0..<2 {
                // The directory asks it by itself, and may not have done so yet.
                let model = try await eventually { await service.directory.list().first }
                let document = try await CatalogueClient(
                    address: host.listenAddresses[0], eventLoop: service.eventLoop
                ).document().0
                await service.fetches.heard(of: model, document)
            }
            #expect(await service.fetches.live[id]?.next?.version.number == 5)
        }
        // The torrent does not match the version.
        fake.offer("Set", claiming: 6, try fake.version("Set", other, 6), torrent)
        await hear(service, host)
        #expect(await service.fetches.live[id]?.next?.version.number == 5)
        fake.offer("Set", claiming: 7, try fake.version("Set", other, 7), other)
        _ = try await eventually {
            await hear(service, host)
            return await service.fetches.live[id]?.next?.version.number == 7 ? true : nil
        }
        // Only one of both versions is on its way.
        _ = try await eventually { await service.fetches.live[id]?.next?.transfer }
        #expect(try await service.host.run { $0.transfers.count } == 1)
        try await service.fetches.pause(id)
        fake.offer("Set", claiming: 8, try fake.version("Set", torrent, 8), torrent)
        await hear(service, host)
        #expect(await service.fetches.live[id]?.next == nil)
        #expect(try await service.host.run { $0.transfers.count } == 0)
        await service.stop()
        var refusals = 0
        for await event in events {
            if case .notice(let notice) = event, notice.message.contains("did not sign") { refusals += 1 }
        }
        #expect(refusals == 2)
        await host.stop()
    }

    @Test("Somebody who claims the owner's key hides no version from those who follow")
    func otherWithTheKey() async throws {
        let scratch = try Scratch()
        let (fake, host) = try await scratch.fake()
        let (liar, other) = try await Scratch().fake()
        try scratch.write("Set/a", count: 100)
        try scratch.write("Other/a", count: 200)
        let torrent = try await scratch.torrent(of: "Set").torrent
        let newer = try await scratch.torrent(of: "Other").torrent
        let service = try await scratch.service("one")
        var order = FetchOrder(to: try scratch.folder("to"))
        (order.host, order.share, order.follow) = (host.listenAddresses[0].description, "Set", true)
        fake.offer("Set", claiming: 5, try fake.version("Set", torrent, 5), torrent)
        let id = try await service.fetches.add(order).id
        _ = try await eventually { await service.fetches.live[id]?.next?.transfer }
        fake.offer("Set", claiming: 6, try fake.version("Set", newer, 6), newer)
        let key = fake.identity.hexadecimal
        for version in [try liar.version("Set", newer, 7), try fake.version("Set", torrent, 5)] {
            liar.offer("Set", claiming: .max, version, newer, as: key)
            var (model, document) = try await claim(service, other)
            model.addresses = (other.listenAddresses + host.listenAddresses).map(\.description)
            await service.fetches.heard(of: model, document)
        }
        #expect(await service.fetches.live[id]?.next?.version.number == 6)
        await service.stop()
        await host.stop()
        await other.stop()
    }

    private func claim(_ service: HostService, _ host: DuplexHost) async throws -> (HostModel, HostDocument) {
        let found = await service.directory.ask(host.listenAddresses[0])
        guard case .found(let model, let document, _) = found else { throw Trouble(description: "it does not answer") }
        return (model, document)
    }

    @Test("Hosts that are told of do not fill the list, and those that were found have room")
    func told() async throws {
        let directory = HostDirectory(
            ownKey: "", eventLoop: NIOSingletons.posixEventLoopGroup.next(), hub: EventHub(), isNear: { _ in true })
        let scratch = try Scratch()
        let (fake, host) = try await scratch.fake()
        var document = HostDocumentTests.document()
        document.hosts =
            ["127.0.0.1:1", "0.0.0.0:1", "224.0.0.1:1", "192.0.2.1:0", "x", "", "[fe80::1]:1"]
            + (0..<64).map { "192.0.2.\($0):1" }
        fake.set("host", 200, JSON.encode(document))
        await directory.start(suspect: { _ in }, heard: { _, _ in }, ownAddresses: { [] }, isVisible: false)
        await directory.given(host.listenAddresses[0])
        _ = try await eventually { await directory.known.count > 1 ? true : nil }
        #expect(await directory.known.count == 17)
        await directory.stop()
        #expect(await directory.list().map(\.source) == ["given"])
        #expect(await directory.known.values.allSatisfy { $0.addresses.allSatisfy { $0.port > 0 } })
        for number in 0..<2000 {
            await directory.found(instance: "h\(number)", addresses: [PeerAddress(ipv4: 0xC000_0201, port: 1)])
        }
        // Those that were asked and did not answer may have made room.
        #expect(await (HostDirectory.maximumHosts - 16...HostDirectory.maximumHosts).contains(directory.known.count))
        await directory.lost(instance: "h0")
        await directory.found(instance: "late", addresses: [PeerAddress(ipv4: 0xC000_0201, port: 1)])
        #expect(await directory.list().contains { $0.name == "late" })
        await host.stop()
    }

    @Test(
        "A host is found by name in any case, by the beginning of its key, and by address; two of a name are a conflict"
    )
    func lookup() async throws {
        let scratch = try Scratch()
        let (fake, host) = try await scratch.fake()
        let (second, other) = try await Scratch().fake()
        fake.offer("a", claiming: 1, nil, nil)
        let service = try await scratch.service("one", hosts: host.listenAddresses)
        let address = host.listenAddresses[0]
        let (model, answering) = try await service.fetches.reach("FAKE")
        #expect(model.key == fake.identity.hexadecimal && answering == address && model.source == "given")
        for text in ["fake", String(fake.identity.hexadecimal.prefix(8)), address.description] {
            #expect(try await service.fetches.reach(text).1 == address, "\(text)")
        }
        second.offer("a", claiming: 1, nil, nil)
        await service.directory.given(other.listenAddresses[0])
        _ = try await eventually { await service.directory.list().count == 2 ? true : nil }
        let conflict = await #expect(throws: FetchError.self) { try await service.fetches.reach("fake") }
        #expect(conflict?.kind == .conflict)
        #expect(conflict?.description.contains(other.listenAddresses[0].description) == true)
        // A key that is none tells nobody apart.
        second.offer("a", claiming: 1, nil, nil, as: "")
        await service.directory.found(instance: "fake two", addresses: other.listenAddresses)
        let found = try await service.fetches.reach("fake two")
        #expect(found.0.key == nil && found.1 == other.listenAddresses[0])
        await service.stop()
        await host.stop()
        await other.stop()
    }

    private func hear(_ service: HostService, _ host: DuplexHost) async {
        let client = CatalogueClient(address: host.listenAddresses[0], eventLoop: await service.eventLoop)
        guard let model = await service.directory.list().first, let (document, _) = try? await client.document() else {
            return
        }
        await service.fetches.heard(of: model, document)
    }
}
