/// What a command that watches transfers waits for, in one stream: time to look again, a transfer that began, its
/// events, an interruption.
struct TransferWatch<ID: Sendable, Event: Sendable>: Sendable {
    enum Happening: Sendable {
        case tick
        case started(ID)
        case notStarted(any Error)
        case event(Event)
        case interrupted
    }

    let happenings: AsyncStream<Happening>
    private let tasks: [Task<Void, Never>]

    /// - Parameters:
    ///   - begun: transfers whose events are to be told.
    ///   - begin: begins one more, if one is to be begun; it may take its time.
    ///   - events: those of a transfer.
    init(
        interrupts: Interrupts, begun: [ID] = [], begin: (@Sendable () async throws -> ID)? = nil,
        events: @escaping @Sendable (ID) async -> AsyncStream<Event>
    ) {
        let (stream, continuation) = AsyncStream.makeStream(of: Happening.self)
        happenings = stream
        let followers = begun.map { id in
            Task {
                for await event in await events(id) { continuation.yield(.event(event)) }
            }
        }
        tasks =
            [
                Task {
                    while !Task.isCancelled {
                        continuation.yield(.tick)
                        try? await Task.sleep(for: LookInterval.value)
                    }
                },
                Task {
                    for await _ in interrupts.listen() { continuation.yield(.interrupted) }
                },
                Task {
                    guard let begin else { return }
                    do {
                        let id = try await begin()
                        continuation.yield(.started(id))
                        for await event in await events(id) { continuation.yield(.event(event)) }
                    } catch {
                        continuation.yield(.notStarted(error))
                    }
                },
            ] + followers
    }

    func cancel() {
        for task in tasks { task.cancel() }
    }
}

/// How often commands look how something goes.
enum LookInterval {
    /// Four times a second: `--json` promises at least two even when the computer is busy.
    static let value = Duration.milliseconds(250)
}
