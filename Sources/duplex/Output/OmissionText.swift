import Host
import Metainfo
import Storage

/// Says which files of a folder are not in the torrent made of it.
enum OmissionText {
    /// More than this are counted, not named, where nobody would have meant to share them.
    private static let maximumNamed = 5

    /// `name` is that of the folder.
    static func remark(_ omitted: [OmittedEntry], of name: String, on console: Console) {
        for line in lines(omitted, of: name) { console.warn(line) }
    }

    /// As a host tells them.
    static func lines(_ omitted: [OmissionModel], of name: String) -> [String] {
        let entries = omitted.compactMap { entry in
            OmittedEntry.Reason.allCases.first { $0.description == entry.reason }
                .map { OmittedEntry(path: entry.path, reason: $0) }
        }
        return lines(entries, of: name, isCut: omitted.count >= OmissionModel.maximumCount)
    }

    /// - Parameter isCut: there may be more of them.
    static func lines(_ omitted: [OmittedEntry], of name: String, isCut: Bool = false) -> [String] {
        guard !omitted.isEmpty else { return [] }
        let count = ByteCount.counted(omitted.count, "entry", "entries")
        var lines = ["Left out \(isCut ? "at least " : "")\(count) of \(VisibleText.escaped(name)):"]
        for reason in OmittedEntry.Reason.allCases {
            let paths = omitted.filter { $0.reason == reason }.map { VisibleText.escaped($0.path) }
            guard !paths.isEmpty else { continue }
            let named = isExpected(reason) ? paths.prefix(maximumNamed) : paths[...]
            var line = "  \(reason): " + named.joined(separator: ", ")
            if paths.count > named.count { line += " and \(paths.count - named.count) more" }
            lines.append(line)
        }
        return lines
    }

    /// Whether whoever shares the folder will not miss what is left out for this reason.
    private static func isExpected(_ reason: OmittedEntry.Reason) -> Bool {
        switch reason {
        case .systemFile, .partialFile, .editorBackup: true
        case .symbolicLink, .specialFile, .notPermitted, .unusableName, .emptyFolder: false
        }
    }
}
