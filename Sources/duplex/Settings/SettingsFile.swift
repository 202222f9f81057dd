#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The settings file: a line `name = value` for each setting; `#` begins a comment; `host` may be there several times.
struct SettingsFile {
    let path: String
    let values: [String: [String]]

    static let none = SettingsFile(path: "", values: [:])

    /// The file of `--settings`, or else the usual one, which may be missing.
    static func load(option: String?) throws(CommandFailure) -> SettingsFile {
        let path = option ?? usualPath
        guard option != nil || FolderPath.exists(path) else { return SettingsFile(path: path, values: [:]) }
        let bytes: [UInt8]
        do {
            bytes = try SmallFile.read(path, limit: 1 << 20)
        } catch {
            throw CommandFailure("cannot read the settings \(VisibleText.escaped(path))", because: error)
        }
        return try SettingsFile(path: path, text: String(decoding: bytes, as: UTF8.self))
    }

    init(path: String, values: [String: [String]]) {
        self.path = path
        self.values = values
    }

    init(path: String, text: String) throws(CommandFailure) {
        var values: [String: [String]] = [:]
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let content = Self.withoutComment(line)
            guard !content.isEmpty else { continue }
            let sides = content.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(sides[0]).trimmed
            guard sides.count == 2, SettingSources.names.contains(name) else {
                throw CommandFailure(
                    "cannot use the settings \(VisibleText.escaped(path))",
                    why: "line \(number + 1) is not NAME = VALUE with a name of "
                        + SettingSources.names.sorted().joined(separator: ", "), isUsage: true)
            }
            var value = String(sides[1]).trimmed
            if value.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") {
                value = String(value.dropFirst().dropLast())
            }
            values[name, default: []].append(value)
        }
        self.init(path: path, values: values)
    }

    /// In quotes a `#` is one.
    private static func withoutComment(_ line: Substring) -> String {
        var isQuoted = false
        let content = line.prefix { character in
            if character == "\"" { isQuoted.toggle() }
            return isQuoted || character != "#"
        }
        return String(content).trimmed
    }

    /// `$XDG_CONFIG_HOME/duplex/settings`, else `~/.config/duplex/settings`; on macOS in the Library.
    static var usualPath: String {
        if let config = environment("XDG_CONFIG_HOME"), config.hasPrefix("/") { return config + "/duplex/settings" }
        let home = environment("HOME") ?? "/"
        #if os(macOS)
            return home + "/Library/Application Support/duplex/settings"
        #else
            return home + "/.config/duplex/settings"
        #endif
    }

    static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
