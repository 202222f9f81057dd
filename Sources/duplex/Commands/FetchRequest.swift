import Host
import Metainfo
import PeerWire

/// What `get` was asked for.
struct FetchRequest: Sendable {
    let source: SourceArgument
    let directory: String
    let peers: [PeerAddress]
    let select: [String]
    let seed: Bool

    var isLink: Bool {
        if case .magnet = source { true } else { false }
    }

    /// Peers that were named, by the user or by the link.
    var knownPeers: [String] {
        var known = peers.map(\.description)
        if case .magnet(let link) = source { known += link.peers.filter { !known.contains($0) } }
        return known
    }

    /// What to call it as long as nothing better is known.
    var name: String {
        switch source {
        case .magnet(let link): link.name ?? "(no name yet)"
        case .torrent(let torrent): torrent.info.name
        }
    }

    /// What is to be seen while the host looks at what is on disk.
    var snapshotBeforeStart: TransferSnapshot {
        guard case .torrent(let torrent) = source else { return TransferSnapshot(name: name, phase: .metadata) }
        let total = select.isEmpty ? torrent.info.totalSize : 0
        return TransferSnapshot(name: name, phase: .checking, total: total)
    }

    func start(on host: DuplexHost) async throws -> TransferID {
        let source: FetchSource =
            switch source {
            case .magnet(let link): .magnet(link)
            case .torrent(let torrent): .torrent(torrent)
            }
        return try await host.fetch(source, into: directory, peers: peers, select: select)
    }
}
