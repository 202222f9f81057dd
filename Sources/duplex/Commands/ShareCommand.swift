import ArgumentParser
import Foundation
import Host
import Metainfo
import Storage

/// `duplex share`: offers files and folders until interrupted.
struct ShareCommand: AsyncParsableCommand, JSONReporting {
    static let configuration = CommandConfiguration(
        commandName: "share",
        abstract: "Offer files or folders; prints a link for each.",
        discussion: """
            Whoever has the link can fetch, straight from this computer. With --public everybody on the network sees it \
            and fetches it by name. Nothing is copied or changed here. What was hashed before and has not changed is not \
            hashed again.

            With --inbox the folder is public, and whoever opens this computer's page may put files into it: with a \
            browser, or with curl -T FILE http://HOST:PORT/s/NAME/. Nothing that is there is overwritten.

            With a host running (`duplex up`) the share is the host's: it lasts over restarts, its folder is watched, and \
            each change becomes a new version. Otherwise it lasts until Ctrl-C; each change of a public one is a new version \
            then too, and a link gives what was there when it was printed. What is emptied is not offered until its files \
            are back.

            Examples:
              duplex share ~/Lectures
              duplex share --public ~/Lectures --name Physics
              duplex share --inbox ~/Handed-in
            """)

    @Argument(help: "The files or folders.")
    var path: [String]

    @Flag(help: "Tell everybody on the network of it.")
    var `public` = false

    @Flag(help: "Let visitors of this computer's page put files into the folder. Implies --public.")
    var inbox = false

    @Option(help: "What the share is called. (default: like the file or folder)")
    var name: String?

    @Option(
        help: ArgumentHelp(
            "Offer the data at PATH for this existing .torrent file (checked first).", valueName: "file"))
    var torrent: String?

    @Option(help: "hybrid is for every program that reads v1 or v2; v1 for old ones. (default: hybrid)")
    var format: TorrentFormat?

    @Option(
        help: ArgumentHelp("Bytes in a piece, a power of two. Without it: chosen by the size.", valueName: "bytes"),
        transform: OptionParsing.pieceLength)
    var pieceLength: Int?

    @OptionGroup
    var place: ListenOption

    @Option(help: ArgumentHelp("Keep what was hashed in this folder.", valueName: "dir"))
    var state: String?

    @Flag(help: "Print one JSON object a line.")
    var json = false

    private var listen: ListenPreference? { place.listen }

    func validate() throws {
        if path.count > 1, name != nil { throw ValidationError("--name takes exactly one PATH") }
        guard torrent != nil else { return }
        if inbox { throw ValidationError("--inbox cannot be used with --torrent, which fixes what is in the folder") }
        if path.count > 1 { throw ValidationError("--torrent takes exactly one PATH") }
        if format != nil || pieceLength != nil {
            throw ValidationError("--format and --piece-length cannot be used with --torrent, which fixes both")
        }
    }

    func run() async throws {
        let console = Console(json: json)
        let interrupts = Interrupts(statusWhenRepeated: 0)
        let existing = try torrent.map(SourceArgument.readTorrent)
        if inbox { try refuseMissing() }
        let paths = try ShareSession.distinct(path)
        // Before any hashing, so that a port that cannot be had is known at once.
        let state = try StateFolder.open(option: state)
        if let control = await HostControl.running(with: state) {
            try HostStart.refuseListen(listen)
            let session = HostShareSession(control: control, own: nil, console: console, interrupts: interrupts)
            try await session.offer(try orders(paths, existing))
            return
        }
        if `public` || inbox {
            return try await offerPublicly(try orders(paths, existing), state, console, interrupts)
        }
        let host = try await HostStart.start(listen: listen ?? .automatic, state: state)
        do {
            let options = CreationOptions(format: format ?? .hybrid, pieceLength: pieceLength, name: name)
            let session = ShareSession(
                host: host, console: console, interrupts: interrupts, options: options, state: state)
            if let existing, let path = paths.first {
                try await session.offer(existing, at: path)
            } else {
                try await session.offer(paths)
            }
            await session.watch()
            await host.stop()
        } catch {
            console.clearLive()
            await host.stop()
            throw error
        }
    }

    /// Without a host that runs, this command is one for as long as it lasts.
    private func offerPublicly(
        _ orders: [ShareOrder], _ state: StateDirectory, _ console: Console, _ interrupts: Interrupts
    ) async throws {
        var settings = HostSettings(name: HostName.ofThisComputer, listen: listen ?? .automatic)
        settings.watchesShares = true
        if inbox { settings = try pages(settings) }
        let service = try await HostService.start(settings, state: state, isLasting: false)
        do {
            let session = HostShareSession(
                control: HostControl(service), own: service, console: console, interrupts: interrupts)
            let offered = try await session.offer(orders)
            console.remark("Ctrl-C ends this.")
            await session.stay(with: offered)
            await service.stop()
        } catch {
            await service.stop()
            throw error
        }
    }

    /// An inbox without pages would be none; where and how much is what `duplex up` would be told.
    private func pages(_ settings: HostSettings) throws -> HostSettings {
        let sources = SettingSources(
            flags: [:], environment: SettingsFile.environment, file: try SettingsFile.load(option: nil))
        let usual = try sources.settings()
        var settings = settings
        (settings.web, settings.webLimits, settings.uploads) = (usual.web, usual.webLimits, usual.uploads)
        if settings.web == .off { settings.web = .automatic }
        return settings
    }

    /// Nobody means to open a folder that a slip of the finger has made.
    private func refuseMissing() throws(CommandFailure) {
        guard let missing = path.first(where: { !FolderPath.exists($0) }) else { return }
        let shown = VisibleText.escaped(missing)
        throw CommandFailure(
            "cannot make \(shown) an inbox", why: "the folder must exist",
            remedy: "make it with: mkdir -p \(VisibleText.shellQuoted(shown))")
    }

    private func orders(_ paths: [String], _ existing: Torrent?) throws -> [ShareOrder] {
        try paths.map { path in
            var order = ShareOrder(path: try FolderScan.resolve(path))
            order.name = name
            order.scope = `public` || inbox ? .public : .link
            order.inbox = inbox
            order.format = format?.rawValue
            order.pieceLength = pieceLength
            if let existing {
                let place = try ContentLocation(of: existing.info, at: path)
                order.path = place.directory == "/" ? "/" + place.rootName : place.directory + "/" + place.rootName
                order.torrent = Data(existing.encoded()).base64EncodedString()
            }
            return order
        }
    }
}
