import Host

/// What a command that watches transfers waits for, in one stream: time to look again, a transfer that began, its
/// events, an interruption.
struct TransferWatch: Sendable {
    enum Happening: Sendable {
        case tick
        case started(TransferID)
        case notStarted(any Error)
        case event(TransferEvent)
        case interrupted
    }

    /// Four looks a second: `--json` promises at least two even when the computer is busy.
    static let interval = Duration.milliseconds(250)

    let happenings: AsyncStream<Happening>
    private let tasks: [Task<Void, Never>]

    /// - Parameters:
    ///   - begun: transfers whose events are to be told.
    ///   - begin: begins one more, if one is to be begun; it may take its time.
    init(
        interrupts: Interrupts, host: DuplexHost, begun: [TransferID] = [],
        begin: (@Sendable () async throws -> TransferID)? = nil
    ) {
        let (stream, continuation) = AsyncStream.makeStream(of: Happening.self)
        happenings = stream
        let followers = begun.map { id in
            Task {
                for await event in await host.events(id) { continuation.yield(.event(event)) }
            }
        }
        tasks =
            [
                Task {
                    while !Task.isCancelled {
                        continuation.yield(.tick)
                        try? await Task.sleep(for: Self.interval)
                    }
                },
                Task {
                    for await _ in interrupts.stream { continuation.yield(.interrupted) }
                },
                Task {
                    guard let begin else { return }
                    do {
                        let id = try await begin()
                        continuation.yield(.started(id))
                        for await event in await host.events(id) { continuation.yield(.event(event)) }
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
