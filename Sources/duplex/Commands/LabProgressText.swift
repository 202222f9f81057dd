import Lab
import Metainfo

/// How far a lab is, in words.
struct LabProgressText {
    let progress: LabProgress

    init(_ progress: LabProgress) {
        self.progress = progress
    }

    func liveLine(columns: Int) -> String {
        let words = facts.joined(separator: "  ")
        let room = columns - VisibleText.width(title) - VisibleText.width(words) - 4
        guard room >= 6, progress.totalBytes > 0 else { return title + "  " + words }
        let fraction = Double(progress.bytes) / Double(progress.totalBytes)
        return title + "  " + ProgressBar.text(fraction: fraction, columns: min(room, 30)) + "  " + words
    }

    var plainLine: String { title + ": " + facts.joined(separator: ", ") }

    private var title: String {
        let model = progress.model == .clientServer ? "client/server" : "peer-to-peer"
        return "\(ByteCount.counted(progress.receivers, "host")), \(model)"
    }

    private var facts: [String] {
        guard progress.totalBytes > 0 else { return ["getting ready"] }
        return [
            "\(ProgressBar.percent(done: progress.bytes, total: progress.totalBytes)) %",
            "\(progress.finishedReceivers) of \(progress.receivers) done", DurationText.elapsed(progress.elapsed),
        ]
    }
}
