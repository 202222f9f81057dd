import Storage
import Synchronization
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A watch over temporary folders, and all that it has told so far.
final class WatchFixture: Sendable {
    let folder: CreationFixture
    let watch: FolderWatch<Int>
    private let told = Mutex<[FolderEvent<Int>]>([])
    private let reader = Mutex<Task<Void, Never>?>(nil)

    init(
        notified: Bool, settle: Duration = .milliseconds(60), patience: Duration = .seconds(10),
        maximumWatches: Int? = nil
    ) throws {
        folder = try CreationFixture()
        watch = FolderWatch(
            options: FolderWatchOptions(
                settleTime: settle, patience: patience, rescanInterval: .milliseconds(40), usesNotifications: notified,
                maximumWatches: maximumWatches))
        let events = watch.events
        reader.withLock { reader in
            reader = Task { [weak self] in
                for await event in events { self?.told.withLock { $0.append(event) } }
            }
        }
    }

    deinit { watch.stop() }

    var events: [FolderEvent<Int>] { told.withLock { $0 } }

    func count(_ event: FolderEvent<Int>) -> Int { events.count { $0 == event } }

    func forget() { told.withLock { $0 = [] } }

    /// Waits until something was told so often; far longer than it should take, since the machine may be busy.
    func expect(
        _ event: FolderEvent<Int>, times: Int = 1, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        for _ in 0..<1500 {
            if count(event) >= times { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("\(event) was not told, but \(events)", sourceLocation: sourceLocation)
    }

    /// Long enough for anything to be told that would be.
    func rest() async throws {
        try await Task.sleep(for: .milliseconds(300))
    }

    func makeFolder(_ path: String) { _ = mkdir(folder.path(path), 0o755) }

    func move(_ from: String, _ to: String) { _ = rename(folder.path(from), folder.path(to)) }

    func remove(_ path: String) {
        if unlink(folder.path(path)) != 0 { rmdir(folder.path(path)) }
    }
}
