import ArgumentParser
import Lab
import Synchronization

/// One run of a lab's command: each scenario by both models, then the table and the report.
struct LabSession {
    private let console: Console
    private let interrupts: Interrupts
    private let runner: any LabRunner

    /// - Parameter report: makes the report of what was measured.
    /// - Throws: `CommandFailure`, or the exit status 130 when interrupted.
    static func run(
        _ scenarios: [LabScenario], options: LabOptions, report: ([Comparison], any LabRunner) -> LabReport
    ) async throws {
        let console = Console(json: options.json)
        // What is taken down after the first Ctrl-C must be, so a second one does not end that.
        let interrupts = Interrupts(
            statusWhenRepeated: options.place == .real ? nil : 130, alsoHangup: options.place == .real)
        let folder = try LabFolder(options.out)
        do {
            let runner = try LabRunners.runner(options.place.place, seed: options.seed, console: console)
            for scenario in scenarios { try runner.check(scenario) }
            if let doubt = scenarios.compactMap(runner.doubt).last { console.remark(doubt) }
            let session = LabSession(console: console, interrupts: interrupts, runner: runner)
            var comparisons: [Comparison] = []
            for scenario in scenarios {
                let comparison = try await session.compare(scenario)
                comparisons.append(comparison)
                console.emit(LabResult.json(comparison))
            }
            try session.show(report(comparisons, runner), in: options.out)
        } catch {
            console.clearLive()
            folder.removeIfEmpty()
            throw explained(error)
        }
    }

    private static func explained(_ error: any Error) -> any Error {
        switch error {
        case let failure as LabFailure: CommandFailure(failure.what, why: failure.why, remedy: failure.remedy)
        case is CancellationError: ExitCode(130)
        case let failure as LabReportError: CommandFailure(failure.description)
        default: error
        }
    }

    // MARK: One count

    private func compare(_ scenario: LabScenario) async throws -> Comparison {
        let clientServer = try await deliver(scenario, by: .clientServer)
        let peerToPeer = try await deliver(scenario, by: .peerToPeer)
        return Comparison(receivers: scenario.receiverCount, clientServer: clientServer, peerToPeer: peerToPeer)
    }

    private func deliver(_ scenario: LabScenario, by model: DeliveryModel) async throws -> LabRun {
        let latest = LatestProgress()
        let (ticks, continuation) = AsyncStream.makeStream(of: Void.self)
        let runner = runner
        let worker = Task {
            defer { continuation.finish() }
            return try await runner.run(scenario, by: model) { latest.set($0) }
        }
        let ticker = Task {
            while !Task.isCancelled {
                continuation.yield()
                try? await Task.sleep(for: .milliseconds(100))
            }
        }
        defer { ticker.cancel() }
        var pace = PlainPace()
        for await _ in ticks {
            if interrupts.isRaised || console.isClosed { worker.cancel() }
            let text = LabProgressText(
                latest.value
                    ?? LabProgress(
                        model: model, receivers: scenario.receiverCount, elapsed: 0, finishedReceivers: 0, bytes: 0,
                        totalBytes: 0))
            if console.isLive {
                console.live(text.liveLine(columns: console.liveColumns))
                // Every few seconds; a line for each tenth of each run would be many.
            } else if latest.value != nil, pace.isDue(done: 0, total: 0, phase: "\(model)") {
                console.remark(text.plainLine)
            }
        }
        console.clearLive()
        return try await worker.value
    }

    // MARK: The end

    private func show(_ report: LabReport, in folder: String) throws {
        let paths = try report.write(to: folder)
        for line in LabTable.lines(report.comparisons) { console.say(line) }
        console.say()
        console.say(report.headline)
        if let page = paths.first { console.say("Report: \(VisibleText.escaped(page))") }
    }
}

/// What the runner told last.
private final class LatestProgress: Sendable {
    private let progress = Mutex<LabProgress?>(nil)

    func set(_ value: LabProgress) {
        progress.withLock { $0 = value }
    }

    var value: LabProgress? { progress.withLock { $0 } }
}
