import Doctor
import Metainfo

/// What `doctor` found, for people and for programs.
enum DoctorText {
    static func json(_ finding: Finding) -> JSONValue {
        [
            "id": .string(finding.id), "severity": .string(finding.severity.rawValue), "title": .string(finding.title),
            "explanation": .string(finding.explanation), "remedy": JSONValue(finding.remedy),
            "evidence": .array(finding.evidence.map(JSONValue.string)),
        ]
    }

    /// What is right first, a line each; the worst last, where the eye is.
    static func lines(_ findings: [Finding], terminal: Terminal) -> [String] {
        let columns = terminal.isInteractive ? min(terminal.size.columns, 110) : 110
        var lines: [String] = []
        for severity in Finding.Severity.allCases {
            let group = findings.filter { $0.severity == severity }
            for finding in group { lines += self.lines(finding, columns: columns, terminal: terminal) }
            if severity == .ok, !group.isEmpty, group.count < findings.count { lines.append("") }
        }
        return lines + (lines.last == "" ? [] : [""]) + [summary(findings)]
    }

    static func summary(_ findings: [Finding]) -> String {
        let problems = findings.count { $0.severity == .problem }
        let warnings = findings.count { $0.severity == .warning }
        if problems == 0, warnings == 0 { return "Nothing is wrong as far as can be seen from this computer." }
        let parts = [
            problems > 0 ? ByteCount.counted(problems, "problem") : nil,
            warnings > 0 ? ByteCount.counted(warnings, "warning") : nil,
        ]
        return parts.compactMap(\.self).joined(separator: " and ") + "."
    }

    private static let labelWidth = 9

    private static func lines(_ finding: Finding, columns: Int, terminal: Terminal) -> [String] {
        let label = finding.severity.rawValue
        let padding = String(repeating: " ", count: max(1, labelWidth - label.count))
        let title = VisibleText.escaped(finding.title)
        guard finding.severity != .ok else { return ["\(label)\(padding)\(title)"] }
        let indent = String(repeating: " ", count: labelWidth)
        let width = max(30, columns - labelWidth - 1)
        var lines = wrapped(title, to: width).map { terminal.bold($0) }
        lines += wrapped(VisibleText.escaped(finding.explanation), to: width)
        if let remedy = finding.remedy { lines += self.remedy(VisibleText.escaped(remedy), width: width) }
        lines += finding.evidence.flatMap { wrapped("Seen: " + VisibleText.escaped($0), to: width) }
        guard let first = lines.first else { return [] }
        return [terminal.bold(label) + padding + first] + lines.dropFirst().map { indent + $0 } + [""]
    }

    /// Commands stay on one line, so that they can be copied.
    private static func remedy(_ text: String, width: Int) -> [String] {
        let line = "To do: " + text
        guard text.hasPrefix("sudo ") else { return wrapped(line, to: width) }
        guard let end = line.firstIndex(of: ";") else { return [line] }
        return [String(line[..<end])] + wrapped(String(line[line.index(after: end)...]), to: width)
    }

    /// Broken at spaces; a word that is longer than a line stays whole, so that it can be copied.
    static func wrapped(_ text: String, to width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, VisibleText.width(line) + 1 + VisibleText.width(String(word)) > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return line.isEmpty ? lines : lines + [line]
    }
}
