import Host
import Metainfo
import PeerWire

/// One run of `get` from the request to the end: follows the transfer and tells how it goes.
struct GetSession {
    enum Outcome: Sendable, Equatable {
        case done
        case interrupted
    }

    private let host: DuplexHost
    private let request: FetchRequest
    private let console: Console
    private let interrupts: Interrupts
    private var pace = PlainPace()
    private var hints: PeerHints
    /// nil until the host has begun; then nothing is there yet that would have to be saved.
    private(set) var id: TransferID?
    private var isDone = false
    private var lastTrouble: String?

    init(host: DuplexHost, request: FetchRequest, console: Console, interrupts: Interrupts) {
        self.host = host
        self.request = request
        self.console = console
        self.interrupts = interrupts
        hints = PeerHints(known: request.knownPeers, listening: host.listenAddresses, isLink: request.isLink)
    }

    /// Ends when everything is there (with `--seed`: when interrupted after that), on an interruption, or by throwing
    /// what made it fail.
    mutating func run() async throws -> Outcome {
        if !host.listenAddresses.isEmpty {
            console.remark("Listening on \(host.listenAddresses.map(\.description).joined(separator: ", "))")
        }
        let (host, request) = (host, request)
        let watch = TransferWatch(interrupts: interrupts, host: host) { try await request.start(on: host) }
        defer { watch.cancel() }

        for await happening in watch.happenings {
            switch happening {
            case .tick:
                let status = await currentStatus()
                show(status)
                if case .paused(let message) = status.phase { try pause(message, status) }
            case .started(let id):
                self.id = id
            case .notStarted(let error):
                throw error
            case .event(.metadata(let info)):
                for hint in hints.connected() { console.remark(hint) }
                describe(info)
            case .event(.done(let path, let bytes, let seconds)):
                await finish(path: path, bytes: bytes, seconds: seconds)
                if !request.seed { return .done }
            case .event(.failed(let message)):
                try pause(message, await currentStatus())
            case .event(.notice(let text)):
                console.warn(VisibleText.escaped(text))
            case .interrupted:
                return end(await currentStatus())
            }
            if console.isClosed { return isDone ? .done : .interrupted }
        }
        return end(await currentStatus())
    }

    /// Until the host knows the transfer, because it looks at what is on disk first, what is known of it here.
    private func currentStatus() async -> TransferSnapshot {
        if let id, let status = await host.status(id) { return TransferSnapshot(status) }
        return request.snapshotBeforeStart
    }

    // MARK: How it goes

    private mutating func show(_ status: TransferSnapshot) {
        emitProgress(status)
        // The event that it is done comes at once, with a line of its own.
        if status.phase == .complete, !isDone { return }
        for hint in hints.due(status) { console.remark(hint) }
        let text = TransferText(status, name: request.name)
        if console.isLive {
            console.live(text.liveLine(columns: console.liveColumns))
        } else if pace.isDue(done: status.done, total: status.total, phase: text.phaseName) {
            console.remark(text.plainLine)
        }
    }

    private func emitProgress(_ status: TransferSnapshot) {
        console.emit(ProgressEvent.json([status]))
    }

    private func describe(_ info: TorrentInfo) {
        let count = info.files.count { !$0.isPadding }
        console.remark(
            "\(VisibleText.escaped(info.name)): \(ByteCount.counted(count, "file")), "
                + ByteCount.size(info.totalSize))
    }

    private mutating func finish(path: String, bytes: Int64, seconds: Double) async {
        guard !isDone else { return }
        let status = await currentStatus()
        let downloaded = status.downloaded
        for hint in hints.connected() { console.remark(hint) }
        emitProgress(status)
        isDone = true
        console.emit([
            "event": "done", "path": .string(path), "bytes": .integer(bytes),
            "seconds": .number((seconds * 1000).rounded() / 1000),
        ])
        let size = ByteCount.size(bytes)
        let place = console.resultTerminal.bold(VisibleText.escaped(path))
        if downloaded == 0 {
            console.say("\(place): \(size), already here, every byte verified")
        } else {
            let rate = ByteCount.rate(bytes: min(bytes, downloaded), seconds: seconds).map { " (\($0))" } ?? ""
            console.say("\(place): \(size) in \(DurationText.elapsed(seconds))\(rate), every byte verified")
        }
        if request.seed { console.remark("Serving it to others now; Ctrl-C ends this.") }
    }

    // MARK: The end

    private func end(_ status: TransferSnapshot) -> Outcome {
        if isDone {
            console.remark("Stopped; served \(ByteCount.size(status.uploaded)) to others.")
            return .done
        }
        var line = "Stopped"
        if status.total > 0 { line += " at \(ProgressBar.percent(done: status.done, total: status.total)) %" }
        console.remark(line + "; the same command goes on from there.")
        return .interrupted
    }

    /// The host would try again by and by; a command that cannot go on says so and ends, for scripts' sake too. What
    /// is complete already stays so whatever happens to serving it.
    private mutating func pause(_ message: String, _ status: TransferSnapshot) throws {
        guard isDone else {
            // The total is known once fetching has begun; before that there is nothing yet to go on from.
            let hasBegun = id != nil && status.total > 0
            throw CommandFailure(
                message, remedy: hasBegun ? "then the same command goes on from where it stopped" : nil)
        }
        guard message != lastTrouble else { return }
        lastTrouble = message
        console.remark("duplex: \(VisibleText.escaped(message))")
    }
}
