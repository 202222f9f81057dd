import Metainfo
import TestSupport
import Testing

@testable import Storage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Folders that are new to a follower come with one rename.
struct VersionFolderTests {
    private static func bytes(_ count: Int, _ seed: UInt64) -> [UInt8] { ContentFixture.bytes(count, seed: seed) }

    private static let first: VersionFixture.Tree = [
        "a": bytes(10, 1), "b/c": bytes(40_000, 2), "b/d/e": bytes(10, 3), "b/d/run.sh": bytes(10, 4), "empty": [],
        "z/one": bytes(10, 5), "z/two": bytes(10, 5),
    ]

    /// A follower who has nothing yet, and a version that is whole in its staging folder.
    private static func fetched(_ format: TorrentFormat = .v2) async throws -> (VersionFixture, [FileStamp?]) {
        let fixture = try VersionFixture(["a": [1]], first, format: format)
        FolderTree.remove(fixture.folder.path("share"))
        return (fixture, try await fixture.stage())
    }

    private static func inode(_ path: String) -> UInt64? {
        var status = stat()
        return lstat(path, &status) == 0 ? UInt64(status.st_ino) : nil
    }

    @Test(arguments: TorrentFormat.allCases)
    func whereNothingIsTheShareComesAsAWhole(format: TorrentFormat) async throws {
        let (fixture, stamps) = try await Self.fetched(format)
        let staged = Self.inode(fixture.staging.path + "/share")
        let version = try VersionSwitch.begin(fixture.staging, replacing: nil, stamps: stamps)
        var steps = 0
        let result = try version.run { () throws(StorageError) in steps += 1 }
        #expect(steps == 1)
        #expect(staged != nil && staged == Self.inode(fixture.folder.path("share")))
        #expect(result.kept.isEmpty && result.removed.isEmpty)
        #expect(
            result.stamps
                == ResumeRecord.stamps(of: fixture.new.info, directory: fixture.folder.path, rootName: "share"))
        #expect(try version.run() == result)
        try version.finish()
        fixture.expectNewVersion(keeping: [:])
        #expect(access(fixture.folder.path("share/b/d/run.sh"), X_OK) == 0)
    }

    @Test(arguments: 0...1)
    func killedBeforeOrAfterTheOneRenameItIsFinished(steps: Int) async throws {
        let (fixture, stamps) = try await Self.fetched()
        let version = try VersionSwitch.begin(fixture.staging, replacing: nil, stamps: stamps)
        _ = try? version.run(step: Killing(after: steps).step)
        #expect(Self.inode(fixture.folder.path("share")) != nil || steps == 0)
        let again = try #require(try VersionSwitch.unfinished(in: fixture.folder.path).first)
        let result = try again.run()
        #expect(
            result.stamps
                == ResumeRecord.stamps(of: fixture.new.info, directory: fixture.folder.path, rootName: "share"))
        try again.finish()
        fixture.expectNewVersion(keeping: [:])
    }

    /// What its user does with it from the rename on is the user's.
    @Test func whatIsChangedAfterTheRenameStays() async throws {
        let (fixture, stamps) = try await Self.fetched()
        _ = try VersionSwitch.begin(fixture.staging, replacing: nil, stamps: stamps).run()
        try fixture.folder.write("share/b/c", bytes: [9])
        #expect(unlink(fixture.folder.path("share/z/one")) == 0)
        let again = try #require(try VersionSwitch.unfinished(in: fixture.folder.path).first)
        #expect(try again.run().kept.isEmpty)
        try again.finish()
        #expect(fixture.found()["share/b/c"] == [9])
        #expect(fixture.found()["share/z/one"] == nil)
    }

    @Test func aFolderThatIsMadeAtTheLastMomentIsNotReplaced() async throws {
        let (fixture, stamps) = try await Self.fetched()
        let version = try VersionSwitch.begin(fixture.staging, replacing: nil, stamps: stamps)
        let folder = fixture.folder
        var steps = 0
        let result = try version.run { () throws(StorageError) in
            steps += 1
            guard steps == 1 else { return }
            do {
                try folder.write("share/mine", bytes: [7])
                try folder.write("share/a", bytes: [8])
            } catch {
                Issue.record(error)
            }
        }
        #expect(steps > 1)
        #expect(result.kept.map(\.path) == ["share/a"])
        try version.finish()
        var users: VersionFixture.Tree = ["share/mine": [7]]
        for kept in result.kept { users[kept.keptPath] = [8] }
        fixture.expectNewVersion(keeping: users)
    }

    /// Such as what a kill has left of a copy.
    @Test func whatDoesNotBelongToTheVersionDoesNotComeAlong() async throws {
        let (fixture, stamps) = try await Self.fetched()
        try fixture.folder.write(".duplex-next-\(fixture.staging.name.suffix(8))/share/b/d/e.duplex-part", bytes: [6])
        let version = try VersionSwitch.begin(fixture.staging, replacing: nil, stamps: stamps)
        let others = Self.inode(fixture.staging.path + "/share/z")
        _ = try version.run()
        #expect(others != nil && others == Self.inode(fixture.folder.path("share/z")))
        try version.finish()
        fixture.expectNewVersion(keeping: [:])
    }

    @Test func onlyFoldersThatAreNewComeAsAWhole() async throws {
        let old: VersionFixture.Tree = ["b/c": Self.bytes(40_000, 2), "b/d": Self.bytes(10, 8), "b/gone/x": [1]]
        let fixture = try VersionFixture(old, Self.first)
        let stamps = try await fixture.stage()
        let (kept, new) = (Self.inode(fixture.folder.path("share/b")), Self.inode(fixture.staging.path + "/share/b/d"))
        let version = try VersionSwitch.begin(fixture.staging, replacing: fixture.source, stamps: stamps)
        let result = try version.run()
        #expect(kept != nil && kept == Self.inode(fixture.folder.path("share/b")))
        #expect(new != nil && new == Self.inode(fixture.folder.path("share/b/d")))
        #expect(result.kept.isEmpty)
        #expect(result.removed == ["b/d", "b/gone/x"])
        try version.finish()
        fixture.expectNewVersion(keeping: [:])
    }

    /// After a run that was cut short the staging folder can hold what was in the place of new files. That is never put
    /// back, though its folder is missing now.
    @Test func whatAnEarlierRunTookOutIsNotPutBack() async throws {
        let old: VersionFixture.Tree = ["b/c": [1], "b/d": [2]]
        let fixture = try VersionFixture(old, ["b/c": [3], "b/d": [4]])
        let stamps = try await fixture.stage()
        let version = try VersionSwitch.begin(fixture.staging, replacing: fixture.source, stamps: stamps)
        _ = try? version.run(step: Killing(after: 1).step)
        #expect(fixture.found()["share/b/c"] == [3])
        #expect(rename(fixture.folder.path("share"), fixture.folder.path("elsewhere")) == 0)
        let again = try #require(try VersionSwitch.unfinished(in: fixture.folder.path).first)
        _ = try again.run()
        try again.finish()
        #expect(
            fixture.found() == ["share/b/d": [4], "elsewhere/b/c": [3], "elsewhere/b/d": [2]])
    }
}
