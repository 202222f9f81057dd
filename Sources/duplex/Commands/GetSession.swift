import Host
import Metainfo
import PeerWire

/// One run of `get` from the request to the end: follows the transfer and tells how it goes.
struct GetSession<Site: TransferSite> {
    private let site: Site
    private let request: FetchRequest
    private let console: Console
    private let interrupts: Interrupts
    private var pace = PlainPace()
    private var hints: PeerHints
    /// nil until the host has begun; then nothing is there yet that would have to be saved.
    private(set) var id: Site.ID?
    private var isDone = false
    private var lastVersion: Int64 = 0
    private var lastTrouble: String?

    init(site: Site, request: FetchRequest, console: Console, interrupts: Interrupts) {
        self.site = site
        self.request = request
        self.console = console
        self.interrupts = interrupts
        hints = PeerHints(
            known: request.knownPeers, listening: site.listenAddresses, isLink: request.isLink,
            hasWebSeeds: request.hasWebSeeds)
    }

    /// Ends when everything is there (with `--seed`: when interrupted after that), on an interruption, or by throwing
    /// what made it fail.
    mutating func run() async throws -> GetOutcome {
        if !site.listenAddresses.isEmpty {
            console.remark("Listening on \(site.listenAddresses.map(\.description).joined(separator: ", "))")
        }
        let (site, request) = (site, request)
        let watch = TransferWatch(interrupts: interrupts, begin: { try await site.begin(request) }) { id in
            await site.events(id)
        }
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
            case .event(.metadata(let name, let files, let bytes)):
                for hint in hints.connected() { console.remark(hint) }
                console.remark(
                    "\(VisibleText.escaped(name)): \(ByteCount.counted(files, "file")), \(ByteCount.size(bytes))")
            case .event(.done(let done)):
                await finish(request.result(done))
                if !request.stays { return .done }
            case .event(.fetched(let result)):
                emitProgress(await currentStatus())
                isDone = true
                console.emit(DownloadText.json(result))
                console.say(DownloadText.line(result, terminal: console.resultTerminal))
                return .done
            case .event(.gaveUp(let failure)):
                throw failure
            case .event(.failed(let message)):
                try pause(message, await currentStatus())
            case .event(.notice(let text)):
                // What stops it is told as a notice too, to all who listen to the host; here once is enough.
                let status = await currentStatus()
                if status.phase == .paused(message: text) {
                    try pause(text, status)
                } else {
                    console.warn(VisibleText.escaped(text))
                }
            case .event(.removed):
                throw CommandFailure("the transfer was ended by another command")
            case .event(.lost):
                return .lost
            case .interrupted:
                let status = await currentStatus()
                if status.phase == .halted {
                    console.remark("It stays paused; `duplex resume` goes on with it.")
                    return .left
                }
                return end(status)
            }
            if console.isClosed { return isDone ? .done : .interrupted }
        }
        return end(await currentStatus())
    }

    /// Until the host knows the transfer, because it looks at what is on disk first, what is known of it here.
    private func currentStatus() async -> TransferSnapshot {
        if let id, let status = await site.status(id) { return status }
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
        } else {
            let line = text.plainLine
            if pace.isDue(done: status.done, total: status.total, phase: text.phaseName, line: line) {
                console.remark(line)
            }
        }
    }

    private func emitProgress(_ status: TransferSnapshot) {
        console.emit(ProgressEvent.json([status]))
    }

    private mutating func finish(_ done: TransferDone) async {
        if isDone {
            // A version that was told of already, and one that is nothing new.
            guard request.follow, done.version > lastVersion else { return }
        }
        let isFirst = !isDone
        let status = await currentStatus()
        for hint in hints.connected() { console.remark(hint) }
        if isFirst { emitProgress(status) }
        isDone = true
        lastVersion = done.version
        console.emit(DoneText.json(done, isFollowed: request.follow))
        for line in DoneText.lines(done, isFirst: isFirst, terminal: console.resultTerminal) { console.say(line) }
        guard isFirst else { return }
        if request.follow {
            console.remark("Following it: new versions are fetched as they come; Ctrl-C ends this.")
        } else if request.seed {
            console.remark("Serving it to others now; Ctrl-C ends this.")
        }
    }

    // MARK: The end

    private func end(_ status: TransferSnapshot) -> GetOutcome {
        if isDone {
            console.remark("Stopped; served \(ByteCount.size(status.uploaded)) to others.")
            return .done
        }
        var line = "Stopped"
        if status.total > 0 { line += " at \(ProgressBar.percent(done: status.done, total: status.total)) %" }
        // Nothing in the folder tells: files have their names and full lengths from their first block on.
        if status.isInPlace, status.done > 0, let name = status.name {
            line += ", \(VisibleText.escaped(name)) is not whole yet"
        }
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

/// How a `get` ended.
enum GetOutcome: Sendable, Equatable {
    case done
    case interrupted
    /// Its user had paused it: the host keeps it so.
    case left
    /// The host that did it has ended; it goes on when that runs again.
    case lost
}
