import Metainfo
@testable import Storage
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("Sharing a folder again")
struct ResumeShareCacheTests {
    let fixture: CreationFixture
    let cache: ShareCache
    let pool = DiskPool(workers: 2)

    init() throws {
        fixture = try CreationFixture()
        cache = ShareCache(try StateDirectory(path: fixture.path("state")))
        try fixture.write("dir/a", count: 200_000)
        try fixture.write("dir/b", count: 30_000)
        try fixture.write("dir/c/d", count: 5_000)
    }

    private func options(_ format: TorrentFormat) -> CreationOptions {
        CreationOptions(format: format, pieceLength: 32768)
    }

    private func share(_ format: TorrentFormat) async throws -> CreatedTorrent {
        let created = try await cache.create(path: fixture.path("dir"), options: options(format), pool: pool)
        cache.save(created)
        return created
    }

    private func fresh(_ format: TorrentFormat) async throws -> CreatedTorrent {
        try await TorrentCreator.create(path: fixture.path("dir"), options: options(format), pool: pool)
    }

    @Test("Unchanged: nothing is read and the torrent is the same", arguments: TorrentFormat.allCases)
    func unchanged(format: TorrentFormat) async throws {
        let first = try await share(format)
        #expect(first.hashedBytes == 235_000)
        let second = try await share(format)
        #expect(second.hashedBytes == 0)
        #expect(second.torrent.encoded() == first.torrent.encoded())
        #expect(second.stamps == first.stamps)
        #expect(second.directory == first.directory)
        #expect(second.rootName == "dir")
    }

    @Test("A changed, a new and a removed file: only what is new is read, where files are independent")
    func partlyChanged() async throws {
        for format in TorrentFormat.allCases {
            try fixture.write("dir/b", count: 30_000)
            _ = try await share(format)
            try fixture.write("dir/b", bytes: [UInt8](repeating: 7, count: 30_000), age: 30)
            try fixture.write("dir/a0", count: 100)
            let again = try await share(format)
            #expect(again.hashedBytes == (format == .v1 ? 235_100 : 30_100))
            let fresh = try await fresh(format)
            #expect(again.torrent.encoded() == fresh.torrent.encoded())
            #expect(again.stamps == fresh.stamps)
            unlink(fixture.path("dir/a0"))
            let removed = try await share(format)
            #expect(removed.hashedBytes == (format == .v1 ? 235_000 : 0))
            #expect(try await removed.torrent.encoded() == self.fresh(format).torrent.encoded())
            #expect(try await share(format).hashedBytes == 0)
        }
    }

    @Test("What only opening tells not to be readable costs no hashing, and is there as soon as it may be read")
    func refused() async throws {
        var cache = cache
        func share() async throws -> CreatedTorrent {
            let created = try await cache.create(path: fixture.path("dir"), options: options(.hybrid), pool: pool)
            cache.save(created)
            return created
        }
        cache.opening = fixture.opening(except: ["dir/b": EACCES])
        let first = try await share()
        #expect(first.hashedBytes == 205_000 && first.omitted == [OmittedEntry(path: "b", reason: .notPermitted)])
        let second = try await share()
        #expect(second.hashedBytes == 0 && second.omitted == first.omitted)
        #expect(second.torrent.encoded() == first.torrent.encoded())
        cache.opening = FolderScan.openContent
        let third = try await share()
        #expect(third.hashedBytes == 30_000 && third.omitted.isEmpty)
        #expect(try await third.torrent.encoded() == fresh(.hybrid).torrent.encoded())
    }

    @Test("Files come and go in many places, and the others keep their hashes")
    func mixed() async throws {
        for number in 0..<40 { try fixture.write("dir/c/\(number)", count: 1000 + number) }
        _ = try await share(.hybrid)
        for number in stride(from: 0, to: 40, by: 7) { unlink(fixture.path("dir/c/\(number)")) }
        for number in stride(from: 3, to: 40, by: 5) { try fixture.write("dir/c/\(number)+", count: 10) }
        rename(fixture.path("dir/c/38"), fixture.path("dir/0"))
        let again = try await share(.hybrid)
        #expect(again.hashedBytes == 80 + 1038)
        #expect(try await again.torrent.encoded() == fresh(.hybrid).torrent.encoded())
    }

    @Test("A name whose accent is written another way is another name")
    func spelling() async throws {
        try fixture.write("dir/caf\u{E9}", count: 100)
        _ = try await share(.hybrid)
        rename(fixture.path("dir/caf\u{E9}"), fixture.path("dir/cafe\u{301}"))
        let again = try await share(.hybrid)
        #expect(try await again.torrent.encoded() == fresh(.hybrid).torrent.encoded())
    }

    @Test("What the last call returned saves reading the record, for the same options alone")
    func atHand() async throws {
        let first = try await cache.create(path: fixture.path("dir"), options: options(.hybrid), pool: pool)
        try fixture.write("dir/b", bytes: [UInt8](repeating: 7, count: 30_000), age: 30)
        func again(_ format: TorrentFormat) async throws -> CreatedTorrent {
            try await cache.create(path: fixture.path("dir"), options: options(format), after: first, pool: pool)
        }
        #expect(try await again(.hybrid).hashedBytes == 30_000)
        #expect(try await again(.hybrid).torrent.encoded() == fresh(.hybrid).torrent.encoded())
        #expect(try await again(.v2).hashedBytes == 235_000)
    }

    @Test("A changed executable bit changes the torrent without reading anything")
    func executableBit() async throws {
        _ = try await share(.hybrid)
        chmod(fixture.path("dir/a"), 0o755)
        let again = try await share(.hybrid)
        #expect(again.hashedBytes == 0)
        #expect(again.torrent.info.files[0].isExecutable)
        #expect(try await again.torrent.encoded() == fresh(.hybrid).torrent.encoded())
    }

    @Test("Each way to make a torrent is remembered by itself")
    func options() async throws {
        _ = try await share(.hybrid)
        let v2 = try await share(.v2)
        #expect(v2.hashedBytes == 235_000)
        var other = options(.hybrid)
        other.trackers = [["http://t.example/announce"]]
        let tracked = try await cache.create(path: fixture.path("dir"), options: other, pool: pool)
        #expect(tracked.torrent.trackers == other.trackers)
        #expect(try await share(.hybrid).hashedBytes == 0)
    }

    @Test("A file written just before the scan is not trusted, its stamp may not tell of the next write")
    func unsettled() async throws {
        try fixture.write("dir/b", count: 30_000, age: 0)
        fixture.setAge("dir/b", -1)
        _ = try await share(.v2)
        #expect(try await share(.v2).hashedBytes == 30_000)
    }

    @Test("A damaged memory is as good as none")
    func damaged() async throws {
        _ = try await share(.hybrid)
        let shares = fixture.path("state/shares")
        let name = try #require(StateDirectory.names(in: shares).first { $0.hasSuffix(".share") })
        let whole = CreationFixture.read(shares + "/" + name)
        for position in stride(from: 0, to: whole.count, by: whole.count / 13) {
            var changed = whole
            changed[position] ^= 1
            try fixture.write("state/shares/" + name, bytes: changed)
            #expect(try await share(.hybrid).hashedBytes == 235_000)
        }
        let record = try #require(ShareRecord(decoding: Array(whole.dropLast(32))))
        #expect(ShareRecord(decoding: record.encoded()) != nil)
        for length in stride(from: 0, to: whole.count - 32, by: 3) {
            #expect(ShareRecord(decoding: Array(whole[..<length])) == nil)
        }
    }
}
