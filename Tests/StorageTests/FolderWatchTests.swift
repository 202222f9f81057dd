import Storage
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Both ways to notice: the kernel tells, and looking by time. Where the kernel does not tell, both are the latter.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct FolderWatchTests {
    @Test(arguments: [true, false])
    func changesOfEveryKindAreTold(notified: Bool) async throws {
        let fixture = try WatchFixture(notified: notified)
        try fixture.folder.write("share/a/one", count: 10)
        try fixture.folder.write("share/b/two", count: 10)
        fixture.watch.watch(fixture.folder.path("share"), id: 1)
        try await fixture.rest()
        #expect(fixture.events.isEmpty)

        let changes: [() throws -> Void] = [
            { try fixture.folder.write("share/a/one", count: 11) },
            { try fixture.folder.write("share/a/new", count: 1) },
            { try fixture.folder.write("share/c/d/e/deep", count: 1) },
            { try fixture.folder.write("share/c/d/e/deeper", count: 1) },
            { fixture.move("share/c/d", "share/b/d") },
            { try fixture.folder.write("share/b/d/e/again", count: 1) },
            { fixture.remove("share/b/two") },
            { _ = chmod(fixture.folder.path("share/a/one"), 0o755) },
        ]
        for (number, change) in changes.enumerated() {
            try change()
            try await fixture.expect(.changed(1), times: number + 1)
            try await fixture.rest()
            #expect(fixture.count(.changed(1)) == number + 1, "change \(number)")
        }
        #expect(fixture.events.count == changes.count)
    }

    @Test(arguments: [true, false])
    func readingAndWhatIsLeftOutWakeNobody(notified: Bool) async throws {
        let fixture = try WatchFixture(notified: notified)
        try fixture.folder.write("share/file", count: 10)
        try fixture.folder.write("share/Thumbs.db", count: 10)
        fixture.watch.watch(fixture.folder.path("share"), id: 1)
        try await fixture.rest()

        #expect(CreationFixture.read(fixture.folder.path("share/file")).count == 10)
        _ = try FolderScan(path: fixture.folder.path("share"))
        try fixture.folder.write("share/film.part", count: 100)
        try fixture.folder.write("share/.file.swp", count: 100)
        try fixture.folder.write("share/Thumbs.db", count: 11)
        try fixture.folder.write("outside", count: 1)
        try await fixture.rest()
        #expect(fixture.events.isEmpty)

        // It counts as soon as it is finished.
        fixture.move("share/film.part", "share/film")
        try await fixture.expect(.changed(1))
    }

    @Test(arguments: [true, false])
    func aFileCountsOnceItsControlFileIsGone(notified: Bool) async throws {
        let fixture = try WatchFixture(notified: notified)
        try fixture.folder.write("share/file", count: 10)
        try fixture.folder.write("share/file.aria2", count: 10)
        fixture.watch.watch(fixture.folder.path("share"), id: 1)
        try await fixture.rest()
        fixture.remove("share/file.aria2")
        try await fixture.expect(.changed(1))
    }

    @Test(arguments: [true, false])
    func aChangeIsToldWhenItHasSettled(notified: Bool) async throws {
        let fixture = try WatchFixture(notified: notified, settle: .milliseconds(400))
        fixture.makeFolder("share")
        fixture.watch.watch(fixture.folder.path("share"), id: 1)
        try await fixture.rest()
        // A busy machine may pause for longer than it takes to settle; then more than one change is right.
        var longestGap = Duration.zero
        for size in 1...10 {
            let start = ContinuousClock.now
            try fixture.folder.write("share/file", count: size)
            try await Task.sleep(for: .milliseconds(50))
            longestGap = max(longestGap, ContinuousClock.now - start)
        }
        try await fixture.expect(.changed(1))
        try await fixture.rest()
        #expect(fixture.count(.changed(1)) == 1 || longestGap > .milliseconds(250))
    }

    @Test(arguments: [true, false])
    func unrestIsToldAllTheSame(notified: Bool) async throws {
        let fixture = try WatchFixture(notified: notified, settle: .seconds(30), patience: .milliseconds(300))
        fixture.makeFolder("share")
        fixture.watch.watch(fixture.folder.path("share"), id: 1)
        try await fixture.rest()
        var size = 0
        while fixture.count(.changed(1)) < 2, size < 2000 {
            size += 1
            try fixture.folder.write("share/file", count: size)
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(fixture.count(.changed(1)) >= 2)
    }

    @Test(arguments: [true, false])
    func aFileIsWatchedByItsName(notified: Bool) async throws {
        let fixture = try WatchFixture(notified: notified)
        try fixture.folder.write("file", count: 10)
        fixture.watch.watch(fixture.folder.path("file"), id: 1)
        try await fixture.rest()
        try fixture.folder.write("other", count: 10)
        try await fixture.rest()
        #expect(fixture.events.isEmpty)

        // As editors save: a new file in place of the old one.
        try fixture.folder.write("new", count: 20)
        fixture.move("new", "file")
        try await fixture.expect(.changed(1))
        try fixture.folder.write("file", count: 30)
        try await fixture.expect(.changed(1), times: 2)

        fixture.remove("file")
        try await fixture.expect(.vanished(1))
        try fixture.folder.write("file", count: 30)
        try await fixture.expect(.returned(1))
        try fixture.folder.write("file", count: 31)
        try await fixture.expect(.changed(1), times: 3)
    }

    @Test(arguments: [true, false], ["share", "above"])
    func whatIsMovedAwayIsLookedForAgain(notified: Bool, moved: String) async throws {
        let fixture = try WatchFixture(notified: notified)
        let path = moved == "share" ? "share" : "above/share"
        try fixture.folder.write("\(path)/sub/file", count: 10)
        fixture.watch.watch(fixture.folder.path(path), id: 1)
        try await fixture.rest()
        fixture.move(moved, "elsewhere")
        try await fixture.expect(.vanished(1))
        fixture.forget()
        try await fixture.rest()
        #expect(fixture.events.isEmpty)

        fixture.move("elsewhere", moved)
        try await fixture.expect(.returned(1))
        try fixture.folder.write("\(path)/sub/file", count: 11)
        try await fixture.expect(.changed(1))
        #expect(fixture.events == [.returned(1), .changed(1)])
    }

    @Test(arguments: [true, false])
    func whatIsNotThereYetIsAwaited(notified: Bool) async throws {
        let fixture = try WatchFixture(notified: notified)
        fixture.watch.watch(fixture.folder.path("share"), id: 1)
        try await fixture.expect(.vanished(1))
        try fixture.folder.write("share/file", count: 1)
        try await fixture.expect(.returned(1))
    }
}
