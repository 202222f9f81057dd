import Metainfo

/// Spans of time for people.
enum DurationText {
    /// How long something took: `0.42 s`, `12.3 s`, `4 min 05 s`, `2 h 10 min`.
    static func elapsed(_ seconds: Double) -> String {
        guard seconds >= 0, seconds.isFinite else { return "0.00 s" }
        if seconds < 9.995 { return FixedDecimal.text(seconds, decimals: 2) + " s" }
        if seconds < 59.95 { return FixedDecimal.text(seconds, decimals: 1) + " s" }
        return coarse(seconds)
    }

    /// How long something will still take, in whole seconds: `8 s`, `4 min 05 s`, `2 h 10 min`, `3 d 4 h`.
    static func left(_ seconds: Double) -> String {
        guard seconds >= 0, seconds.isFinite else { return "?" }
        if seconds < 59.5 { return "\(Int(seconds.rounded(.up))) s" }
        return coarse(seconds)
    }

    private static func coarse(_ seconds: Double) -> String {
        // A transfer that would take longer than this never ends as far as anyone watching is concerned.
        guard seconds < 8_640_000 else { return "over 100 d" }
        let whole = Int(seconds.rounded())
        let (minutes, hours, days) = (whole / 60, whole / 3600, whole / 86400)
        if hours == 0 { return "\(minutes) min \(twoDigits(whole % 60)) s" }
        if days == 0 { return "\(hours) h \(twoDigits(minutes % 60)) min" }
        return "\(days) d \(hours % 24) h"
    }

    private static func twoDigits(_ value: Int) -> String {
        value < 10 ? "0\(value)" : String(value)
    }
}

extension Duration {
    var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
