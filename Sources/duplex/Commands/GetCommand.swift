import ArgumentParser
import Host
import Metainfo
import PeerWire
import Storage

/// `duplex get`: fetches a torrent into a folder.
struct GetCommand: AsyncParsableCommand, JSONReporting {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Fetch a share by name, files by a link or a .torrent file, or a file of a web server.",
        discussion: """
            Every byte is verified. While it is still fetching, this computer already serves what it has. Ctrl-C stops; \
            the same command goes on from there. With a host running (`duplex up`) that does the work, and serves what \
            is here afterwards, until `duplex end` or `duplex pause`, or until the files are deleted or moved away.

            A file of a web server (http://…) is verified when the server says what it hashes to, and goes on from where \
            it stopped when the server can do that. The address of a .torrent file, or of a share's page, fetches that \
            torrent. https is not there yet.

            What peers do not give comes from the web servers that the torrent or link names (web seeds).

            Examples:
              duplex get anna/Lectures --to ~/Downloads
              duplex get anna/Lectures/week-1/notes.pdf
              duplex get --follow anna/Lectures
              duplex get 'magnet:?xt=…' --to ~/Downloads
              duplex get http://192.168.1.4:8080/s/Lectures/
              duplex get http://server.example/image.iso --to ~/Downloads
              duplex get Lectures.torrent --peer 192.168.1.4:27272 --select '*.pdf'
            """)

    @Argument(
        help: ArgumentHelp(
            "HOST/SHARE, HOST/SHARE/PATH, the magnet link (in single quotes), the .torrent file, or http://…",
            valueName: "share|magnet|file|url"))
    var source: String

    @Option(help: ArgumentHelp("Put the result into this folder (made if missing).", valueName: "dir"))
    var to = "."

    @Option(
        help: ArgumentHelp("Ask this computer too; may be repeated.", valueName: "host:port"),
        transform: OptionParsing.peer)
    var peer: [HostAndPort] = []

    @OptionGroup
    var place: ListenOption

    @Option(help: ArgumentHelp("Fetch only the files that match, such as '*.pdf'; may be repeated.", valueName: "glob"))
    var select: [String] = []

    @Flag(help: "Stay and serve after finishing, until interrupted.")
    var seed = false

    @Flag(
        help: ArgumentHelp(
            "Fetch new versions of the share as they come, until interrupted. A file that you changed is kept beside."))
    var follow = false

    @Option(help: ArgumentHelp("Keep the state for resuming in this folder.", valueName: "dir"))
    var state: String?

    @Flag(help: "Print one JSON object a line.")
    var json = false

    private var listen: ListenPreference? { place.listen }

    func validate() throws {
        if to.isEmpty { throw ValidationError("--to takes a folder; '.' is the current one") }
    }

    func run() async throws {
        var source = try GetSource(source)
        var select = select
        var found: [PeerAddress] = []
        var pagePath: String?
        let console = Console(json: json)
        let interrupts = Interrupts(statusWhenRepeated: 130)
        try FolderPath.create(to)
        let state = try StateFolder.open(option: state)
        let end = GetEnd(console: console, interrupts: interrupts, state: state)
        if case .web(let address) = source {
            switch try await WebSource.open(address, into: to, state: state) {
            case .file(let download):
                try refuseSwarmOptions()
                let request = FetchRequest(source: source, directory: to, peers: [], select: [], seed: false)
                let host = await HostControl.running(with: state).map { HostReports($0, of: download) }
                return try await end.run(request, on: { WebTransfers(download: download, host: host) })
            case .torrent(let torrent, let path, let known):
                found = known
                source = .torrent(torrent)
                if let path, select.isEmpty {
                    select = [FetchOrder.pattern(of: path)]
                    pagePath = path
                }
            }
        }
        let peers = try await addresses(of: source, console: console) + found
        let request = FetchRequest(
            source: source, directory: to, peers: peers, select: select, seed: seed, follow: follow,
            pagePath: pagePath)
        if let control = await HostControl.running(with: state) {
            try HostStart.refuseListen(listen)
            try await end.run(
                request, on: { try await HostTransfers(control) }, again: { await HostControl.running(with: state) })
        } else if case .named = source {
            let service = try await HostStart.service(listen: listen, state: state)
            try await end.run(request, on: { try await HostTransfers(HostControl(service), own: service) })
        } else {
            if follow {
                throw CommandFailure(
                    "cannot follow a link", why: "only a share by name has versions", remedy: "give HOST/SHARE")
            }
            let host = try await HostStart.start(listen: listen ?? .automatic, state: state)
            try await end.run(request, on: { OwnTransfers(host: host) })
        }
    }

    /// A web server's file has no swarm, no parts that could be chosen, and no versions.
    private func refuseSwarmOptions() throws(CommandFailure) {
        let given: [(isGiven: Bool, name: String)] = [
            (follow, "--follow"), (seed, "--seed"), (!peer.isEmpty, "--peer"), (!select.isEmpty, "--select"),
            (listen != nil, "--listen"),
        ]
        guard let option = given.first(where: \.isGiven) else { return }
        throw CommandFailure(
            "cannot use \(option.name) here", why: "it is a single file of a web server",
            remedy: "leave that option out")
    }

    /// Those of `--peer`, which must be found, and those names in the link that the host cannot read by itself.
    private func addresses(of source: GetSource, console: Console) async throws -> [PeerAddress] {
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
