import Storage

/// Says which files of a folder are not in the torrent made of it.
enum OmissionText {
    /// More than this are counted, not named.
    private static let maximumNamed = 5

    static func remark(_ omitted: [OmittedEntry], on console: Console) {
        for line in lines(omitted) { console.remark(line) }
    }

    static func lines(_ omitted: [OmittedEntry]) -> [String] {
        guard !omitted.isEmpty else { return [] }
        var lines = ["Left out \(ByteCount.counted(omitted.count, "entry", "entries")):"]
        for reason in OmittedEntry.Reason.allCases {
            let paths = omitted.filter { $0.reason == reason }.map { VisibleText.escaped($0.path) }
            guard !paths.isEmpty else { continue }
            var line = "  \(reason): " + paths.prefix(maximumNamed).joined(separator: ", ")
            if paths.count > maximumNamed { line += " and \(paths.count - maximumNamed) more" }
            lines.append(line)
        }
        return lines
    }
}
