import Dispatch
import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Ctrl-C (SIGINT) and SIGTERM as a stream, so that a command can stop cleanly. The second one ends the process at
/// once, with the status that the command gives.
final class Interrupts: Sendable {
    // Dispatch sources may be used from any thread; these are only kept alive here.
    private nonisolated(unsafe) let sources: [any DispatchSourceSignal]
    private let counter: Counter
    /// Yields once for the first signal.
    let stream: AsyncStream<Void>

    /// Takes over both signals for the rest of the process's life.
    init(statusWhenRepeated status: Int32) {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let counter = Counter()
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                if counter.increment() > 1 { _exit(status) }
                continuation.yield()
            }
            source.resume()
            return source
        }
        self.stream = stream
        self.counter = counter
    }

    var isRaised: Bool { counter.value > 0 }
}

/// Counts signals that somebody meant: `timeout` and shells send one to the process and to its group, so the same
/// signal can arrive twice within a moment.
private final class Counter: Sendable {
    private static let moment = Duration.milliseconds(300)

    private let state = Mutex<(count: Int, last: ContinuousClock.Instant?)>((0, nil))

    /// How many there were with this one.
    func increment() -> Int {
        state.withLock { state in
            let now = ContinuousClock.now
            if let last = state.last, now - last < Self.moment { return state.count }
            state = (state.count + 1, now)
            return state.count
        }
    }

    var value: Int { state.withLock { $0.count } }
}
