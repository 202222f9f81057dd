import Metainfo

/// How far hashing is, in words.
struct HashingText {
    /// What is being done: `Hashing`, `Checking`.
    let verb: String
    /// Escaped.
    let name: String
    let done: Int64
    let total: Int64
    let seconds: Double

    func liveLine(columns: Int) -> String {
        let title = verb + " " + VisibleText.truncated(name, to: max(12, columns / 4))
        let percent = ProgressBar.percent(done: done, total: total)
        let words = (["\(percent) %"] + facts).joined(separator: "  ")
        let room = columns - VisibleText.width(title) - VisibleText.width(words) - 4
        guard room >= 6 else { return title + "  " + words }
        let bar = ProgressBar.text(fraction: Double(done) / Double(total), columns: min(room, 30))
        return title + "  " + bar + "  " + words
    }

    var plainLine: String {
        "\(verb) \(name): \(ProgressBar.percent(done: done, total: total)) %, " + facts.joined(separator: ", ")
    }

    private var facts: [String] {
        var facts = ["\(ByteCount.size(done)) of \(ByteCount.size(total))"]
        guard let rate = ByteCount.rate(bytes: done, seconds: seconds) else { return facts }
        facts.append(rate)
        if total > done { facts.append(DurationText.left(Double(total - done) * seconds / Double(done)) + " left") }
        return facts
    }
}
