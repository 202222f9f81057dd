import FoundationEssentials
import Metainfo
import PeerWire
import Storage
import Testing

@testable import Host

@Suite("What a host fetches", .timeLimit(.minutes(1)))
struct FetchKeeperTests {
    @Test("A transfer's number that is used again has nothing of the one before")
    func numbers() async throws {
        let scratch = try Scratch()
        try scratch.write("a", count: 100)
        try scratch.write("b", count: 200)
        let (one, other) = (try await scratch.torrent(of: "a").torrent, try await scratch.torrent(of: "b").torrent)
        var service = try await scratch.service("one")
        // As a kill leaves it between two steps.
        try await service.fetches.torrents?.save(one.encoded(), as: "1")
        await service.stop()
        service = try await scratch.service("one")
        var order = FetchOrder(to: try scratch.folder("to"))
        order.magnet = other.magnet().description
        #expect(try await service.fetches.add(order).id == "1")
        await service.stop()
        service = try await scratch.service("one")
        let model = try await service.transfer("1") { $0.phase == .metadata }
        #expect(model.name == "b")
        await service.stop()
    }

    @Test("What links have led to is served after a restart, whatever else comes to the same folder")
    func links() async throws {
        let scratch = try Scratch()
        let anna = try await scratch.service("anna")
        var torrents: [Torrent] = []
        for (index, name) in ["a", "b", "c"].enumerated() {
            try scratch.write(name, count: 40_000, seed: UInt64(index + 1))
            let created = try await scratch.torrent(of: name)
            torrents.append(created.torrent)
            _ = try await anna.host.share(created.torrent, directory: created.directory, rootName: created.rootName)
        }
        var bert = try await scratch.service("bert")
        var order = FetchOrder(to: try scratch.folder("to"))
        order.peers = [anna.address.description]
        for torrent in torrents {
            order.magnet = torrent.magnet().description
            try await bert.transfer(try await bert.fetches.add(order).id) { $0.phase == .complete }
        }
        try await bert.fetches.remove("3")
        await bert.stop()
        bert = try await scratch.service("bert")
        for id in ["1", "2"] { try await bert.transfer(id) { $0.phase == .complete } }
        let last = try await bert.fetches.add(order).id
        try await bert.transfer(last) { $0.phase == .complete }
        for id in ["1", "2", last] {
            #expect(await bert.fetches.isServing(id), "\(id)")
            #expect(try await bert.transfer(id) { _ in true }.phase == .complete)
        }
        await bert.stop()
        await anna.stop()
    }

    @Test("Pausing, going on and ending in any order leave no transfer behind")
    func lives() async throws {
        let scratch = try Scratch()
        try scratch.write("a", count: 100)
        let torrent = try await scratch.torrent(of: "a").torrent
        let service = try await scratch.service("one")
        var order = FetchOrder(to: try scratch.folder("to"))
        order.magnet = torrent.magnet().description
        for round in 0..<10 {
            let id = try await service.fetches.add(order).id
            async let first: Void = service.fetches.pause(id)
            async let second: Void = service.fetches.resume(id)
            async let third = service.fetches.add(order)
            _ = try? await first
            _ = try? await second
            _ = try? await third
            if round % 2 == 0 { try await service.fetches.pause(id) }
            if round % 2 == 0 { #expect(try await service.host.run { $0.transfers.count } == 0) }
            async let ending: Void = service.fetches.remove(id)
            async let other = service.fetches.resume(id)
            _ = try? await other
            try await ending
            #expect(await service.fetches.list([:]).isEmpty)
            #expect(try await service.host.run { $0.transfers.count } == 0)
        }
        await service.stop()
    }

    @Test("The same ordered several times at once is one transfer")
    func atOnce() async throws {
        let scratch = try Scratch()
        let (fake, host) = try await scratch.fake()
        try scratch.write("Set/a", count: 100)
        let torrent = try await scratch.torrent(of: "Set").torrent
        fake.offer("Set", claiming: 1, try fake.version("Set", torrent, 1), torrent)
        let service = try await scratch.service("one")
        for follows in [false, true] {
            var order = FetchOrder(to: try scratch.folder("to-\(follows)"))
            (order.host, order.share, order.follow) = (host.listenAddresses[0].description, "Set", follows)
            let ids = try await withThrowingTaskGroup(of: String.self) { [order] group in
                for _ in 0..<8 { group.addTask { try await service.fetches.add(order).id } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
        }
        #expect(await service.fetches.list([:]).count == 2)
        await service.stop()
        await host.stop()
    }

    @Test("What cannot begin is told, and nothing of it is remembered")
    func cannotBegin() async throws {
        let scratch = try Scratch()
        try scratch.write("a", count: 100)
        let torrent = try await scratch.torrent(of: "a").torrent
        let service = try await scratch.service("one")
        _ = try await service.shares.add(
            ShareKeeper.Request(
                path: scratch.path + "/a", name: nil, scope: .link, format: .hybrid, pieceLength: 16384))
        try await service.share("a") { $0.state == .offered }
        var order = FetchOrder(to: scratch.path)
        order.torrent = Data(torrent.encoded()).base64EncodedString()
        // This host shares what is there.
        await #expect(throws: TransferError.self) { try await service.fetches.add(order) }
        order.follow = true
        await #expect(throws: FetchError.self) { try await service.fetches.add(order) }
        #expect(await service.fetches.list([:]).isEmpty)
        #expect(scratch.list("state-one/fetches").isEmpty && scratch.list("state-one/fetches-torrents").isEmpty)
        await service.stop()
    }

    @Test("Damaged records are set aside, and the others go on")
    func damaged() async throws {
        let scratch = try Scratch()
        try scratch.write("a", count: 100)
        try scratch.write("b", count: 200)
        let (one, other) = (try await scratch.torrent(of: "a").torrent, try await scratch.torrent(of: "b").torrent)
        var service = try await scratch.service("one")
        var order = FetchOrder(to: try scratch.folder("to"))
        order.magnet = one.magnet().description
        #expect(try await service.fetches.add(order).id == "1")
        order.magnet = other.magnet().description
        #expect(try await service.fetches.add(order).id == "2")
        await service.stop()
        try scratch.write("state-one/fetches/1.record", count: 300)
        service = try await scratch.service("one")
        try await service.transfer("2") { $0.phase == .metadata }
        #expect(await service.fetches.list([:]).map(\.id) == ["2"])
        #expect(await service.status().troubles.count == 1)
        await service.stop()
    }

    @Test("Patterns of a path mean that path and nothing else")
    func patterns() {
        var order = FetchOrder(to: "/to")
        #expect(order.patterns == [])
        order.path = "a*[b]?\\c/d"
        #expect(order.patterns == ["/a\\*\\[b\\]\\?\\\\c/d"])
        order.select = ["*.pdf"]
        #expect(order.patterns.count == 2)
        order.path = ""
        #expect(order.patterns == ["*.pdf"])
    }
}
