/// A bar of block characters that fills from left to right.
enum ProgressBar {
    /// `fraction` from 0 to 1; the bar takes `columns` columns, with eighths of a column shown.
    static func text(fraction: Double, columns: Int) -> String {
        let bounded = fraction.isFinite ? min(max(fraction, 0), 1) : 0
        let eighths = Int(bounded * Double(columns) * 8)
        let full = eighths / 8
        guard full < columns else { return String(repeating: "█", count: columns) }
        let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
        let empty = columns - full - (partial.isEmpty ? 0 : 1)
        return String(repeating: "█", count: full) + partial + String(repeating: "·", count: empty)
    }

    /// Whole percents, rounded down: 100 % only when everything is there.
    static func percent(done: Int64, total: Int64) -> Int {
        guard total > 0 else { return 0 }
        return Int(min(max(Double(done) / Double(total), 0), 1) * 100)
    }
}
