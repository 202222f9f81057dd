import Metainfo
@testable import Storage
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("Resume records")
struct ResumeStoreTests {
    let fixture: CreationFixture
    let state: StateDirectory
    let pool = DiskPool(workers: 2)

    init() throws {
        fixture = try CreationFixture()
        state = try StateDirectory(path: fixture.path("state"))
    }

    private func record(_ format: TorrentFormat = .hybrid, wanted: Set<FileIndex>? = nil) async throws -> ResumeRecord {
        try fixture.write("dir/a", count: 40000)
        try fixture.write("dir/b", count: 5000)
        try fixture.write("dir/c", count: 70000)
        let options = CreationOptions(
            format: format, pieceLength: 16384, trackers: [["http://a.example/announce"]],
            webSeeds: ["http://b.example/"])
        let created = try await TorrentCreator.create(path: fixture.path("dir"), options: options, pool: pool)
        let pieces = created.torrent.info.layout.pieceCount
        var verified = Bitfield(count: pieces)
        for piece in 0..<pieces where piece != 1 { verified.insert(piece) }
        return ResumeRecord(
            torrent: created.torrent, directory: created.directory, rootName: created.rootName, wanted: wanted,
            stamps: created.stamps, verified: verified.bytes, downloaded: 12345, uploaded: 67890, isClean: true)
    }

    private func load(_ record: ResumeRecord, hashes: InfoHashes? = nil) -> ResumeRecord? {
        let found = ResumeStore(state).load(hashes: hashes ?? record.torrent.info.hashes, directory: fixture.path)
        guard case .record(let record) = found else { return nil }
        return record
    }

    @Test("What was saved comes back, in every format", arguments: TorrentFormat.allCases)
    func roundTrip(format: TorrentFormat) async throws {
        let record = try await record(format, wanted: [FileIndex(0), FileIndex(2)])
        try ResumeStore(state).save(record)
        let found = try #require(load(record))
        #expect(found.torrent.info.encoded == record.torrent.info.encoded)
        #expect(found.torrent.pieceLayers == record.torrent.pieceLayers)
        #expect(found.torrent.trackers == record.torrent.trackers)
        #expect(found.torrent.webSeeds == record.torrent.webSeeds)
        #expect(found.directory == record.directory)
        #expect(found.rootName == "dir")
        #expect(found.wanted == record.wanted)
        #expect(found.stamps == record.stamps)
        #expect(found.verified == record.verified)
        #expect(found.downloaded == 12345)
        #expect(found.uploaded == 67890)
        #expect(found.isClean)
    }

    @Test("A hybrid is found by either of its hashes, and in its own folder only")
    func partialHashes() async throws {
        let record = try await record()
        try ResumeStore(state).save(record)
        let hashes = record.torrent.info.hashes
        #expect(load(record, hashes: InfoHashes(v1: hashes.v1, v2: nil)) != nil)
        #expect(load(record, hashes: InfoHashes(v1: nil, v2: hashes.v2)) != nil)
        let other = InfoHashV1([UInt8](repeating: 1, count: 20))
        #expect(load(record, hashes: InfoHashes(v1: other, v2: hashes.v2)) == nil)
        guard case .absent = ResumeStore(state).load(hashes: hashes, directory: fixture.path("dir")) else {
            Issue.record("found in another folder")
            return
        }
        ResumeStore(state).remove(hashes: hashes, directory: fixture.path)
        #expect(load(record) == nil)
    }

    @Test("Saving again replaces the record; the torrent is written again only when more of it is known")
    func savingAgain() async throws {
        var record = try await record()
        let complete = record.torrent.pieceLayers
        record.torrent.pieceLayers = PieceLayers()
        let store = ResumeStore(state)
        try store.save(record)
        let torrentFile = try #require(StateDirectory.names(in: state.transfers).first { $0.hasSuffix(".torrent") })
        let before = try #require(FileStamp(path: state.transfers + "/" + torrentFile))
        record.downloaded = 99999
        try store.save(record)
        #expect(FileStamp(path: state.transfers + "/" + torrentFile) == before)
        #expect(load(record)?.downloaded == 99999)
        record.torrent.pieceLayers = complete
        try store.save(record)
        #expect(load(record)?.torrent.pieceLayers == complete)
        #expect(!StateDirectory.names(in: state.transfers).contains(where: DurableFile.isTemporary))
    }

    @Test("A record cut at any byte, or with any byte changed, is never used and never traps")
    func damage() async throws {
        let record = try await record()
        let store = ResumeStore(state)
        try store.save(record)
        let name = try #require(StateDirectory.names(in: state.transfers).first { $0.hasSuffix(".resume") })
        let whole = CreationFixture.read(state.transfers + "/" + name)
        for length in whole.indices {
            try fixture.write("state/transfers/" + name, bytes: Array(whole[..<length]))
            #expect(load(record) == nil)
            var changed = whole
            changed[length] ^= 0x11
            try fixture.write("state/transfers/" + name, bytes: changed)
            #expect(load(record) == nil)
        }
        guard case .unusable = store.load(hashes: record.torrent.info.hashes, directory: fixture.path) else {
            Issue.record("a damaged record is not reported")
            return
        }
        try fixture.write("state/transfers/" + name, bytes: whole)
        #expect(load(record) != nil)
    }

    @Test("The decoder behind the checksum survives damage as well")
    func damageBehindChecksum() async throws {
        let record = try await record(.v1, wanted: [FileIndex(1)])
        let whole = record.encodedState()
        #expect(ResumeRecord(decodingState: whole, torrent: record.torrent) != nil)
        for length in whole.indices {
            #expect(ResumeRecord(decodingState: Array(whole[..<length]), torrent: record.torrent) == nil)
            for flip: UInt8 in [0x01, 0x10, 0x80] {
                var changed = whole
                changed[length] ^= flip
                guard let survivor = ResumeRecord(decodingState: changed, torrent: record.torrent) else { continue }
                #expect(survivor.stamps.count == record.stamps.count)
                #expect(survivor.verified.count == record.verified.count)
                _ = survivor.trustedPieces(stamps: record.stamps)
            }
        }
    }

    @Test("A damaged torrent beside the record makes it unusable, never a trap")
    func damagedTorrent() async throws {
        let record = try await record()
        try ResumeStore(state).save(record)
        let name = try #require(StateDirectory.names(in: state.transfers).first { $0.hasSuffix(".torrent") })
        let whole = CreationFixture.read(state.transfers + "/" + name)
        for length in stride(from: 0, to: whole.count, by: 7) {
            try fixture.write("state/transfers/" + name, bytes: Array(whole[..<length]))
            #expect(load(record) == nil)
        }
    }

    @Test("Two holders of one transfer are refused, also while only one hash of a hybrid is known")
    func locks() async throws {
        let hashes = try await record().torrent.info.hashes
        let onlyV1 = try #require(InfoHashes(v1: hashes.v1, v2: nil))
        let onlyV2 = try #require(InfoHashes(v1: nil, v2: hashes.v2))
        var first: TransferLock? = try TransferLock(state, hashes: onlyV1, directory: fixture.path)
        #expect(throws: TransferLock.LockError.taken(directory: fixture.path("dir/.."))) {
            _ = try TransferLock(state, hashes: hashes, directory: fixture.path("dir/.."))
        }
        let second = try TransferLock(state, hashes: onlyV2, directory: fixture.path)
        #expect(throws: TransferLock.LockError.self) { try first?.add(hashes) }
        _ = try TransferLock(state, hashes: onlyV1, directory: fixture.path("dir"))
        first = nil
        try second.add(hashes)
        #expect(throws: TransferLock.LockError.self) {
            _ = try TransferLock(state, hashes: onlyV1, directory: fixture.path)
        }
    }

    @Test("The state directory is the user's alone and where XDG says")
    func stateDirectory() throws {
        var status = stat()
        #expect(stat(state.path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o700)
        #expect(try StateDirectory(path: fixture.path("deep/er/state")).path == fixture.path("deep/er/state"))
        let environment = ["XDG_STATE_HOME": "/x/state", "HOME": "/home/u"]
        #expect(try StateDirectory.resolve(option: "here") { environment[$0] } == "here")
        #expect(try StateDirectory.resolve(option: nil) { environment[$0] } == "/x/state/duplex")
        #if os(Linux)
            #expect(try StateDirectory.resolve(option: nil) { $0 == "HOME" ? "/h" : nil } == "/h/.local/state/duplex")
            #expect(
                try StateDirectory.resolve(option: nil) { ["XDG_STATE_HOME": "rel", "HOME": "/h"][$0] }
                    == "/h/.local/state/duplex")
        #endif
        try fixture.write("file", count: 1)
        #expect(throws: StorageError.self) { try StateDirectory(path: fixture.path("file")) }
        #expect(throws: StorageError.self) { try StateDirectory(path: fixture.path("file/state")) }
    }

    @Test("What an interrupted write left is removed later")
    func staleFiles() throws {
        try fixture.write("state/transfers/x.resume.new-1-1", count: 1, age: 7200)
        try fixture.write("state/transfers/x.resume.new-2-1", count: 1, age: 5)
        try fixture.write("state/transfers/x.resume", count: 1, age: 7200)
        let state = try StateDirectory(path: fixture.path("state"))
        let names = StateDirectory.names(in: state.transfers).filter { $0.hasPrefix("x") }
        #expect(names.sorted() == ["x.resume", "x.resume.new-2-1"])
    }
}
