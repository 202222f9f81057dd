import Storage
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Trees that are awkward: many, huge, looped, closed to us, or with more changes than the kernel keeps.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct FolderWatchTreeTests {
    @Test(arguments: [true, false])
    func eachHearsOfItsOwnTree(notified: Bool) async throws {
        let fixture = try WatchFixture(notified: notified)
        try fixture.folder.write("a/inner/file", count: 1)
        try fixture.folder.write("b/file", count: 1)
        fixture.watch.watch(fixture.folder.path("a"), id: 1)
        fixture.watch.watch(fixture.folder.path("a/inner"), id: 2)
        fixture.watch.watch(fixture.folder.path("b"), id: 3)
        try await fixture.rest()
        try fixture.folder.write("a/inner/file", count: 2)
        try await fixture.expect(.changed(1))
        try await fixture.expect(.changed(2))
        #expect(fixture.count(.changed(3)) == 0)

        fixture.watch.unwatch(1)
        try await fixture.rest()
        fixture.forget()
        try fixture.folder.write("a/inner/file", count: 3)
        try await fixture.expect(.changed(2))
        try await fixture.rest()
        #expect(fixture.events == [.changed(2)])
    }

    @Test(arguments: [true, false])
    func linksAndClosedFoldersAreLeftAlone(notified: Bool) async throws {
        let fixture = try WatchFixture(notified: notified)
        try fixture.folder.write("share/sub/file", count: 1)
        try fixture.folder.write("outside/file", count: 1)
        symlink("..", fixture.folder.path("share/sub/loop"))
        symlink(fixture.folder.path("outside"), fixture.folder.path("share/link"))
        try fixture.folder.write("share/closed/file", count: 1)
        chmod(fixture.folder.path("share/closed"), 0)
        fixture.watch.watch(fixture.folder.path("share"), id: 1)
        try await fixture.rest()
        try fixture.folder.write("outside/file", count: 2)
        try await fixture.rest()
        #expect(fixture.events.isEmpty)
        try fixture.folder.write("share/sub/file", count: 2)
        try await fixture.expect(.changed(1))
        chmod(fixture.folder.path("share/closed"), 0o755)
    }

    @Test(arguments: [true, false])
    func whatMayBeReadAndWhatNotAnyMoreIsTold(notified: Bool) async throws {
        let fixture = try WatchFixture(notified: notified)
        try fixture.folder.write("share/file", count: 1)
        try fixture.folder.write("share/sub/inner/file", count: 1)
        // It can be watched, and what is in it cannot be reached.
        chmod(fixture.folder.path("share/sub"), 0o444)
        fixture.watch.watch(fixture.folder.path("share"), id: 1)
        try await fixture.rest()
        for mode: mode_t in [0, 0o644] {
            fixture.forget()
            chmod(fixture.folder.path("share/file"), mode)
            try await fixture.expect(.changed(1))
            try await fixture.rest()
        }
        // Who looks by time looks at what may be read, and to the superuser this is no change.
        if !notified, !CreationFixture.isBound { return }
        fixture.forget()
        chmod(fixture.folder.path("share/sub"), 0o755)
        try await fixture.expect(.changed(1))
        try await fixture.rest()
        fixture.forget()
        try fixture.folder.write("share/sub/inner/file", count: 2)
        try await fixture.expect(.changed(1))
        try await fixture.rest()
        fixture.forget()
        chmod(fixture.folder.path("share/sub"), 0)
        try await fixture.expect(.changed(1))
        chmod(fixture.folder.path("share/sub"), 0o755)
    }

    @Test func foldersMadeInAHurryAreAllWatched() async throws {
        let fixture = try WatchFixture(notified: true)
        fixture.makeFolder("share")
        fixture.watch.watch(fixture.folder.path("share"), id: 1)
        try await fixture.rest()
        for number in 0..<200 { try fixture.folder.write("share/\(number)/x/y/file", count: 1) }
        for number in 0..<100 { fixture.move("share/\(number)", "share/\(number + 100)/moved") }
        try await fixture.expect(.changed(1))
        try await fixture.rest()
        for number in [100, 150, 199] {
            for path in ["share/\(number)/x/y/file", "share/\(number)/moved/x/y/file"] {
                fixture.forget()
                try fixture.folder.write(path, count: 2)
                try await fixture.expect(.changed(1))
                try await fixture.rest()
            }
        }
    }

    #if os(Linux)
        @Test func beyondTheLimitItIsLookedAtByTime() async throws {
            let fixture = try WatchFixture(notified: true, maximumWatches: 20)
            try fixture.folder.write("small/file", count: 1)
            for number in 0..<30 { try fixture.folder.write("large/\(number)/file", count: 1) }
            fixture.watch.watch(fixture.folder.path("large"), id: 1)
            fixture.watch.watch(fixture.folder.path("small"), id: 2)
            try await fixture.rest()
            guard case .notice(let text)? = fixture.events.first, fixture.events.count == 1 else {
                Issue.record("one notice was expected, not \(fixture.events)")
                return
            }
            #expect(text.contains("fs.inotify.max_user_watches"))
            try fixture.folder.write("large/29/file", count: 2)
            try await fixture.expect(.changed(1))
            #expect(fixture.watch.figures.rescanned == 1 && fixture.watch.figures.folders > 1)
            #expect(fixture.watch.figures.reachedLimit == "max_user_watches")
            // A tree that outgrows the limit later.
            for number in 0..<30 { try fixture.folder.write("small/\(number)/file", count: 1) }
            try await fixture.expect(.changed(2))
            try await fixture.rest()
            fixture.forget()
            try fixture.folder.write("small/29/file", count: 2)
            try await fixture.expect(.changed(2))
        }

        @Test func moreChangesThanTheKernelKeepsLoseNoFolder() async throws {
            let fixture = try WatchFixture(notified: true)
            try fixture.folder.write("share/file", count: 1)
            fixture.watch.watch(fixture.folder.path("share"), id: 1)
            try await fixture.rest()
            for _ in 0..<50 {
                for _ in 0..<2000 {
                    fixture.move("share/file", "share/other")
                    fixture.move("share/other", "share/file")
                }
                fixture.makeFolder("share/sub")
            }
            try await fixture.expect(.changed(1))
            try await fixture.rest()
            fixture.forget()
            try fixture.folder.write("share/sub/file", count: 1)
            try await fixture.expect(.changed(1))
        }
    #endif

    @Test func aThousandSharesAreWatchedAtOnce() async throws {
        let fixture = try WatchFixture(notified: true)
        for number in 0..<1000 { try fixture.folder.write("\(number)/sub/file", count: 1) }
        for number in 0..<1000 { fixture.watch.watch(fixture.folder.path("\(number)"), id: number) }
        try await fixture.rest()
        try fixture.folder.write("777/sub/file", count: 2)
        try await fixture.expect(.changed(777))
        #expect(fixture.events == [.changed(777)])
    }
}
