import Host
import Metainfo
import NIOCore
import NIOPosix
import PeerWire
import Storage
import Testing
import Transport

@Suite("What a host refuses, and what it withstands", .timeLimit(.minutes(1)))
struct RefusalTests {
    @Test("Somebody else's file in the way is not overwritten")
    func foreignFile() async throws {
        let scratch = try Scratch()
        try scratch.write("source/thesis.txt", count: 50_000, seed: 1)
        let created = try await scratch.torrent(of: "source/thesis.txt")
        let to = try scratch.folder("to")
        try scratch.write("to/thesis.txt", count: 50_000, seed: 2)
        let before = scratch.read("to/thesis.txt")
        let reader = try await scratch.host("reader")
        let id = try await reader.fetch(.torrent(created.torrent), into: to, peers: [], select: [])
        #expect(
            try await reader.trouble(id) == "cannot fetch to \(to)/thesis.txt, another file is there, "
                + "move it away or choose another folder with --to")
        await reader.stop()
        #expect(scratch.read("to/thesis.txt") == before)
    }

    @Test("What a host shares is not fetched into its own place, by none of its names")
    func ownPlace() async throws {
        let scratch = try Scratch()
        try scratch.write("source/file", count: 50_000)
        let created = try await scratch.torrent(of: "source/file")
        let host = try await scratch.host("host")
        _ = try await host.share(created)
        let expected = TransferError(
            "cannot fetch this, it is at that place already and shared from there, choose another folder with --to")
        let hashes = created.torrent.info.hashes
        for name in [InfoHashes(v1: hashes.v1, v2: nil), InfoHashes(v1: nil, v2: hashes.v2)] {
            let link = MagnetLink(hashes: try #require(name))
            let source = try scratch.folder("source")
            await #expect(throws: expected) {
                try await host.fetch(.magnet(link), into: source, peers: [], select: [])
            }
        }
        await host.stop()
    }

    @Test("What a host has in one folder is fetched into another from there, and served when the first is gone")
    func secondPlace() async throws {
        let scratch = try Scratch()
        try scratch.write("source/file", count: 150_000)
        let created = try await scratch.torrent(of: "source/file")
        let host = try await scratch.host("host")
        let first = try await host.share(created)
        let to = try scratch.folder("to")
        let second = try await host.fetch(.magnet(created.torrent.magnet()), into: to, peers: [], select: [])
        try await host.finished(second)
        #expect(scratch.read("to/file") == scratch.read("source/file"))
        // That crosses no network.
        let copy = await host.status(second)
        #expect(copy?.copied == 150_000 && copy?.downloaded == 0 && copy?.partners == [])
        await host.end(first)
        let reader = try await scratch.host("reader")
        let there = try scratch.folder("there")
        let third = try await reader.fetch(
            .torrent(created.torrent), into: there, peers: host.listenAddresses, select: [])
        try await reader.finished(third)
        #expect(scratch.read("there/file") == scratch.read("source/file"))
        let totals = await host.totals()
        #expect(totals.downloaded == 0 && totals.uploaded == 150_000)
        await reader.stop()
        await host.stop()
    }

    @Test("Two hosts do not fetch the same into the same folder; another folder is fine")
    func locked() async throws {
        let scratch = try Scratch()
        try scratch.write("source/file", count: 50_000)
        let created = try await scratch.torrent(of: "source/file")
        // One user, one state folder, two processes.
        let (first, second) = (try await scratch.host("user"), try await scratch.host("user"))
        let (to, elsewhere) = (try scratch.folder("to"), try scratch.folder("elsewhere"))
        _ = try await first.fetch(.torrent(created.torrent), into: to, peers: [], select: [])
        let error = await #expect(throws: TransferLock.LockError.self) {
            try await second.fetch(
                .magnet(created.torrent.magnet()), into: to, peers: [], select: [])
        }
        #expect(error == .taken(directory: to))
        _ = try await second.fetch(.torrent(created.torrent), into: elsewhere, peers: [], select: [])
        await first.stop()
        await second.stop()
    }

    @Test("A pattern that matches nothing is trouble, not an empty success")
    func nothingSelected() async throws {
        let scratch = try Scratch()
        try scratch.write("source/Set/a", count: 20_000)
        try scratch.write("source/Set/b", count: 20_000, seed: 2)
        let created = try await scratch.torrent(of: "source/Set")
        let reader = try await scratch.host("reader")
        let id = try await reader.fetch(
            .torrent(created.torrent), into: try scratch.folder("to"), peers: [], select: ["*.pdf"])
        #expect(
            try await reader.trouble(id) == "nothing to fetch, no file of Set matches *.pdf, "
                + "see its files with `duplex ls` or `duplex inspect`")
        await reader.stop()
        #expect(scratch.list("to").isEmpty)
    }

    @Test("A folder that is not there is told of")
    func noFolder() async throws {
        let scratch = try Scratch()
        try scratch.write("source/file", count: 20_000)
        let created = try await scratch.torrent(of: "source/file")
        let reader = try await scratch.host("reader")
        let id = try await reader.fetch(
            .torrent(created.torrent), into: scratch.path + "/nowhere", peers: [], select: [])
        let message = try await reader.trouble(id)
        #expect(message.contains("\(scratch.path)/nowhere, it is not there"))
        await reader.stop()
    }

    @Test("Content that is not the torrent's is not offered for it")
    func differentContent() async throws {
        let scratch = try Scratch()
        try scratch.write("source/file", count: 100_000)
        let created = try await scratch.torrent(of: "source/file")
        let host = try await scratch.host("host")
        let id = try await host.shareExisting(created.torrent, directory: created.directory, rootName: nil)
        #expect(await host.status(id)?.phase == .complete)
        await host.stop()
        try scratch.write("source/file", count: 100_000, seed: 2)
        let other = try await scratch.host("other")
        await #expect(
            throws: TransferError(
                "cannot share \(scratch.path)/source/file, 7 of 7 pieces differ from the torrent, "
                    + "fetch it with `duplex get` or share it without --torrent")
        ) {
            try await other.shareExisting(created.torrent, directory: created.directory, rootName: nil)
        }
        await other.stop()
    }

    @Test("A host cannot start where another listens, and leaves nothing behind")
    func portInUse() async throws {
        let scratch = try Scratch()
        let port = Scratch.ownPort()
        let first = try await scratch.host("first", port: port)
        let error = await #expect(throws: ListenError.self) { try await scratch.host("second", port: port) }
        #expect(error?.isInUse == true)
        await first.stop()
        let again = try await scratch.host("second", port: port)
        #expect(again.listenAddresses.map(\.port) == [port])
        await again.stop()
    }

    @Test("Hundreds of silent connections keep nobody out, and the oldest of them are closed")
    func silentCrowd() async throws {
        let scratch = try Scratch()
        try scratch.write("source/file", count: 50_000)
        let created = try await scratch.torrent(of: "source/file")
        let (owner, reader) = (try await scratch.host("owner"), try await scratch.host("reader"))
        _ = try await owner.share(created)
        let address = try #require(owner.listenAddresses.first?.socketAddress())
        var crowd: [any Channel] = []
        for _ in 0..<200 {
            crowd.append(
                try await ClientBootstrap(group: NIOSingletons.posixEventLoopGroup).connect(to: address).get())
        }
        let id = try await reader.fetch(
            .torrent(created.torrent), into: try scratch.folder("to"), peers: owner.listenAddresses, select: [])
        try await reader.finished(id)
        while crowd.count(where: \.isActive) > 128 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(crowd.first?.isActive == false)
        #expect(crowd.last?.isActive == true)
        await owner.stop()
        // A stopped host holds no connection open.
        for silent in crowd { try await silent.closeFuture.get() }
        await reader.stop()
    }
}
