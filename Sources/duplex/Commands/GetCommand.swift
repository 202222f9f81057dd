import ArgumentParser
import Host
import Metainfo
import PeerWire
import Storage

/// `duplex get`: fetches a torrent into a folder.
struct GetCommand: AsyncParsableCommand, JSONReporting {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Fetch files by the link that `duplex share` prints, or by a .torrent file.",
        discussion: """
            Every byte is verified. While it is still fetching, this computer already serves what it has. Ctrl-C stops; \
            the same command goes on from there.

            Examples:
              duplex get 'magnet:?xt=…' --to ~/Downloads
              duplex get Lectures.torrent --peer 192.168.1.4:27272 --select '*.pdf'
            """)

    @Argument(help: ArgumentHelp("The magnet link (in single quotes) or the .torrent file.", valueName: "magnet|file"))
    var source: String

    @Option(help: ArgumentHelp("Put the result into this folder (made if missing).", valueName: "dir"))
    var to = "."

    @Option(
        help: ArgumentHelp("Ask this computer too; may be repeated.", valueName: "host:port"),
        transform: OptionParsing.peer)
    var peer: [HostAndPort] = []

    @Option(
        help: ArgumentHelp(
            "Listen on this address; port 0 means any. Without it: all addresses, "
                + "port \(ListenPreference.usualPort) or a free one.",
            valueName: "host:port"),
        transform: OptionParsing.listen)
    var listen: ListenPreference = .automatic

    @Option(help: ArgumentHelp("Fetch only the files that match, such as '*.pdf'; may be repeated.", valueName: "glob"))
    var select: [String] = []

    @Flag(help: "Stay and serve after finishing, until interrupted.")
    var seed = false

    @Option(help: ArgumentHelp("Keep the state for resuming in this folder.", valueName: "dir"))
    var state: String?

    @Flag(help: "Print one JSON object a line.")
    var json = false

    func validate() throws {
        if to.isEmpty { throw ValidationError("--to takes a folder; '.' is the current one") }
    }

    func run() async throws {
        let source = try SourceArgument(source)
        let console = Console(json: json)
        let interrupts = Interrupts(statusWhenRepeated: 130)
        try FolderPath.create(to)
        let peers = try await addresses(of: source, console: console)
        let state = try StateFolder.open(option: state)
        let host = try await HostStart.start(listen: listen, state: state)
        do {
            let request = FetchRequest(source: source, directory: to, peers: peers, select: select, seed: seed)
            var session = GetSession(host: host, request: request, console: console, interrupts: interrupts)
            let outcome = try await session.run()
            if session.id != nil { await host.stop() }
            if outcome == .interrupted { throw ExitCode(130) }
        } catch let status as ExitCode {
            throw status
        } catch {
            console.clearLive()
            await host.stop()
            throw StateFolder.explained(error, in: state)
        }
    }

    /// Those of `--peer`, which must be found, and those names in the link that the host cannot read by itself.
    private func addresses(of source: SourceArgument, console: Console) async throws -> [PeerAddress] {
        var addresses: [PeerAddress] = []
        for peer in peer { addresses += try await peer.resolve() }
        guard case .magnet(let link) = source else { return addresses }
        for text in link.peers where PeerAddress(parsing: text) == nil {
            do {
                guard let peer = HostAndPort(parsing: text) else { continue }
                addresses += try await peer.resolve()
            } catch {
                console.remark("duplex: \(VisibleText.escaped("\(error)"))")
            }
        }
        return addresses
    }
}
