#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a user's file is called that is kept beside its place: `name (kept 2026-11-25).ext`.
enum KeptName {
    /// So many names are tried until one is free.
    static let attempts = 10_000

    /// File systems take 255 bytes.
    private static let maximumLength = 255

    static func name(_ name: String, date: String, attempt: Int, isFolder: Bool) -> String {
        let dot = isFolder ? nil : name.lastIndex(of: ".").flatMap { $0 == name.startIndex ? nil : $0 }
        var suffix = dot.map { String(name[$0...]) } ?? ""
        var stem = String(name[..<(dot ?? name.endIndex)])
        if suffix.utf8.count > 32 { (stem, suffix) = (name, "") }
        let addition = " (kept \(date))" + (attempt > 1 ? " \(attempt)" : "")
        while stem.utf8.count + addition.utf8.count + suffix.utf8.count > maximumLength, !stem.isEmpty {
            stem.removeLast()
        }
        return stem + addition + suffix
    }

    /// In local time.
    static func today() -> String {
        var now = time(nil)
        var parts = tm()
        localtime_r(&now, &parts)
        func padded(_ number: Int32) -> String { (number < 10 ? "0" : "") + String(number) }
        return "\(Int(parts.tm_year) + 1900)-\(padded(parts.tm_mon + 1))-\(padded(parts.tm_mday))"
    }
}
