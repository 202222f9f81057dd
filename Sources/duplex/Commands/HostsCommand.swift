import ArgumentParser
import Host

/// `duplex hosts`: who is on the network.
struct HostsCommand: AsyncParsableCommand, JSONReporting {
    static let configuration = CommandConfiguration(
        commandName: "hosts",
        abstract: "List the other hosts on the network: roles, shares, load.",
        discussion: """
            Asks the running host, which knows; without one it listens to the network for two seconds.

            Example:
              duplex hosts --watch
            """)

    @Flag(help: "Show it live until Ctrl-C.")
    var watch = false

    @Option(help: ArgumentHelp("The folder of the host's state.", valueName: "dir"))
    var state: String?

    @Flag(help: "Print one JSON object a host.")
    var json = false

    func run() async throws {
        let console = Console(json: json)
        let interrupts = Interrupts(statusWhenRepeated: 0)
        try await HostAccess.looking(state: state, settling: .milliseconds(2000)) { control in
            guard watch else {
                return show(try await control.get(ListModel<HostModel>.self, "/hosts"), console)
            }
            try await LiveView(console: console, interrupts: interrupts).run {
                let list = try await control.get(ListModel<HostModel>.self, "/hosts")
                if console.isJSON { show(list, console) }
                return Self.lines(list)
            }
        }
    }

    private func show(_ list: ListModel<HostModel>, _ console: Console) {
        for host in list.rows { console.emit(Self.json(host)) }
        if list.rows.isEmpty {
            console.remark("No other host is there. `duplex doctor` says whether something is in the way.")
        }
        for line in Self.lines(list) { console.say(line) }
        ListEnd.remark(list.truncated, on: console)
    }

    static func json(_ host: HostModel) -> JSONValue {
        [
            "name": .string(host.name), "addresses": .array(host.addresses.map(JSONValue.string)),
            "roles": .array(host.roles.map { .string($0.rawValue) }),
            "shares": .array(host.shares.map(JSONValue.string)), "seen": JSONValue(host.seen),
            "load": host.load.map(JSONValue.number) ?? .null, "key": JSONValue(host.key),
            "source": .string(host.source), "message": JSONValue(host.message),
        ]
    }

    private static func lines(_ list: ListModel<HostModel>) -> [String] {
        ColumnText.lines(
            list.rows.map { host in
                [
                    VisibleText.escaped(host.name), VisibleText.escaped(host.addresses.first ?? ""),
                    RoleText.words(host.roles), host.load.map { "its computer is \(Int($0 * 100)) % busy" } ?? "",
                    "seen \(host.seen) s ago",
                    host.message.map { VisibleText.escaped("(\($0))") }
                        ?? VisibleText.escaped(
                            host.shares.isEmpty ? "offers nothing" : host.shares.joined(separator: ", ")),
                ]
            })
    }
}

/// Roles in words.
enum RoleText {
    static func words(_ roles: [HostRole]) -> String {
        if roles.contains(.dedicated) { return "dedicated" }
        switch (roles.contains(.client), roles.contains(.server)) {
        case (true, true): return "both"
        case (true, false): return "client"
        case (false, true): return "server"
        case (false, false): return "idle"
        }
    }
}
