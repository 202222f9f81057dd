import Dispatch
import Synchronization

/// The queue on which all looking happens, and what wakes it: the kernel's events and the next time something is due.
final class WatchCore<ID: Hashable & Sendable>: Sendable {
    private struct State {
        var table: WatchTable<ID>
        var source: (any DispatchSourceRead)?
        var isResting = false
        /// The earliest wake-up that is on its way.
        var scheduled: UInt64?
        var isStopped = false
    }

    private let queue = DispatchQueue(label: "duplex.watch", qos: .utility)
    private let continuation: AsyncStream<FolderEvent<ID>>.Continuation
    private let state: Mutex<State>
    /// After a look at the kernel's events, so that a file being written is a few wake-ups a second and not thousands.
    private static var rest: UInt64 { 25_000_000 }

    init(options: FolderWatchOptions, continuation: AsyncStream<FolderEvent<ID>>.Continuation) {
        self.continuation = continuation
        state = Mutex(State(table: WatchTable(options: options)))
    }

    func start() {
        state.withLock { state in
            guard let descriptor = state.table.notifier?.descriptor else { return }
            let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
            source.setEventHandler { [weak self] in self?.read() }
            // Keeps the descriptor open until nobody looks at it any more.
            source.setCancelHandler { [notifier = state.table.notifier] in withExtendedLifetime(notifier) {} }
            state.source = source
            source.resume()
        }
    }

    func watch(_ path: String, id: ID) {
        queue.async { [self] in work { $0.watch(path, id: id, now: Self.now()) } }
    }

    func unwatch(_ id: ID) {
        queue.async { [self] in work { $0.unwatch(id) } }
    }

    var figures: WatchFigures { state.withLock { $0.table.figures } }

    func stop() {
        state.withLock { state in
            guard !state.isStopped else { return }
            state.isStopped = true
            // A source that rests must not be released.
            if state.isResting { state.source?.resume() }
            state.isResting = false
            state.source?.cancel()
            state.source = nil
        }
        continuation.finish()
    }

    // MARK: - On the queue

    private func read() {
        work { $0.readNotifications(now: Self.now()) }
        state.withLock { state in
            guard !state.isStopped, !state.isResting else { return }
            state.source?.suspend()
            state.isResting = true
        }
        queue.asyncAfter(deadline: DispatchTime(uptimeNanoseconds: Self.now() + Self.rest)) { [weak self] in
            self?.state.withLock { state in
                if state.isResting { state.source?.resume() }
                state.isResting = false
            }
        }
    }

    private func wake(_ time: UInt64) {
        state.withLock { state in
            if state.scheduled == time { state.scheduled = nil }
        }
        work { _ in }
    }

    private func work(_ body: (inout WatchTable<ID>) -> Void) {
        let (events, wake) = state.withLock { state -> ([FolderEvent<ID>], UInt64?) in
            guard !state.isStopped else { return ([], nil) }
            body(&state.table)
            state.table.tellWhatIsDue(now: Self.now())
            let events = state.table.takeEvents()
            guard let next = state.table.nextWake, next < state.scheduled ?? .max else { return (events, nil) }
            state.scheduled = next
            return (events, next)
        }
        for event in events { continuation.yield(event) }
        guard let wake else { return }
        queue.asyncAfter(deadline: DispatchTime(uptimeNanoseconds: wake)) { [weak self] in self?.wake(wake) }
    }

    private static func now() -> UInt64 { DispatchTime.now().uptimeNanoseconds }
}
