/// When to print the next line of progress where a live line cannot be drawn: at each tenth, every few seconds in
/// between, and when something else begins; never the same line twice.
struct PlainPace {
    private static let interval = Duration.seconds(5)

    /// What is over within this time needs no line.
    private static let patience = Duration.seconds(1)

    private let clock = ContinuousClock()
    private let start = ContinuousClock.now
    private var last: (time: ContinuousClock.Instant, tenth: Int, phase: String, line: String?)?

    mutating func isDue(done: Int64, total: Int64, phase: String, line: String? = nil) -> Bool {
        let now = clock.now
        guard now - start >= Self.patience else { return false }
        let tenth = ProgressBar.percent(done: done, total: total) / 10
        if let last, let line, last.line == line { return false }
        if let last, last.tenth == tenth, last.phase == phase, now - last.time < Self.interval { return false }
        last = (now, tenth, phase, line)
        return true
    }
}
