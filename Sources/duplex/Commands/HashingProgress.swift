import ArgumentParser
import Synchronization

/// Shows how far hashing is while it runs.
enum HashingProgress {
    typealias Report = @Sendable (_ done: Int64, _ total: Int64) -> Void

    /// Runs the work and draws what it reports. When interrupted it cancels the work and ends the command with the
    /// status 0, as `share` promises.
    static func run<Result: Sendable>(
        console: Console, verb: String = "Hashing", title: String, interrupts: Interrupts?,
        work: @escaping @Sendable (@escaping Report) async throws -> Result
    ) async throws -> Result {
        let state = HashingState()
        let start = ContinuousClock.now
        var pace = PlainPace()
        let name = VisibleText.escaped(title)

        let (ticks, continuation) = AsyncStream.makeStream(of: Void.self)
        let worker = Task {
            defer { continuation.finish() }
            return try await work { state.set(done: $0, total: $1) }
        }
        let ticker = Task {
            while !Task.isCancelled {
                continuation.yield()
                try? await Task.sleep(for: LookInterval.value)
            }
        }
        defer { ticker.cancel() }
        for await _ in ticks {
            if interrupts?.isRaised == true || console.isClosed {
                worker.cancel()
                _ = await worker.result
                console.clearLive()
                throw ExitCode.success
            }
            let (done, total) = state.value
            if console.isJSON {
                console.emit(ProgressEvent.json(done: done, total: total))
            } else if total > 0 {
                let text = HashingText(
                    verb: verb, name: name, done: done, total: total,
                    seconds: (ContinuousClock.now - start).inSeconds)
                if console.isLive {
                    console.live(text.liveLine(columns: console.liveColumns))
                } else if pace.isDue(done: done, total: total, phase: "hashing") {
                    console.remark(text.plainLine)
                }
            }
        }
        console.clearLive()
        return try await worker.value
    }
}

/// What the hashing threads reported last.
private final class HashingState: Sendable {
    private let counts = Mutex<(done: Int64, total: Int64)>((0, 0))

    func set(done: Int64, total: Int64) {
        counts.withLock { $0 = (done, total) }
    }

    var value: (done: Int64, total: Int64) { counts.withLock { $0 } }
}
