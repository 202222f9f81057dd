import Host

/// Where a setting comes from; what is named later gives way to what is named before.
enum SettingOrigin: String {
    case flag, environment, file
    case standard = "default"
}

/// The settings of `duplex up`: flags over the environment over a file over defaults.
struct SettingSources {
    /// By name of the setting; several values for one that may be repeated.
    var flags: [String: [String]]
    var environment: (String) -> String?
    var file: SettingsFile

    private func find(_ name: String, separator: Character? = nil) -> (values: [String], origin: SettingOrigin)? {
        if let values = flags[name], !values.isEmpty { return (values, .flag) }
        if let text = environment(Self.variable(name)), !text.isEmpty {
            let values = separator.map { text.split(separator: $0).map(String.init) } ?? [text]
            return (values.map { $0.trimmed }, .environment)
        }
        if let values = file.values[name], !values.isEmpty { return (values, .file) }
        return nil
    }

    static func variable(_ name: String) -> String {
        "DUPLEX_" + name.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
    }

    /// The settings, checked.
    ///
    /// - Throws: `CommandFailure` for a value that cannot be one; that is wrong usage, wherever it stands.
    func settings() throws(CommandFailure) -> HostSettings {
        do throws(CommandFailure) {
            return try checked()
        } catch {
            throw error.asUsage
        }
    }

    private func checked() throws(CommandFailure) -> HostSettings {
        var settings = HostSettings(name: HostName.ofThisComputer)
        if let (values, _) = find("name"), let name = values.last { settings.name = try Self.checkedName(name) }
        if let (values, origin) = find("listen"), let text = values.last {
            do {
                settings.listen = try ListenPreference(parsing: text)
            } catch {
                throw CommandFailure("cannot use the setting 'listen' (\(origin.rawValue))", why: "\(error)")
            }
        }
        settings.web = try preference("web")
        settings.owner = try preference("owner")
        if let (values, origin) = find("metrics"), let text = values.last {
            guard let place = MetricsPlace(parsing: text) else {
                throw CommandFailure(
                    "cannot use the setting 'metrics' (\(origin.rawValue))",
                    why: "'\(VisibleText.escaped(text))' is neither web, owner nor off")
            }
            settings.metrics = place
        }
        guard settings.owner.isForOwner else {
            throw CommandFailure(
                "cannot show the owner's page at \(settings.owner)", why: "others could reach it there",
                remedy: "name a port of 127.0.0.1, such as 127.0.0.1:\(WebPreference.usualOwnerPort)")
        }
        for limit in HostLimit.all {
            if let value = try number(limit) { limit.set(&settings, value) }
        }
        if let (values, origin) = find("host", separator: ",") {
            settings.hosts = try values.map { text throws(CommandFailure) in
                guard let address = Self.hostAddress(text) else {
                    throw CommandFailure(
                        "cannot use the setting 'host' (\(origin.rawValue))", why: "'\(text)' is not an address",
                        remedy: "give ADDRESS or ADDRESS:PORT, such as 192.168.1.4")
                }
                return address
            }
        }
        if let (values, origin) = find("discovery"), let text = values.last {
            switch text.lowercased() {
            case "on", "yes", "true": settings.discovery = true
            case "off", "no", "false": settings.discovery = false
            default:
                throw CommandFailure(
                    "cannot use the setting 'discovery' (\(origin.rawValue))", why: "'\(text)' is neither on nor off")
            }
        }
        return settings
    }

    private func number(_ limit: HostLimit) throws(CommandFailure) -> Int64? {
        guard let (values, origin) = find(limit.name), let text = values.last else { return nil }
        let what = "cannot use the setting '\(limit.name)' (\(origin.rawValue))"
        guard let value = limit.unit.parse(text) else {
            throw CommandFailure(
                what, why: "'\(VisibleText.escaped(text))' is not \(limit.unit.word)",
                remedy: "give one such as \(limit.standard)")
        }
        guard limit.bounds.contains(value) else {
            let (least, most) = (limit.text(limit.bounds.lowerBound), limit.text(limit.bounds.upperBound))
            throw CommandFailure(
                what, why: "'\(VisibleText.escaped(text))' is not between \(least) and \(most)",
                remedy: "give one such as \(limit.standard)")
        }
        return value
    }

    private func preference(_ name: String) throws(CommandFailure) -> WebPreference {
        guard let (values, origin) = find(name), let text = values.last else { return .automatic }
        do {
            return try WebPreference(parsing: text)
        } catch {
            throw CommandFailure("cannot use the setting '\(name)' (\(origin.rawValue))", why: "\(error)")
        }
    }

    /// ADDRESS or ADDRESS:PORT as HOST:PORT; without a port the usual one is meant.
    static func hostAddress(_ text: String) -> String? {
        if let address = HostAndPort(parsing: text) { return address.description }
        let usual = ListenPreference.usualPort
        let bracketed = text.contains(":") && !text.hasPrefix("[") ? "[\(text)]:\(usual)" : "\(text):\(usual)"
        return HostAndPort(parsing: bracketed)?.description
    }

    private static func checkedName(_ name: String) throws(CommandFailure) -> String {
        let isClean = name.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
        guard isClean, !name.contains("/"), (1...63).contains(name.utf8.count) else {
            throw CommandFailure(
                "cannot use the name '\(VisibleText.escaped(name))'",
                why: "a name has 1 to 63 bytes without slashes and control characters", remedy: "choose another")
        }
        return name
    }

    /// All settings, in the order of the documentation.
    func rows() throws(CommandFailure) -> [SettingModel] {
        let now = try settings()
        var standard = HostSettings(name: HostName.ofThisComputer)
        standard.web = .automatic
        standard.owner = .automatic
        return Self.table.map { entry in
            SettingModel(
                name: entry.name, value: entry.text(now),
                origin: (find(entry.name, separator: ",")?.origin ?? .standard).rawValue,
                standard: entry.text(standard),
                variable: Self.variable(entry.name), explanation: entry.explanation)
        }
    }

    private struct Entry {
        let name: String
        let explanation: String
        let text: (HostSettings) -> String
    }

    private static var table: [Entry] {
        [
            Entry(name: "name", explanation: "what this host is called on the network") { $0.name },
            Entry(name: "listen", explanation: "where it takes connections, HOST:PORT") { $0.listen.description },
            Entry(name: "host", explanation: "hosts to ask that multicast does not reach, ADDRESS[:PORT]") {
                $0.hosts.joined(separator: ", ")
            },
            Entry(name: "discovery", explanation: "find others and be found by multicast, on or off") {
                $0.discovery ? "on" : "off"
            },
            Entry(name: "web", explanation: "where it answers browsers, HOST:PORT or off") { $0.web.description },
            Entry(name: "owner", explanation: "where the owner's page is, 127.0.0.1:PORT or off") {
                $0.owner.ownerDescription
            },
            Entry(name: "metrics", explanation: "who may read /metrics: web (everybody), owner (by token) or off") {
                $0.metrics.rawValue
            },
        ]
            + HostLimit.all.map { limit in
                Entry(name: limit.name, explanation: limit.explanation) { limit.text(limit.value($0)) }
            }
    }

    static var names: Set<String> { Set(table.map(\.name)) }
}

extension String {
    /// Without blanks at either end.
    var trimmed: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
