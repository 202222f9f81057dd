import ArgumentParser
import Host

/// `duplex status`: what this computer's host does, as a client and as a server.
struct StatusCommand: AsyncParsableCommand, JSONReporting {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what this computer's host asks for as a client and provides as a server.",
        discussion: """
            Example:
              duplex status --watch
            """)

    @Flag(help: "Show it live until Ctrl-C.")
    var watch = false

    @Option(help: ArgumentHelp("The folder of the host's state.", valueName: "dir"))
    var state: String?

    @Flag(help: "Print one JSON object; with --watch one a look.")
    var json = false

    func run() async throws {
        let console = Console(json: json)
        let control = try await HostAccess.running(state: state)
        guard watch else {
            let status = try await HostAccess.told { try await control.get(StatusModel.self, "/status") }
            console.emit(StatusText.json(status))
            for line in StatusText.lines(status) { console.say(line) }
            return
        }
        let interrupts = Interrupts(statusWhenRepeated: 0)
        try await LiveView(console: console, interrupts: interrupts).run {
            let status = try await HostAccess.told { try await control.get(StatusModel.self, "/status") }
            console.emit(StatusText.json(status))
            return StatusText.lines(status)
        }
    }
}
