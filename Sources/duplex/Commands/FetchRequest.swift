import Foundation
import Host
import Metainfo
import PeerWire
import Storage

/// What `get` was asked for.
struct FetchRequest: Sendable {
    let source: GetSource
    let directory: String
    let peers: [PeerAddress]
    let select: [String]
    let seed: Bool
    var follow = false
    /// The file or folder of a web page's share that was asked for.
    var pagePath: String?

    var isLink: Bool {
        if case .magnet = source { true } else { false }
    }

    var hasWebSeeds: Bool {
        switch source {
        case .magnet(let link): !link.webSeeds.isEmpty
        case .torrent(let torrent): !torrent.webSeeds.isEmpty
        default: false
        }
    }

    /// Whether it goes on after everything is there.
    var stays: Bool { seed || follow }

    /// The file or folder in the share that was asked for; nil for all of it.
    private var part: String? {
        if case .named(let name) = source { name.path } else { pagePath }
    }

    /// What was asked for, where it is now. The transfer may have brought other parts before.
    func result(_ done: TransferDone) -> TransferDone {
        guard let part else { return done }
        var result = done
        result.path += "/" + part
        result.bytes = min(result.bytes, Self.bytes(at: result.path))
        return result
    }

    /// Of a file, or of all files in a folder.
    private static func bytes(at path: String) -> Int64 {
        if let file = FileStamp(path: path) { return file.size }
        let below = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        return below.reduce(0) { $0 + (FileStamp(path: "\(path)/\($1)")?.size ?? 0) }
    }

    /// Peers that were named, by the user or by the link.
    var knownPeers: [String] {
        var known = peers.map(\.description)
        if case .magnet(let link) = source { known += link.peers.filter { !known.contains($0) } }
        if case .named(let name) = source { known.append(name.host) }
        return known
    }

    /// What to call it as long as nothing better is known.
    var name: String {
        switch source {
        case .web(let address): address
        case .magnet(let link): link.name ?? "(no name yet)"
        case .torrent(let torrent): torrent.info.name
        case .named(let name): name.description
        }
    }

    /// What is to be seen while the host looks at what is on disk.
    var snapshotBeforeStart: TransferSnapshot {
        if case .web(let address) = source {
            var snapshot = TransferSnapshot(name: address, phase: .fetching)
            snapshot.server = address
            return snapshot
        }
        guard case .torrent(let torrent) = source else { return TransferSnapshot(name: name, phase: .metadata) }
        let total = select.isEmpty ? torrent.info.totalSize : 0
        return TransferSnapshot(name: name, phase: .checking, total: total)
    }

    func start(on host: DuplexHost) async throws -> TransferID {
        let source: FetchSource
        switch self.source {
        case .web(let address):
            throw CommandFailure("cannot fetch \(address) as a torrent", why: "it is a file of a web server")
        case .magnet(let link): source = .magnet(link)
        case .torrent(let torrent): source = .torrent(torrent)
        case .named(let name):
            throw CommandFailure("cannot fetch \(name)", why: "names are for hosts that know each other")
        }
        return try await host.fetch(source, into: directory, peers: peers, select: select)
    }

    /// As the control API takes it.
    func order() -> FetchOrder {
        var order = FetchOrder(to: FolderPath.absolute(directory) ?? directory)
        order.peers = peers.map(\.description)
        order.select = select
        order.follow = follow
        switch source {
        // Fetched by the command itself.
        case .web: break
        case .magnet(let link): order.magnet = link.description
        case .torrent(let torrent): order.torrent = Data(torrent.encoded()).base64EncodedString()
        case .named(let name):
            order.host = name.host
            order.share = name.share
            order.path = name.path
        }
        return order
    }
}
