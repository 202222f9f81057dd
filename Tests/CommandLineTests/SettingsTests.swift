import ArgumentParser
import Host
import Testing

@testable import duplex

@Suite struct SettingsTests {
    private func sources(
        flags: [String: [String]] = [:], environment: [String: String] = [:], file: String = ""
    ) throws -> SettingSources {
        SettingSources(
            flags: flags, environment: { environment[$0] }, file: try SettingsFile(path: "/settings", text: file))
    }

    @Test func flagsComeBeforeTheEnvironmentBeforeTheFileBeforeDefaults() throws {
        let file = "name = file\nlisten = 127.0.0.1:1\ndiscovery = off\n"
        let all = try sources(
            flags: ["name": ["flag"], "host": []], environment: ["DUPLEX_NAME": "env", "DUPLEX_LISTEN": "127.0.0.1:2"],
            file: file)
        let settings = try all.settings()
        #expect(settings.name == "flag")
        #expect(settings.listen == .address(host: "127.0.0.1", port: 2))
        #expect(!settings.discovery)
        #expect(settings.hosts.isEmpty)
        #expect(
            try all.rows().map(\.origin) == ["flag", "environment", "default", "file"]
                + Array(repeating: "default", count: 3 + HostLimit.all.count))
        let none = try sources(environment: ["DUPLEX_NAME": ""]).settings()
        #expect(none.name == HostName.ofThisComputer)
        #expect(none.listen == .automatic && none.discovery)
    }

    @Test func sizesAreReadAndPrintedTheSame() throws {
        let all = try sources(
            flags: ["inbox-reserve": ["0"]], environment: ["DUPLEX_INBOX_LIMIT": "1.5GiB"], file: "inbox-limit = 1MB")
        #expect(try all.settings().uploads.file == 3 << 29)
        #expect(try all.settings().uploads.reserve == 0)
        let row = try #require(try all.rows().first { $0.name == "inbox-limit" })
        #expect(row.value == "1536MiB" && row.standard == "10GiB" && row.variable == "DUPLEX_INBOX_LIMIT")
    }

    @Test func everyLimitHasAFlagAndIsReadAsItIsPrinted() throws {
        for limit in HostLimit.all {
            let command = try UpCommand.parse(["--\(limit.name)", "text"])
            #expect(command.limits.values == [limit.name: ["text"]])
            for value in [limit.bounds.lowerBound, limit.bounds.upperBound, limit.value(HostSettings(name: ""))] {
                let all = try sources(flags: [limit.name: [limit.text(value)]])
                #expect(try limit.value(all.settings()) == value, "\(limit.name) \(limit.text(value))")
                #expect(try all.rows().first { $0.name == limit.name }?.value == limit.text(value))
            }
        }
    }

    @Test(arguments: [("90", 90), ("90s", 90), ("2 min", 120), ("1h", 3600), ("1H", 3600)])
    func timesHaveTheirUnits(text: String, seconds: Int) throws {
        #expect(try sources(flags: ["web-idle-time": [text]]).settings().webLimits.idleTime == seconds)
    }

    @Test(arguments: ["\n", "\r\n", "\r"]) func theFileHasOneSettingALine(lineEnd: String) throws {
        let text = [
            "# mine", "", "  name =  Anna's host  # here", "host = 10.0.0.1", "host=10.0.0.2:5", "discovery = \"no\"",
        ]
        .joined(separator: lineEnd)
        let settings = try sources(file: text).settings()
        #expect(settings.name == "Anna's host")
        #expect(settings.hosts == ["10.0.0.1:27272", "10.0.0.2:5"])
        #expect(!settings.discovery)
    }

    @Test func aNumberSignInQuotesIsNoComment() throws {
        #expect(try sources(file: "name = \"host #1\" # of two").settings().name == "host #1")
    }

    @Test(arguments: ["name", "nam = x", "= x", "name x", "listen", "name = a\nfoo = b"])
    func otherLinesAreRefusedWithTheirNumber(text: String) throws {
        let error = #expect(throws: CommandFailure.self) { try sources(file: text) }
        let line = text.contains("\n") ? 2 : 1
        #expect(error.map { "\($0)".contains("line \(line) ") } == true)
    }

    @Test(
        arguments: [
            ("name", ""), ("name", "a/b"), ("name", "a\u{7}"), ("name", "\u{9B}31m"),
            ("name", String(repeating: "a", count: 64)), ("listen", "x"), ("listen", "1.2.3.4"),
            ("listen", "::1:80"), ("listen", "127.0.0.1:99999"), ("host", "a b"), ("host", ""),
            ("host", "/"), ("host", "[x]:1"), ("discovery", "perhaps"), ("web", "x"), ("owner", "0.0.0.0:80"),
            ("discovery", ""), ("inbox-limit", "0"), ("inbox-limit", "much"), ("inbox-reserve", "-1"),
            ("inbox-reserve", ""), ("web-connections", "0"), ("web-connections", "65537"), ("web-connections", "1.5"),
            ("web-connections", ""), ("web-idle-time", "0"), ("web-idle-time", "61min"), ("web-idle-time", "s"),
            ("web-idle-time", "-1s"), ("web-idle-time", "99999999999999999999d"),
            ("web-idle-time", "9223372036854775807d"),
            ("web-header-size", "1023"), ("inbox-files", "\u{7}"),
        ])
    func valuesThatCannotBeAreRefused(name: String, value: String) throws {
        let sources = try sources(flags: [name: [value]])
        let error = #expect(throws: CommandFailure.self) { try sources.settings() }
        #expect(error.map { !"\($0)".contains("\u{7}") && !"\($0)".contains("\u{9B}") } == true)
    }

    @Test(
        arguments: [
            ("192.168.1.4", "192.168.1.4:27272"), ("192.168.1.4:5", "192.168.1.4:5"), ("::1", "[::1]:27272"),
            ("[::1]", "[::1]:27272"), ("[::1]:5", "[::1]:5"), ("fe80::1%eth0", "[fe80::1%eth0]:27272"),
            ("server.local", "server.local:27272"),
        ])
    func hostsMayLackTheirPort(text: String, address: String) {
        #expect(SettingSources.hostAddress(text) == address)
    }

    @Test func severalHostsInOneVariableAreSeparatedByCommas() throws {
        let settings = try sources(environment: ["DUPLEX_HOST": "10.0.0.1, [::1]:5 ,10.0.0.2"]).settings()
        #expect(settings.hosts == ["10.0.0.1:27272", "[::1]:5", "10.0.0.2:27272"])
    }

    @Test func everySettingIsExplained() throws {
        let rows = try sources().rows()
        let names = ["NAME", "LISTEN", "HOST", "DISCOVERY", "WEB", "OWNER", "METRICS"]
        #expect(
            rows.map(\.variable) == names.map { "DUPLEX_\($0)" }
                + HostLimit.all.map { SettingSources.variable($0.name) })
        #expect(rows.allSatisfy { !$0.explanation.isEmpty && $0.origin == "default" && $0.value == $0.standard })
        #expect(Set(rows.map(\.name)) == SettingSources.names)
    }

    @Test func aFileThatWasNamedMustBeThere() throws {
        let folder = try TemporaryFolder()
        #expect(throws: CommandFailure.self) { try SettingsFile.load(option: folder.path + "/none") }
        #expect(throws: CommandFailure.self) { try SettingsFile.load(option: folder.path) }
        let path = folder.path + "/settings"
        try SmallFile.write(Array("name = a".utf8), to: path, replacing: false)
        #expect(try SettingsFile.load(option: path).values == ["name": ["a"]])
    }
}
