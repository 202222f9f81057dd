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
        let folder = try StateFolder.open(option: state)
        let token = try OwnerToken.load(folder)
        let address = token.address(of: page)
        if json || print {
            console.emit(["event": "open", "url": .string(address)])
            console.say(address)
            return
        }
        guard try await Self.startBrowser(page, token, folder) else {
            console.say(address)
            console.remark("No browser could be started here; open this address in one on this computer.")
            return
        }
        console.remark("If no browser shows it: duplex open --print")
    }

    /// Every user sees the arguments of every program, so the browser gets a file of this user's that leads on.
    ///
    /// - Returns: whether one seems to show it.
    private static func startBrowser(
        _ page: String, _ token: OwnerToken, _ state: StateDirectory
    ) async throws -> Bool {
        #if canImport(Darwin)
            let program = "open"
        #else
            let program = "xdg-open"
            // Without a screen it could only say that it found nothing.
            guard ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER"].contains(where: { SettingsFile.environment($0) != nil })
            else { return false }
        #endif
        guard let opener = token.opener(of: page) else { return false }
        return await Launch.succeeds(program, [try state.writeOpener(opener, in: await snapFolder())])
    }

    /// A folder that the browser can read, if it cannot read that of the state.
    ///
    /// Most read everything that their user may. One of a snap (that is how Ubuntu brings Firefox) sees no hidden folder, and
    /// a `/tmp` of its own; it does see `~/snap/NAME/common`, and its desktop entry is called NAME_PROGRAM. One of a
    /// flatpak gets the file by way of the portal for documents, wherever that is.
    private static func snapFolder() async -> String? {
        guard let home = SettingsFile.environment("HOME"), access(home + "/snap", F_OK) == 0,
            let entry = await Launch.firstLine("xdg-mime", ["query", "default", "text/html"]),
            let name = entry.split(separator: "_").first, entry.contains("_"), !name.contains("/"), name != ".."
        else { return nil }
        let folder = "\(home)/snap/\(name)/common"
        return access(folder, W_OK) == 0 ? folder : nil
    }
}
