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

private final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    func increment() -> Int { count.add(1, ordering: .relaxed).newValue }

    var value: Int { count.load(ordering: .relaxed) }
}
