import Host
import Metainfo
import PeerWire
import Storage
import Testing

@Suite("Going on after an end", .timeLimit(.minutes(1)))
struct ResumeTests {
    @Test("What is complete is not fetched again, by link and without any peer")
    func complete() async throws {
        let scratch = try Scratch()
        let (created, to) = try await fetchOnce(scratch, select: [])
        let again = try await scratch.host("reader")
        let id = try await again.fetch(
            .magnet(created.torrent.magnet()), into: to, peers: [], select: [])
        #expect(try await again.finished(id).bytes == 120_000)
        #expect(await again.status(id)?.downloaded == 0)
        await again.stop()
    }

    @Test("Asking for more fetches the rest alone")
    func more() async throws {
        let scratch = try Scratch()
        let (created, to) = try await fetchOnce(scratch, select: ["a"])
        #expect(scratch.list("to/Set") == ["a"])
        let owner = try await scratch.host("owner")
        _ = try await owner.share(created)
        let again = try await scratch.host("reader")
        let id = try await again.fetch(
            .torrent(created.torrent), into: to, peers: owner.listenAddresses, select: [])
        try await again.finished(id)
        #expect(scratch.read("to/Set/b") == scratch.read("source/Set/b"))
        let downloaded = try #require(await again.status(id)).downloaded
        #expect(downloaded >= 60_000 && downloaded < 80_000)
        await again.stop()
        await owner.stop()
    }

    @Test("A file that was changed meanwhile is hashed and made good")
    func changed() async throws {
        let scratch = try Scratch()
        let (created, to) = try await fetchOnce(scratch, select: [])
        try scratch.write("to/Set/b", count: 60_000, seed: 99)
        let owner = try await scratch.host("owner")
        _ = try await owner.share(created)
        let again = try await scratch.host("reader")
        let id = try await again.fetch(
            .torrent(created.torrent), into: to, peers: owner.listenAddresses, select: [])
        try await again.finished(id)
        #expect(scratch.read("to/Set/b") == scratch.read("source/Set/b"))
        let downloaded = try #require(await again.status(id)).downloaded
        #expect(downloaded >= 60_000 && downloaded < 80_000)
        await again.stop()
        await owner.stop()
    }

    @Test("Existing content is taken without a record when it is the torrent's")
    func withoutRecord() async throws {
        let scratch = try Scratch()
        try scratch.write("source/file", count: 100_000)
        let created = try await scratch.torrent(of: "source/file")
        let reader = try await scratch.host("reader")
        let id = try await reader.fetch(
            .torrent(created.torrent), into: created.directory, peers: [], select: [])
        #expect(try await reader.finished(id).bytes == 100_000)
        #expect(await reader.status(id)?.downloaded == 0)
        await reader.stop()
    }

    @Test("A host that stops while it looks at files is gone at once and leaves no lock", arguments: [0, 3, 20])
    func stopWhilePreparing(_ milliseconds: Int) async throws {
        let scratch = try Scratch()
        try scratch.write("source/file", count: 6_000_000)
        let created = try await scratch.torrent(of: "source/file", pieceLength: 65536)
        let first = try await scratch.host("reader")
        let id = try await first.fetch(
            .torrent(created.torrent), into: created.directory, peers: [], select: [])
        try await Task.sleep(for: .milliseconds(milliseconds))
        await first.stop()
        let again = try await scratch.host("reader")
        let second = try await again.fetch(
            .torrent(created.torrent), into: created.directory, peers: [], select: [])
        #expect(try await again.finished(second).bytes == 6_000_000)
        await again.stop()
        // The first one is still held on to.
        #expect(await first.status(id) == nil)
    }

    @Test("A link whose description never came leaves no lock either")
    func stopWithoutMetadata() async throws {
        let scratch = try Scratch()
        try scratch.write("source/file", count: 30_000)
        let created = try await scratch.torrent(of: "source/file")
        let to = try scratch.folder("to")
        let first = try await scratch.host("reader")
        _ = try await first.fetch(.magnet(created.torrent.magnet()), into: to, peers: [], select: [])
        await first.stop()
        let again = try await scratch.host("reader")
        let id = try await again.fetch(
            .magnet(created.torrent.magnet()), into: to, peers: [], select: [])
        #expect(await again.status(id)?.phase == .metadata)
        await again.stop()
        await first.stop()
    }

    @Test("A host that was stopped says so, and stopping again does nothing")
    func afterStop() async throws {
        let scratch = try Scratch()
        try scratch.write("source/file", count: 30_000)
        let created = try await scratch.torrent(of: "source/file")
        let host = try await scratch.host("owner")
        let id = try await host.share(created)
        async let first: Void = host.stop()
        async let second: Void = host.stop()
        _ = await (first, second)
        await host.stop()
        #expect(await host.status(id) == nil)
        for await _ in await host.events(id) {}
        await #expect(throws: TransferError("cannot go on, the host was stopped, start another one")) {
            try await host.share(created)
        }
        await #expect(throws: TransferError.self) {
            try await host.fetch(
                .torrent(created.torrent), into: created.directory, peers: [], select: [])
        }
    }

    /// Fetches two files, or some of them, and stops both hosts.
    private func fetchOnce(_ scratch: Scratch, select: [String]) async throws -> (CreatedTorrent, String) {
        try scratch.write("source/Set/a", count: 60_000, seed: 1)
        try scratch.write("source/Set/b", count: 60_000, seed: 2)
        let created = try await scratch.torrent(of: "source/Set", format: .v1)
        let (owner, reader) = (try await scratch.host("owner"), try await scratch.host("reader"))
        _ = try await owner.share(created)
        let to = try scratch.folder("to")
        let id = try await reader.fetch(
            .torrent(created.torrent), into: to, peers: owner.listenAddresses, select: select)
        try await reader.finished(id)
        await reader.stop()
        await owner.stop()
        return (created, to)
    }
}
