/// The last line of a terminal, drawn anew in place.
struct ProgressLine: Sendable {
    private let terminal: Terminal
    private var shown: String?

    init(terminal: Terminal) {
        self.terminal = terminal
    }

    /// Draws the text, cut to the width of the terminal. The text must be `escaped`.
    mutating func draw(_ text: String) {
        // The last column stays free: filling it makes some terminals go to the next line.
        let line = VisibleText.truncated(text, to: terminal.size.columns - 1)
        guard line != shown else { return }
        shown = line
        terminal.stream.write("\r\(line)\u{1B}[K")
    }

    /// Takes the line away, so that ordinary output can be written in its place.
    mutating func clear() {
        guard shown != nil else { return }
        shown = nil
        terminal.stream.write("\r\u{1B}[K")
    }
}
