import Host
import Metainfo
import Storage
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("When storage fails", .timeLimit(.minutes(1)))
struct TroubleTests {
    @Test("A folder that vanishes pauses its transfer alone; one whose file is blocked goes on when it is free again")
    func pauseAndGoOn() async throws {
        let scratch = try Scratch()
        var torrents: [CreatedTorrent] = []
        for name in ["gone", "blocked", "fine"] {
            try scratch.write("source/\(name)", count: 150_000, seed: UInt64(name.utf8.count))
            torrents.append(try await scratch.torrent(of: "source/\(name)"))
        }
        let (owner, reader) = (try await scratch.host("owner"), try await scratch.host("reader"))
        var ids: [TransferID] = []
        for (number, created) in torrents.enumerated() {
            // Asked of a host that does not have it yet: refused, and tried again soon.
            let id = try await reader.fetch(
                .torrent(created.torrent), into: try scratch.folder("to\(number)"), peers: owner.listenAddresses,
                select: [])
            _ = try await reader.status(id) { $0.phase == .fetching }
            ids.append(id)
        }
        scratch.remove("to0")
        try scratch.folder("to1/blocked")
        for created in torrents { _ = try await owner.share(created) }

        let gone = try await reader.trouble(ids[0])
        #expect(gone.contains("it is not there, put it back or choose another folder"))
        let blocked = try await reader.trouble(ids[1])
        #expect(blocked.contains("\(scratch.path)/to1/blocked, something else is in its place"))
        #expect(await reader.status(ids[1])?.phase == .paused(message: blocked))
        try await reader.finished(ids[2])
        #expect(scratch.read("to2/fine") == scratch.read("source/fine"))

        scratch.remove("to1/blocked")
        let resumed = try await reader.status(ids[1]) { $0.phase == .complete }
        #expect(resumed.done == 150_000)
        #expect(scratch.read("to1/blocked") == scratch.read("source/blocked"))
        await reader.stop()
        await owner.stop()
    }

    @Test("What was fetched and is deleted is served no more, and nobody is sent to it", arguments: [false, true])
    func fetchedAndGone(_ isMoved: Bool) async throws {
        let scratch = try Scratch()
        try scratch.write("source/Set/a", count: 150_000, seed: 1)
        try scratch.write("source/Set/b", count: 150_000, seed: 2)
        let created = try await scratch.torrent(of: "source/Set")
        let (owner, reader) = (try await scratch.host("owner"), try await scratch.host("reader"))
        _ = try await owner.share(created)
        let to = try scratch.folder("to")
        let id = try await reader.fetch(
            .torrent(created.torrent), into: to, peers: owner.listenAddresses, select: [])
        let events = await reader.events(id)
        _ = try await reader.status(id) { $0.phase == .complete }
        await owner.stop()
        if isMoved {
            #expect(rename(to + "/Set", scratch.path + "/away") == 0)
        } else {
            scratch.remove("to/Set")
        }
        var gone: String?
        for await case .gone(let message) in events {
            gone = message
            break
        }
        let message = try #require(gone)
        #expect(message.contains("\(to)/Set was deleted or moved away"))
        #expect(await reader.status(id)?.phase == .paused(message: message))
        let other = try await scratch.host("other")
        let asked = try await other.fetch(
            .torrent(created.torrent), into: try scratch.folder("other"), peers: reader.listenAddresses, select: [])
        _ = try await other.status(asked) { $0.phase == .fetching }
        #expect(await reader.status(id)?.peers == 0)
        await other.stop()
        await reader.end(id)
        if isMoved {
            #expect(rename(scratch.path + "/away", to + "/Set") == 0)
            let again = try #require(try await reader.serve(created.torrent.info.hashes, in: to))
            #expect(await reader.verifiedPieces(again)?.count == created.torrent.info.layout.pieceCount)
        } else {
            await #expect(throws: TransferError.self) {
                try await reader.serve(created.torrent.info.hashes, in: to)
            }
        }
        await reader.stop()
    }

    @Test("What can no longer be read is no longer offered; the rest of the share is")
    func shareDamaged() async throws {
        let scratch = try Scratch()
        try scratch.write("source/Set/a", count: 50_000, seed: 1)
        try scratch.write("source/Set/b", count: 50_000, seed: 2)
        let created = try await scratch.torrent(of: "source/Set", format: .v2)
        let (owner, reader) = (try await scratch.host("owner"), try await scratch.host("reader"))
        let shared = try await owner.share(created)
        scratch.remove("source/Set/a")
        let id = try await reader.fetch(
            .torrent(created.torrent), into: try scratch.folder("to"), peers: owner.listenAddresses, select: [])
        let message = try await owner.trouble(shared)
        #expect(message.contains("source/Set/a, it is not there"))
        let status = try await reader.status(id) { $0.done == 50_000 }
        #expect(status.phase == .fetching)
        #expect(scratch.read("to/Set/b") == scratch.read("source/Set/b"))
        await reader.stop()
        await owner.stop()
    }

    @Test("An end that failed is tried again: the empty file that could not be made")
    func finishAgain() async throws {
        let scratch = try Scratch()
        try scratch.write("source/Set/a", count: 50_000, seed: 1)
        try scratch.write("source/Set/empty", count: 0)
        let created = try await scratch.torrent(of: "source/Set")
        let (owner, reader) = (try await scratch.host("owner"), try await scratch.host("reader"))
        let id = try await reader.fetch(
            .torrent(created.torrent), into: try scratch.folder("to"), peers: owner.listenAddresses, select: [])
        _ = try await reader.status(id) { $0.phase == .fetching }
        try scratch.folder("to/Set/empty")
        _ = try await owner.share(created)
        #expect(try await reader.trouble(id).contains("to/Set/empty"))
        scratch.remove("to/Set/empty")
        try await reader.finished(id)
        #expect(scratch.read("to/Set/empty") == [])
        #expect(await reader.status(id)?.phase == .complete)
        await reader.stop()
        await owner.stop()
    }
}
