import Metainfo
import PeerWire
import SwarmEngine

/// One transfer of a running host: something that it offers, fetches, or both.
public struct TransferID: Hashable, Sendable {
    let rawValue: Int
}

/// What to fetch.
public enum FetchSource: Sendable {
    case torrent(Torrent)
    case magnet(MagnetLink)

    var hashes: InfoHashes {
        switch self {
        case .torrent(let torrent): torrent.info.hashes
        case .magnet(let link): link.hashes
        }
    }
}

/// A transfer at one moment.
public struct TransferStatus: Sendable, Equatable {
    public enum Phase: Sendable, Equatable {
        /// The description is being fetched from peers.
        case metadata
        /// What is on disk is being verified.
        case checking
        case fetching
        case complete
        /// Storage fails; it is tried again by and by.
        case paused(message: String)
    }

    public var name: String?
    public var phase: Phase
    /// Verified bytes of the files that are wanted.
    public var done: Int64
    /// Bytes of the files that are wanted; 0 while unknown.
    public var total: Int64
    /// Bytes a second.
    public var downRate: Int64
    public var upRate: Int64
    /// Payload bytes since the transfer was added.
    public var downloaded: Int64
    public var uploaded: Int64
    /// Payload bytes that came from another folder of this host and crossed no network; no part of the above.
    public var copied: Int64
    public var peers: Int
    /// Web seeds that are asked for something now.
    public var webSeeds: Int
    /// Peers that are served now.
    public var clients: Int
    /// What went between this host and each other one, gone ones included; those with the most first.
    public var partners: [PartnerTraffic]
}

/// Payload bytes that a host has fetched, and that it has sent.
public struct PayloadTotals: Sendable, Equatable {
    public var downloaded: Int64 = 0
    public var uploaded: Int64 = 0

    mutating func add(_ swarm: SwarmTotals) {
        downloaded += swarm.downloaded
        uploaded += swarm.uploaded
    }
}

/// Payload bytes between this host and another one, over all their connections for a transfer.
public struct PartnerTraffic: Sendable, Equatable {
    /// How the two speak to each other.
    public enum Wire: String, Codable, Sendable, CaseIterable {
        case peer = "bittorrent"
        /// It is a web seed (BEP 19).
        case http
    }

    /// A peer's IP address and port, a web seed's host and port as its address has them.
    public var address: String
    public var wire: Wire
    public var downloaded: Int64
    public var uploaded: Int64

    public init(address: String, wire: Wire = .peer, downloaded: Int64, uploaded: Int64) {
        self.address = address
        self.wire = wire
        self.downloaded = downloaded
        self.uploaded = uploaded
    }
}

/// What happens to a transfer, for whoever waits for it.
public enum TransferEvent: Sendable {
    case metadata(TorrentInfo)
    /// Everything that is wanted is on disk and verified.
    case done(path: String, bytes: Int64, seconds: Double)
    /// Something that the user should know and need not act on.
    case notice(String)
    /// Storage fails. The transfer is paused, what is verified is kept.
    case failed(message: String)
    /// All that was here was deleted or moved away: nothing of it is fetched or served any more.
    case gone(message: String)
}

/// A transfer cannot begin.
public struct TransferError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }

    static let isThereAlready = TransferError(
        "cannot fetch this, it is at that place already and shared from there, choose another folder with --to")
    static let hostStopped = TransferError("cannot go on, the host was stopped, start another one")
}
