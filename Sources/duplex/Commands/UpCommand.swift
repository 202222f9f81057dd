import ArgumentParser
import Host
import PeerWire
import Storage

/// `duplex up`: runs this computer's host until it is stopped.
struct UpCommand: AsyncParsableCommand, JSONReporting {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Run this computer's host: shares that last, transfers that go on, found by others.",
        discussion: """
            Runs until Ctrl-C or SIGTERM; SIGHUP reads the settings again. While it runs, the other commands use it: \
            `duplex share` adds a share and ends, `duplex get` fetches by way of it.

            Settings come from these flags, else from the environment (DUPLEX_NAME for --name, DUPLEX_INBOX_LIMIT for \
            --inbox-limit, and so on), else from a file of lines NAME = VALUE, else they are the defaults that \
            --print-settings shows.

            Example:
              duplex up --name anna
            """)

    @Option(help: "What this host is called on the network. (default: the computer's name)")
    var name: String?

    @Option(
        help: ArgumentHelp(
            "Listen on this address; port 0 means any. Without it: all addresses, "
                + "port \(ListenPreference.usualPort) or a free one.",
            valueName: "host:port"))
    var listen: String?

    @Option(
        help: ArgumentHelp(
            "A host to ask where multicast does not reach; may be repeated. It is asked for others of this network too.",
            valueName: "address"))
    var host: [String] = []

    @Option(help: ArgumentHelp("Find others and be found by multicast. (default: on)", valueName: "on|off"))
    var discovery: String?

    @Option(
        help: ArgumentHelp(
            "Answer browsers at this address, or not at all. Without it: where the host listens, "
                + "port \(WebPreference.usualPort) or a free one.",
            valueName: "host:port|off"))
    var web: String?

    @Option(
        help: ArgumentHelp(
            "Show the owner's page at this address of this computer alone, or not at all. Without it: port "
                + "\(WebPreference.usualOwnerPort) or a free one. `duplex open` opens it.",
            valueName: "host:port|off"))
    var owner: String?

    @Option(
        help: ArgumentHelp(
            "Who may read /metrics: everybody who reaches the pages, only the owner, with its token and at the owner's "
                + "page, or nobody. (default: web)",
            valueName: "web|owner|off"))
    var metrics: String?

    @Option(help: ArgumentHelp("Read settings from this file.", valueName: "file"))
    var settings: String?

    @Flag(help: "Print the settings as they would be used, where each comes from and its default, and end.")
    var printSettings = false

    @Option(help: ArgumentHelp("Keep shares, transfers and keys in this folder.", valueName: "dir"))
    var state: String?

    @Flag(help: "Print one JSON object a line.")
    var json = false

    @OptionGroup
    var limits: LimitOptions

    func run() async throws {
        let console = Console(json: json)
        if printSettings { return try show(console) }
        let settings = try read()
        let interrupts = Interrupts(statusWhenRepeated: 1)
        let reloads = Hangups()
        let state = try StateFolder.open(option: state)
        let service: HostService
        do {
            service = try await HostService.start(settings, state: state, isLasting: true)
        } catch let error as StorageError {
            throw CommandFailure(error.description, remedy: "or name another folder for the state with --state DIR")
        }
        await UpSession(service: service, console: console).run(until: interrupts, reloads) {
            try read()
        }
    }

    private func sources() throws(CommandFailure) -> SettingSources {
        var flags = limits.values
        flags["host"] = host
        if let name { flags["name"] = [name] }
        if let listen { flags["listen"] = [listen] }
        if let web { flags["web"] = [web] }
        if let owner { flags["owner"] = [owner] }
        if let metrics { flags["metrics"] = [metrics] }
        if let discovery { flags["discovery"] = [discovery] }
        return SettingSources(
            flags: flags, environment: SettingsFile.environment, file: try SettingsFile.load(option: settings))
    }

    /// The settings, with names of hosts apart from their addresses, and what the owner is shown of them.
    private func read() throws -> HostSettings {
        let sources = try sources()
        var settings = try sources.settings()
        settings.file = sources.file.path
        settings.described = try sources.rows()
        (settings.hosts, settings.hostNames) = (
            settings.hosts.filter { PeerAddress(parsing: $0) != nil },
            settings.hosts.filter { PeerAddress(parsing: $0) == nil }
        )
        return settings
    }

    private func show(_ console: Console) throws {
        let sources = try sources()
        for row in try sources.rows() {
            console.emit([
                "name": .string(row.name), "value": .string(row.value), "origin": .string(row.origin),
                "default": .string(row.standard), "variable": .string(row.variable),
            ])
            console.say(
                "# \(row.explanation) (\(row.variable); default: \(row.standard.isEmpty ? "none" : row.standard))")
            let line = "\(row.name) = \(VisibleText.escaped(row.value))"
            console.say(
                row.value.isEmpty
                    ? "# \(row.name) =" : row.origin == SettingOrigin.standard.rawValue ? "# \(line)" : line)
        }
        console.remark("The settings file is \(VisibleText.escaped(sources.file.path)).")
    }
}
