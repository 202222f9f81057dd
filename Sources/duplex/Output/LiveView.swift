/// Shows some lines anew twice a second until Ctrl-C: drawn over each other on a terminal, one after the other elsewhere.
struct LiveView {
    let console: Console
    let interrupts: Interrupts

    func run(_ lines: () async throws -> [String]) async throws {
        var drawn = 0
        var before: [String]?
        while !interrupts.isRaised, !console.isClosed {
            let now = try await lines()
            if !console.isJSON, now != before {
                if console.resultTerminal.isInteractive {
                    let size = console.resultTerminal.size
                    let fitting = now.prefix(max(1, size.rows - 1)).map {
                        VisibleText.truncated($0, to: size.columns - 1)
                    }
                    let up = drawn > 0 ? "\u{1B}[\(drawn)F" : ""
                    OutputStream.standardOutput.write(up + "\u{1B}[J" + fitting.map { $0 + "\n" }.joined())
                    drawn = fitting.count
                } else {
                    for line in now { console.say(line) }
                    console.say()
                }
            }
            before = now
            for _ in 0..<5 where !interrupts.isRaised { try await Task.sleep(for: .milliseconds(100)) }
        }
    }
}
