/// Text that cannot be taken for anything but text. Names of hosts may come from anywhere.
enum Escaped {
    /// For HTML and SVG, between tags and inside quoted attributes.
    static func html(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case "\t", "\n": escaped.unicodeScalars.append(scalar)
            // Controls have no place in a page, not even escaped; and some turn the direction of what follows.
            case _ where isControl(scalar): escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// `html` for sentences: a number stays on one line with its unit, and a word with hyphens stays whole.
    static func prose(_ text: String) -> String {
        var joined = ""
        for (index, word) in html(text).split(separator: " ", omittingEmptySubsequences: false).enumerated() {
            let isAfterDigit = joined.last.map { $0.isASCII && $0.isNumber } ?? false
            if index > 0 { joined += isAfterDigit && word.count <= longestUnit ? "\u{A0}" : " " }
            joined += word
        }
        return joined.replacing("peer-to-peer", with: "<span class=\"nb\">peer-to-peer</span>")
    }

    /// `Mbit/s` and a comma or so behind it.
    private static let longestUnit = 7

    /// A field of a CSV file, as RFC 4180 has it.
    static func csv(_ text: String) -> String {
        let isSpecial = text.unicodeScalars.contains { $0 == "," || $0 == "\"" || $0 == "\n" || $0 == "\r" }
        guard isSpecial || text.first == " " || text.last == " " else { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" { quoted += "\"" }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
