import NIOCore
import Synchronization

/// The body of a request as it arrives, no faster than it is taken: when too much waits here, the connection is not
/// read, and TCP tells the other side.
public final class HTTPBodyStream: Sendable {
    /// What its reader wants of the connection.
    enum Wish: Sendable {
        /// That a client that asked first be told to send.
        case welcome
        /// That reading goes on.
        case resume
    }

    private typealias Taker = CheckedContinuation<[ByteBuffer]?, any Error>

    private struct State {
        var parts: [ByteBuffer] = []
        var waitingBytes = 0
        var isComplete = false
        var failure: HTTPBodyError?
        var taker: Taker?
        var mustWelcome: Bool
        var isPaused = false
        var received = 0
        var counter: (@Sendable (Int) -> Void)?
    }

    /// When so many bytes wait, reading stops until they are taken.
    static let highMark = 512 << 10

    private let state: Mutex<State>
    /// Called on any thread.
    private let wish: @Sendable (Wish) -> Void

    init(expectsContinue: Bool, wish: @escaping @Sendable (Wish) -> Void) {
        state = Mutex(State(mustWelcome: expectsContinue))
        self.wish = wish
    }

    /// A body that is there already.
    public convenience init(_ parts: [ByteBuffer], isComplete: Bool = true) {
        self.init(expectsContinue: false) { _ in }
        for part in parts { _ = take(part) }
        if isComplete { finish() } else { fail(.closed) }
    }

    // MARK: Taking

    /// All that has arrived since the last time, at least one byte; nil behind the end.
    ///
    /// One reader at a time. What arrived before a failure is handed out before it is thrown.
    ///
    /// - Throws: ``HTTPBodyError``.
    public func next() async throws -> [ByteBuffer]? {
        let parts: [ByteBuffer]? = try await withCheckedThrowingContinuation { taker in
            let (result, wishes) = state.withLock { state in take(for: taker, &state) }
            for one in wishes { wish(one) }
            if let result { taker.resume(with: result) }
        }
        if let parts, let counter = state.withLock({ $0.counter }) {
            counter(parts.reduce(0) { $0 + $1.readableBytes })
        }
        return parts
    }

    /// Has whoever wants to know told how many bytes are taken, each time some are.
    public func count(_ counter: @escaping @Sendable (Int) -> Void) {
        state.withLock { $0.counter = counter }
    }

    private func take(for taker: Taker, _ state: inout State) -> (Result<[ByteBuffer]?, any Error>?, [Wish]) {
        guard state.parts.isEmpty else {
            let parts = state.parts
            state.parts = []
            state.waitingBytes = 0
            let wishes: [Wish] = state.isPaused ? [.resume] : []
            state.isPaused = false
            return (.success(parts), wishes)
        }
        if let failure = state.failure { return (.failure(failure), []) }
        if state.isComplete { return (.success(nil), []) }
        guard state.taker == nil else { return (.failure(HTTPBodyError.replaced), []) }
        state.taker = taker
        let wishes: [Wish] = state.mustWelcome ? [.welcome] : []
        state.mustWelcome = false
        return (nil, wishes)
    }

    /// Ends the body for its reader, such as because its client goes on elsewhere.
    public func cancel() { fail(.replaced) }

    // MARK: Arriving

    /// - Returns: whether reading should stop until there is a wish that it goes on.
    func take(_ part: ByteBuffer) -> Bool {
        guard part.readableBytes > 0 else { return false }
        let (taker, stops): (Taker?, Bool) = state.withLock { state in
            state.received += part.readableBytes
            // A client that sends without having been told to needs no word any more.
            state.mustWelcome = false
            guard state.failure == nil else { return (nil, false) }
            if let taker = state.taker {
                state.taker = nil
                return (taker, false)
            }
            state.parts.append(part)
            state.waitingBytes += part.readableBytes
            let stops = !state.isPaused && state.waitingBytes >= Self.highMark
            if stops { state.isPaused = true }
            return (nil, stops)
        }
        taker?.resume(returning: [part])
        return stops
    }

    func finish() {
        let taker = state.withLock { state in
            state.isComplete = true
            state.mustWelcome = false
            return Self.takeTaker(&state)
        }
        taker?.resume(returning: nil)
    }

    func fail(_ error: HTTPBodyError) {
        let taker = state.withLock { state in
            if !state.isComplete, state.failure == nil { state.failure = error }
            return state.failure == nil ? nil : Self.takeTaker(&state)
        }
        taker?.resume(throwing: error)
    }

    private static func takeTaker(_ state: inout State) -> Taker? {
        let taker = state.taker
        state.taker = nil
        return taker
    }

    /// Whether all of it has arrived.
    var isComplete: Bool { state.withLock { $0.isComplete } }

    /// Bytes that arrived since the last call; nil where it was not the client that was waited for.
    func arrivedSinceLast() -> Int? {
        state.withLock { state in
            let arrived = state.received
            state.received = 0
            return state.isPaused || state.isComplete || state.mustWelcome ? nil : arrived
        }
    }
}

/// Why a body ends before its end.
public enum HTTPBodyError: Error, Sendable, Equatable {
    /// The connection is gone.
    case closed
    /// Less arrived than ``HTTPLimits/bodyPeriodBytes`` in ``HTTPLimits/bodyPeriod``.
    case tooSlow
    /// Somebody else takes it, or its client goes on elsewhere.
    case replaced
}
