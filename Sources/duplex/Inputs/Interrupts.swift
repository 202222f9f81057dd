import Dispatch
import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Ctrl-C (SIGINT) and SIGTERM as streams, so that a command can stop cleanly. The second one ends the process at
/// once, with the status that the command gives, unless the command has to clean up whatever happens.
final class Interrupts: Sendable {
    // Dispatch sources may be used from any thread; these are only kept alive here.
    private nonisolated(unsafe) let sources: [any DispatchSourceSignal]
    private let counter: Counter
    private let listeners: Listeners

    /// Takes over the signals for the rest of the process's life.
    ///
    /// - Parameters:
    ///   - status: of the process when it is interrupted again; nil if that changes nothing.
    ///   - alsoHangup: SIGHUP counts too, unless it is ignored, as `nohup` has it.
    init(statusWhenRepeated status: Int32?, alsoHangup: Bool = false) {
        let (counter, listeners) = (Counter(), Listeners())
        sources = (Self.isHangupIgnored || !alsoHangup ? [SIGINT, SIGTERM] : [SIGINT, SIGTERM, SIGHUP]).map { number in
            #if canImport(Darwin)
                signal(number, SIG_IGN)
            #endif
            // On Linux the source brings a handler of its own, some time after it is resumed. Ignored until then, a signal
            // of that moment would be lost and the process stay; not ignored, it ends the process as it does before.
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                if counter.increment() > 1, let status { _exit(status) }
                listeners.tell()
            }
            source.resume()
            return source
        }
        self.counter = counter
        self.listeners = listeners
    }

    /// Yields with each signal from now on, and at once if there was one. For one reader: a stream ends with the task that
    /// reads it, so whoever comes after that needs another.
    func listen() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        listeners.add(continuation)
        if isRaised { continuation.yield() }
        return stream
    }

    var isRaised: Bool { counter.value > 0 }

    private static var isHangupIgnored: Bool {
        var action = sigaction()
        guard sigaction(SIGHUP, nil, &action) == 0 else { return false }
        #if canImport(Darwin)
            let handler = action.__sigaction_u.__sa_handler
        #else
            let handler = action.__sigaction_handler.sa_handler
        #endif
        return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}

private final class Listeners: Sendable {
    private let state = Mutex<[Int: AsyncStream<Void>.Continuation]>([:])
    private let count = Atomic(0)

    func add(_ listener: AsyncStream<Void>.Continuation) {
        let number = count.add(1, ordering: .relaxed).newValue
        state.withLock { $0[number] = listener }
        listener.onTermination = { [weak self] _ in self?.state.withLock { $0[number] = nil } }
    }

    func tell() {
        for listener in state.withLock({ Array($0.values) }) { listener.yield() }
    }
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
