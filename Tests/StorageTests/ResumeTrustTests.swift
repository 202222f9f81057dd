import Metainfo
@testable import Storage
import Testing

@Suite("What a resume record still proves")
struct ResumeTrustTests {
    /// Three files a, b, c of 40000, 5000 and 70000 bytes with 16 KiB pieces. v1: pieces 0...7, of which a has 0...2,
    /// b only 2, c 2...7. Hybrid: a 0...2, b 3, c 4...8.
    private func record(_ format: TorrentFormat, missing: Int, wanted: Set<FileIndex>? = nil) async throws
        -> ResumeRecord
    {
        let fixture = try CreationFixture()
        try fixture.write("dir/a", count: 40000)
        try fixture.write("dir/b", count: 5000)
        try fixture.write("dir/c", count: 70000)
        let created = try await TorrentCreator.create(
            path: fixture.path("dir"), options: CreationOptions(format: format, pieceLength: 16384),
            pool: DiskPool(workers: 1))
        let pieces = created.torrent.info.layout.pieceCount
        var verified = Bitfield(count: pieces)
        for piece in 0..<pieces where piece != missing { verified.insert(piece) }
        return ResumeRecord(
            torrent: created.torrent, directory: created.directory, rootName: created.rootName, wanted: wanted,
            stamps: created.stamps, verified: verified.bytes)
    }

    private func trusted(_ trust: ResumeTrust, of record: ResumeRecord) -> [Int] {
        Bitfield(bytes: trust.trusted, count: record.torrent.info.layout.pieceCount).members
    }

    private func touched(_ stamp: FileStamp?) -> FileStamp? {
        stamp.map { FileStamp(size: $0.size, modified: $0.modified + 1, inode: $0.inode) }
    }

    @Test("Unchanged files: everything recorded is trusted, nothing is hashed")
    func unchanged() async throws {
        let record = try await record(.v1, missing: 4)
        let trust = record.trustedPieces(stamps: record.stamps)
        #expect(trusted(trust, of: record) == [0, 1, 2, 3, 5, 6, 7])
        #expect(trust.piecesToCheck.isEmpty)
        #expect(trust.changedFiles.isEmpty)
        #expect(trust.missingFiles.isEmpty)
    }

    @Test("A changed file: all its pieces are hashed, also those not recorded; others stay trusted")
    func changed() async throws {
        let record = try await record(.hybrid, missing: 1)
        var stamps = record.stamps
        stamps[0] = touched(stamps[0])
        let trust = record.trustedPieces(stamps: stamps)
        #expect(trusted(trust, of: record) == [3, 4, 5, 6, 7, 8])
        #expect(trust.piecesToCheck.map(\.rawValue) == [0, 1, 2])
        #expect(trust.changedFiles == [FileIndex(0)])
    }

    @Test("v1: a changed file takes the pieces it shares with its neighbours along")
    func changedV1() async throws {
        let record = try await record(.v1, missing: 7)
        var stamps = record.stamps
        stamps[1] = touched(stamps[1])
        let trust = record.trustedPieces(stamps: stamps)
        #expect(trusted(trust, of: record) == [0, 1, 3, 4, 5, 6])
        #expect(trust.piecesToCheck.map(\.rawValue) == [2])
    }

    @Test("A removed file: its pieces are gone and there is nothing to hash")
    func removed() async throws {
        let record = try await record(.v1, missing: 7)
        var stamps = record.stamps
        stamps[0] = nil
        let trust = record.trustedPieces(stamps: stamps)
        #expect(trusted(trust, of: record) == [3, 4, 5, 6])
        #expect(trust.piecesToCheck.isEmpty)
        #expect(trust.missingFiles == [FileIndex(0)])
        // A piece that a removed file shares with a changed one cannot be whole.
        stamps[2] = touched(stamps[2])
        #expect(record.trustedPieces(stamps: stamps).piecesToCheck.map(\.rawValue) == [3, 4, 5, 6, 7])
    }

    @Test("A file that was not there when the record was written is hashed")
    func appeared() async throws {
        var record = try await record(.hybrid, missing: 3)
        let now = record.stamps
        record.stamps[0] = nil
        record.verified = Bitfield(count: record.torrent.info.layout.pieceCount).bytes
        let trust = record.trustedPieces(stamps: now)
        #expect(trust.piecesToCheck.map(\.rawValue) == [0, 1, 2])
        #expect(trusted(trust, of: record).isEmpty)
    }

    @Test("Parts of files nobody asked for count as long as the side file is unchanged")
    func spill() async throws {
        let onlyA: Set<FileIndex> = [FileIndex(0)]
        var record = try await record(.v1, missing: 7, wanted: onlyA)
        record.stamps[1] = nil
        record.stamps[2] = nil
        record.verified = Bitfield(bytes: [0b1110_0000], count: 8).bytes
        let spill = FileStamp(size: 1, modified: 2, inode: 3)
        record.spillStamp = spill
        let same = record.trustedPieces(stamps: record.stamps, spill: spill, wanted: onlyA)
        #expect(trusted(same, of: record) == [0, 1, 2])
        #expect(same.missingFiles.isEmpty)
        let gone = record.trustedPieces(stamps: record.stamps, spill: nil, wanted: onlyA)
        #expect(trusted(gone, of: record) == [0, 1])
        let touched = record.trustedPieces(stamps: record.stamps, spill: touched(spill), wanted: onlyA)
        #expect(trusted(touched, of: record) == [0, 1])
        #expect(touched.piecesToCheck.map(\.rawValue).prefix(1) == [2])
        // Asked for now: what the side file has is not where the store will look.
        let more = record.trustedPieces(stamps: record.stamps, spill: spill, wanted: nil)
        #expect(trusted(more, of: record) == [0, 1])
        #expect(more.missingFiles == [FileIndex(1), FileIndex(2)])
    }

    @Test("Lists of the wrong length are no trap and prove nothing")
    func wrongLengths() async throws {
        var record = try await record(.v1, missing: 7)
        #expect(trusted(record.trustedPieces(stamps: []), of: record).isEmpty)
        record.stamps = []
        record.verified = [0xFF, 0xFF, 0xFF]
        #expect(trusted(record.trustedPieces(stamps: record.stamps), of: record).isEmpty)
    }
}
