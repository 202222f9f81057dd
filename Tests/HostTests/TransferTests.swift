import Host
import Metainfo
import PeerWire
import Storage
import Testing

@Suite("One host fetches from another", .timeLimit(.minutes(1)))
struct TransferTests {
    enum Way: CaseIterable, Sendable { case torrent, magnet }

    @Test(
        "A folder with small files, an empty one and an executable one", arguments: TorrentFormat.allCases, Way.allCases
    )
    func folder(_ format: TorrentFormat, _ way: Way) async throws {
        let scratch = try Scratch()
        try scratch.write("source/Lectures/a/one.pdf", count: 100_001, seed: 1)
        try scratch.write("source/Lectures/a/two.txt", count: 17, seed: 2)
        try scratch.write("source/Lectures/b/run", count: 40_000, seed: 3, isExecutable: true)
        try scratch.write("source/Lectures/b/empty", count: 0)
        try scratch.write("source/Lectures/ümlaut ☃", count: 16_384, seed: 4)
        let created = try await scratch.torrent(of: "source/Lectures", format: format)
        let (owner, reader) = (try await scratch.host("owner"), try await scratch.host("reader"))
        let shared = try await owner.share(created)
        let to = try scratch.folder("to")
        let id = try await reader.fetch(
            source(created, way), into: to, peers: owner.listenAddresses, select: [])
        let result = try await reader.finished(id)
        #expect(result.path == to + "/Lectures")
        #expect(result.bytes == 156_402)
        for file in ["a/one.pdf", "a/two.txt", "b/run", "b/empty", "ümlaut ☃"] {
            #expect(scratch.read("to/Lectures/\(file)") == scratch.read("source/Lectures/\(file)"), "\(file)")
        }
        #expect(scratch.isExecutable("to/Lectures/b/run"))
        #expect(!scratch.isExecutable("to/Lectures/a/two.txt"))
        #expect(scratch.list("to") == ["Lectures"])
        let status = try #require(await reader.status(id))
        #expect(status.phase == .complete)
        #expect(status.done == 156_402 && status.total == 156_402)
        #expect(status.downloaded >= 156_402)
        #expect(await owner.status(shared)?.phase == .complete)
        await reader.stop()
        await owner.stop()
    }

    @Test("A single file", arguments: TorrentFormat.allCases, Way.allCases)
    func singleFile(_ format: TorrentFormat, _ way: Way) async throws {
        let scratch = try Scratch()
        try scratch.write("source/film.mkv", count: 200_000)
        let created = try await scratch.torrent(of: "source/film.mkv", format: format)
        let (owner, reader) = (try await scratch.host("owner"), try await scratch.host("reader"))
        _ = try await owner.share(created)
        let to = try scratch.folder("to")
        let id = try await reader.fetch(
            source(created, way), into: to, peers: owner.listenAddresses, select: [])
        #expect(try await reader.finished(id).bytes == 200_000)
        #expect(scratch.read("to/film.mkv") == scratch.read("source/film.mkv"))
        #expect(scratch.list("to") == ["film.mkv"])
        await reader.stop()
        await owner.stop()
    }

    @Test("A link with the address in it is enough")
    func linkWithPeers() async throws {
        let scratch = try Scratch()
        try scratch.write("source/file", count: 50_000)
        let created = try await scratch.torrent(of: "source/file")
        let (owner, reader) = (try await scratch.host("owner"), try await scratch.host("reader"))
        _ = try await owner.share(created)
        let link = created.torrent.magnet(peers: owner.listenAddresses.map(\.description))
        let parsed = try MagnetLink(parsing: link.description)
        let id = try await reader.fetch(
            .magnet(parsed), into: try scratch.folder("to"), peers: [], select: [])
        try await reader.finished(id)
        #expect(scratch.read("to/file") == scratch.read("source/file"))
        await reader.stop()
        await owner.stop()
    }

    @Test("Over IPv6")
    func ipv6() async throws {
        let scratch = try Scratch()
        try scratch.write("source/file", count: 50_000)
        let created = try await scratch.torrent(of: "source/file")
        let owner = try await scratch.host("owner", at: "::1")
        let reader = try await scratch.host("reader", at: "::1")
        #expect(owner.listenAddresses.map(\.ipText) == ["::1"])
        _ = try await owner.share(created)
        let id = try await reader.fetch(
            .torrent(created.torrent), into: try scratch.folder("to"), peers: owner.listenAddresses, select: [])
        try await reader.finished(id)
        #expect(scratch.read("to/file") == scratch.read("source/file"))
        await reader.stop()
        await owner.stop()
    }

    @Test("A third host gets everything from the second when the first is gone")
    func thirdFromSecond() async throws {
        let scratch = try Scratch()
        try scratch.write("source/file", count: 150_000)
        let created = try await scratch.torrent(of: "source/file")
        let owner = try await scratch.host("owner")
        let second = try await scratch.host("second")
        _ = try await owner.share(created)
        let fetched = try await second.fetch(
            .torrent(created.torrent), into: try scratch.folder("second"), peers: owner.listenAddresses, select: [])
        try await second.finished(fetched)
        await owner.stop()
        let third = try await scratch.host("third")
        let id = try await third.fetch(
            .magnet(created.torrent.magnet()), into: try scratch.folder("third"), peers: second.listenAddresses,
            select: [])
        try await third.finished(id)
        #expect(scratch.read("third/file") == scratch.read("source/file"))
        let served = try await second.status(fetched) { $0.uploaded >= 150_000 }
        #expect(served.phase == .complete)
        await third.stop()
        await second.stop()
    }

    @Test("Twenty torrents over one listener, fetched at the same time")
    func many() async throws {
        let scratch = try Scratch()
        let (owner, reader) = (try await scratch.host("owner"), try await scratch.host("reader"))
        var ids: [TransferID] = []
        for number in 0..<20 {
            try scratch.write("source/file\(number)", count: 20_000 + number, seed: UInt64(number + 1))
            let created = try await scratch.torrent(
                of: "source/file\(number)", format: TorrentFormat.allCases[number % 3])
            _ = try await owner.share(created)
            ids.append(
                try await reader.fetch(
                    source(created, number.isMultiple(of: 2) ? .magnet : .torrent), into: try scratch.folder("to"),
                    peers: owner.listenAddresses, select: []))
        }
        for id in ids { try await reader.finished(id) }
        for number in 0..<20 {
            #expect(scratch.read("to/file\(number)") == scratch.read("source/file\(number)"))
        }
        await reader.stop()
        await owner.stop()
    }

    // MARK: Selection

    @Test(
        "Only what the patterns name is fetched, and nothing else is left in the folder",
        arguments: TorrentFormat.allCases)
    func patterns(_ format: TorrentFormat) async throws {
        let scratch = try Scratch()
        try scratch.write("source/Lectures/one.pdf", count: 30_000, seed: 1)
        try scratch.write("source/Lectures/two.mp4", count: 90_000, seed: 2)
        try scratch.write("source/Lectures/week/three.pdf", count: 5_000, seed: 3)
        let created = try await scratch.torrent(of: "source/Lectures", format: format)
        let (owner, reader) = (try await scratch.host("owner"), try await scratch.host("reader"))
        _ = try await owner.share(created)
        let id = try await reader.fetch(
            .magnet(created.torrent.magnet()), into: try scratch.folder("to"), peers: owner.listenAddresses,
            select: ["*.pdf"])
        #expect(try await reader.finished(id).bytes == 35_000)
        #expect(scratch.read("to/Lectures/one.pdf") == scratch.read("source/Lectures/one.pdf"))
        #expect(scratch.read("to/Lectures/week/three.pdf") == scratch.read("source/Lectures/week/three.pdf"))
        #expect(scratch.list("to/Lectures") == ["one.pdf", "week"])
        let status = try #require(await reader.status(id))
        #expect(status.done == 35_000 && status.total == 35_000)
        await reader.stop()
        await owner.stop()
    }

    @Test("A link may select files by number")
    func numbers() async throws {
        let scratch = try Scratch()
        for number in 0..<3 { try scratch.write("source/Set/\(number)", count: 20_000, seed: UInt64(number + 1)) }
        let created = try await scratch.torrent(of: "source/Set")
        let (owner, reader) = (try await scratch.host("owner"), try await scratch.host("reader"))
        _ = try await owner.share(created)
        var link = created.torrent.magnet()
        link.selectedFiles = [1...1]
        let id = try await reader.fetch(
            .magnet(link), into: try scratch.folder("to"), peers: owner.listenAddresses, select: [])
        try await reader.finished(id)
        #expect(scratch.list("to/Set") == ["1"])
        #expect(scratch.read("to/Set/1") == scratch.read("source/Set/1"))
        await reader.stop()
        await owner.stop()
    }

    private func source(_ created: CreatedTorrent, _ way: Way) -> FetchSource {
        way == .torrent ? .torrent(created.torrent) : .magnet(created.torrent.magnet())
    }
}
