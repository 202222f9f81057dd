import ArgumentParser
import Host
import Metainfo
import Storage

/// `duplex share`: offers files and folders until interrupted.
struct ShareCommand: AsyncParsableCommand, JSONReporting {
    static let configuration = CommandConfiguration(
        commandName: "share",
        abstract: "Offer files or folders; prints a link for each.",
        discussion: """
            Whoever has the link can fetch, straight from this computer, until Ctrl-C. Nothing is copied or changed \
            here. What was hashed before and has not changed is not hashed again.

            Example:
              duplex share ~/Lectures
            """)

    @Argument(help: "The files or folders.")
    var path: [String]

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

    @Option(
        help: ArgumentHelp(
            "Listen on this address; port 0 means any. Without it: all addresses, "
                + "port \(ListenPreference.usualPort) or a free one.",
            valueName: "host:port"),
        transform: OptionParsing.listen)
    var listen: ListenPreference = .automatic

    @Option(help: ArgumentHelp("Keep what was hashed in this folder.", valueName: "dir"))
    var state: String?

    @Flag(help: "Print one JSON object a line.")
    var json = false

    func validate() throws {
        guard torrent != nil else { return }
        if path.count > 1 { throw ValidationError("--torrent takes exactly one PATH") }
        if format != nil || pieceLength != nil {
            throw ValidationError("--format and --piece-length cannot be used with --torrent, which fixes both")
        }
    }

    func run() async throws {
        let console = Console(json: json)
        let interrupts = Interrupts(statusWhenRepeated: 0)
        let existing = try torrent.map(SourceArgument.readTorrent)
        let paths = try ShareSession.distinct(path)
        // Before any hashing, so that a port that cannot be had is known at once.
        let state = try StateFolder.open(option: state)
        let host = try await HostStart.start(listen: listen, state: state)
        do {
            let options = CreationOptions(format: format ?? .hybrid, pieceLength: pieceLength)
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
}
