/// The command lines of a run's hosts. Computed without touching anything.
struct HostCommands: Sendable, Equatable {
    let scenario: LabScenario
    let model: DeliveryModel
    /// The run's folder.
    let folder: String
    /// Of the program Duplex itself.
    let duplex: String
    /// Of a Python that has libtorrent; needed only where the scenario asks for libtorrent.
    var python: String?

    static let fileName = "file"

    /// The file that is delivered.
    var original: String { "\(folder)/\(Self.fileName)" }

    /// What a host has received, when it has.
    func received(by host: Int) -> String { "\(folder)/host-\(host)/\(Self.fileName)" }

    private var torrent: String { "\(folder)/file.torrent" }

    /// By client/server nobody may hear of another receiver, so the torrent is private: hosts know whom they are given.
    var create: [String] {
        ["create", original, "-o", torrent, "--json"] + (model == .clientServer ? ["--private"] : [])
    }

    /// Whether the host takes part in this model: client/server knows one server.
    func takesPart(_ host: Int) -> Bool {
        model == .peerToPeer || scenario.hosts[host].role != .dedicated
    }

    func command(of host: Int) -> (path: String, arguments: [String]) {
        let plan = scenario.hosts[host]
        if plan.program == .libtorrent, let python {
            let place = plan.role == .receiver ? "\(folder)/host-\(host)" : folder
            return (
                python,
                ["-c", LibtorrentScript.text, torrent, place, address(of: host)]
                    + (plan.role == .receiver ? peers(of: host) : [])
            )
        }
        let common = ["--listen", address(of: host), "--state", "\(folder)/state-\(host)", "--json"]
        switch plan.role {
        case .source, .dedicated:
            return (duplex, ["share", original, "--torrent", torrent] + common)
        case .receiver:
            return (
                duplex,
                ["get", torrent, "--to", "\(folder)/host-\(host)", "--seed"] + common
                    + peers(of: host).flatMap { ["--peer", $0] }
            )
        }
    }

    /// By client/server the source; otherwise everybody, as a tracker would tell.
    private func peers(of host: Int) -> [String] {
        let others = model == .clientServer ? [0] : scenario.hosts.indices.filter { $0 != host }
        return others.map(address(of:))
    }

    private func address(of host: Int) -> String { "\(RunNames.address(of: host)):\(RunNames.port)" }
}
