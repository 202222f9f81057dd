/// Where a command prints: results on standard output, remarks and the live line on standard error; with `--json`
/// one object a line on standard output and nothing else there.
final class Console {
    let isJSON: Bool
    /// The terminal that the live line is drawn on, if standard error is one.
    let terminal: Terminal
    /// Standard output, if it is a terminal: for the QR code and bold text.
    let resultTerminal: Terminal
    /// The reader of standard output went away, or it takes no more (see `OutputStream.failure`).
    private(set) var isClosed = false
    private var liveLine: ProgressLine

    init(json: Bool) {
        isJSON = json
        terminal = Terminal(stream: .standardError)
        resultTerminal = Terminal(stream: .standardOutput)
        liveLine = ProgressLine(terminal: terminal)
    }

    /// Whether a live line can be drawn; otherwise progress is told by `remark` now and then.
    var isLive: Bool { terminal.isInteractive && !isJSON }

    /// Room for a live line: the terminal's own `^C` fits behind it.
    var liveColumns: Int { terminal.size.columns - 3 }

    /// A line of the result, for people. Nothing with `--json`. The text must be `escaped` where others chose it.
    func say(_ text: String = "") {
        guard !isJSON else { return }
        liveLine.clear()
        if !OutputStream.standardOutput.write(text + "\n") { isClosed = true }
    }

    /// A line beside the result, for people, on standard error. Nothing with `--json`.
    func remark(_ text: String) {
        guard !isJSON else { return }
        liveLine.clear()
        OutputStream.standardError.write(text + "\n")
    }

    /// A remark that matters to programs' users too: also with `--json`, which has no event for it.
    func warn(_ text: String) {
        liveLine.clear()
        OutputStream.standardError.write(text + "\n")
    }

    /// An object of the `--json` output. Nothing without.
    func emit(_ value: JSONValue) {
        guard isJSON else { return }
        if !OutputStream.standardOutput.write(value.text + "\n") { isClosed = true }
    }

    /// Draws the live line anew. Nothing if `isLive` is false.
    func live(_ text: String) {
        guard isLive else { return }
        liveLine.draw(text)
    }

    func clearLive() {
        liveLine.clear()
    }
}
