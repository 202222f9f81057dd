import ArgumentParser
import Host
import Storage

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

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
        try Self.startBrowser(address)
        console.remark("If no browser shows: duplex open --print")
    }

    private static func startBrowser(_ address: String) throws {
        #if canImport(Darwin)
            let program = "open"
        #else
            let program = "xdg-open"
        #endif
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(program), strdup(address), nil]
        defer { for argument in arguments { free(argument) } }
        var process = pid_t()
        let code = posix_spawnp(&process, program, nil, nil, &arguments, environ)
        guard code == 0 else {
            throw CommandFailure(
                "cannot start a browser", why: "there is no \(program)", remedy: "open \(address) in one")
        }
    }
}
