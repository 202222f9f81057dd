import ArgumentParser
import Host
import Storage

/// `duplex open`: shows the owner's page of the running host in the browser.
struct OpenCommand: AsyncParsableCommand, JSONReporting {
    static let configuration = CommandConfiguration(
        commandName: "open",
        abstract: "Open this host's own page in the browser.",
        discussion: """
            The page shows and does what the commands do, live. It answers on this computer alone, and the address has \
            a token in it: give it to nobody.

            Example:
              duplex open
            """)

    @Flag(help: "Print the address instead of starting a browser.")
    var print = false

    @Option(help: ArgumentHelp("The folder of the host's state.", valueName: "dir"))
    var state: String?

    @Flag(help: "Print the address as a JSON object; no browser is started.")
    var json = false

    func run() async throws {
        let console = Console(json: json)
        let control = try await HostAccess.running(state: state)
        let settings = try await HostAccess.told { try await control.get(SettingsModel.self, "/settings") }
        guard let page = settings.owner else {
            throw CommandFailure(
                "cannot open the owner's page", why: "the host was started with --owner off",
                remedy: "start it without")
        }
        let token = try OwnerToken.load(try StateFolder.open(option: state))
        let address = "\(page)/?token=\(token.text)"
        if json || print {
            console.emit(["event": "open", "url": .string(address)])
            console.say(address)
            return
        }
        guard await Self.startBrowser(address) else {
            console.say(address)
            console.remark("No browser could be started here; open this address in one on this computer.")
            return
        }
        console.remark("If no browser shows: duplex open --print")
    }

    /// - Returns: whether one seems to show it.
    private static func startBrowser(_ address: String) async -> Bool {
        #if canImport(Darwin)
            let program = "open"
        #else
            let program = "xdg-open"
            // Without a screen it could only say that it found nothing.
            guard ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER"].contains(where: { SettingsFile.environment($0) != nil })
            else { return false }
        #endif
        return await Launch.succeeds(program, [address])
    }
}
